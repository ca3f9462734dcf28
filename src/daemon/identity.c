/*
 *   ask ──(a role in use)──────────────────────────────────────────► GetCallerIdentity ──► answered
 *    └────(none, or it is not this person's)──► accounts ──► roles of the first one ──▲
 */
#include "daemon/identity.h"

#include <stdlib.h>
#include <string.h>

#include "aws/sts.h"
#include "base/clock.h"
#include "base/list.h"
#include "base/xalloc.h"
#include "daemon/aws_call.h"
#include "daemon/listing.h"
#include "daemon/timer.h"

#define DEADLINE_USEC (5 * USEC_PER_SEC)

struct identities {
	struct session_deps deps;
	struct roles *roles;                    /* main's */
	const struct endpoint_options *options; /* main's */
	struct list all;                        /* struct identity, by .link */
};

struct identity {
	struct list link;
	struct identities *identities;
	struct session *session; /* sessions' */
	int64_t signed_in_at;    /* of the sign-in that user belongs to */
	char *user;              /* or NULL */

	struct list asks; /* struct identity_ask, by .link */
	struct listing *listing;
	struct aws_call *call;
	sd_event_source *deadline;
	char *account_id, *role_name;
	bool was_in_use; /* that role, under an earlier sign-in; whoever signed in now may not have it */
};

struct identity_ask {
	struct list link;
	struct identity *identity; /* NULL once answered */
	identity_fn fn;
	void *userdata;
};

struct identities *identities_new(const struct session_deps *deps, struct roles *roles,
				  const struct endpoint_options *options)
{
	struct identities *identities = xcalloc(1, sizeof(*identities));

	identities->deps = *deps;
	identities->roles = roles;
	identities->options = options;
	list_init(&identities->all);
	return identities;
}

static void stop(struct identity *identity)
{
	identity->listing = listing_free(identity->listing);
	identity->call = aws_call_free(identity->call);
	timer_disarm(&identity->deadline);
	xstrdup_to(&identity->account_id, NULL);
	xstrdup_to(&identity->role_name, NULL);
}

static struct identity *find(const struct identities *identities, const struct session *session)
{
	struct identity *identity;

	list_for_each (identity, &identities->all, struct identity, link) {
		if (identity->session == session)
			return identity;
	}
	return NULL;
}

static int64_t signed_in_at(const struct session *session)
{
	struct session_status status;

	session_get_status(session, &status);
	return status.signed_in_at;
}

const char *identity_known(const struct identities *identities, const struct session *session)
{
	const struct identity *identity = find(identities, session);

	return identity && identity->signed_in_at == signed_in_at(session) ? identity->user : NULL;
}

static void answer(struct identity *identity)
{
	struct identity_ask *ask;
	struct list asks;

	stop(identity);
	list_init(&asks);
	list_splice(&asks, &identity->asks);
	while ((ask = list_first(&asks, struct identity_ask, link))) {
		list_remove(&ask->link);
		ask->identity = NULL;
		ask->fn(identity->user, ask->userdata);
	}
}

void identities_stop(struct identities *identities)
{
	struct identity *identity;

	list_for_each (identity, &identities->all, struct identity, link) {
		if (identity->deadline)
			answer(identity);
	}
}

static int on_deadline(sd_event_source *source, uint64_t usec, void *userdata)
{
	(void)source;
	(void)usec;
	answer(userdata);
	return 0;
}

/* ---- in the order in which it runs ---- */

static void ask_for_accounts(struct identity *identity);

static void on_caller_identity(json_t *document, const struct error *err, void *userdata)
{
	struct identity *identity = userdata;
	const char *arn = json_string_value(json_object_get(document, "Arn"));

	if (err && identity->was_in_use) {
		identity->call = aws_call_free(identity->call);
		ask_for_accounts(identity);
		return;
	}
	/* A name is a kindness: without one the sign-in is as good. */
	free(identity->user);
	identity->user = arn ? sts_user_of_arn(arn) : NULL;
	answer(identity);
}

static void ask_sts(struct identity *identity)
{
	const struct sso_session *definition = session_definition(identity->session);
	const struct caller caller = {.is_iamicd = true, .listener = "sign-in"};
	const struct role_wish wish = {
		.role = {.session = identity->session,
			 .account_id = identity->account_id,
			 .role_name = identity->role_name},
		.deadline_usec = clock_boot_usec() + DEADLINE_USEC,
	};
	_cleanup_free_ char *endpoint = NULL;
	struct error err;

	if (!endpoint_url(AWS_STS, definition->region, identity->identities->options, &definition->endpoints,
			  &endpoint, &err)) {
		answer(identity);
		return;
	}
	identity->call =
		aws_call_start(identity->identities->roles, &identity->identities->deps, &caller, &wish,
			       &(struct aws_call_spec){.kind = &aws_call_caller_identity,
						       .region = definition->region,
						       .endpoint = endpoint},
			       on_caller_identity, identity);
}

static void on_roles(json_t *items, bool has_more, const struct error *err, void *userdata)
{
	struct identity *identity = userdata;
	const char *name = json_string_value(json_object_get(json_array_get(items, 0), "roleName"));

	if (!name && has_more && !err) { /* an empty page */
		listing_next(identity->listing);
		return;
	}
	xstrdup_to(&identity->role_name, name);
	identity->listing = listing_free(identity->listing);
	if (identity->role_name)
		ask_sts(identity);
	else
		answer(identity);
}

static void on_accounts(json_t *items, bool has_more, const struct error *err, void *userdata)
{
	struct identity *identity = userdata;
	const char *id = json_string_value(json_object_get(json_array_get(items, 0), "accountId"));

	if (!id && has_more && !err) { /* an empty page */
		listing_next(identity->listing);
		return;
	}
	xstrdup_to(&identity->account_id, id);
	identity->listing = listing_free(identity->listing);
	if (identity->account_id)
		identity->listing = listing_start(&identity->identities->deps, identity->session,
						  identity->account_id, on_roles, identity);
	else
		answer(identity);
}

static void ask_for_accounts(struct identity *identity)
{
	identity->was_in_use = false;
	identity->listing =
		listing_start(&identity->identities->deps, identity->session, NULL, on_accounts, identity);
}

static void begin(struct identity *identity)
{
	const struct session_deps *deps = &identity->identities->deps;
	struct role_status role;

	stop(identity);
	xstrdup_to(&identity->user, NULL);
	identity->signed_in_at = signed_in_at(identity->session);
	timer_arm(deps->event, &identity->deadline, clock_boot_usec() + DEADLINE_USEC, on_deadline, identity);
	if (!roles_last_used(identity->identities->roles, identity->session, &role)) {
		ask_for_accounts(identity);
		return;
	}
	identity->was_in_use = true;
	identity->account_id = xstrdup(role.account_id);
	identity->role_name = xstrdup(role.role_name);
	ask_sts(identity);
}

static int on_known(sd_event_source *source, void *userdata)
{
	(void)source;
	answer(userdata);
	return 0;
}

struct identity_ask *identity_ask(struct identities *identities, struct session *session, identity_fn fn,
				  void *userdata)
{
	struct identity *identity = find(identities, session);
	struct identity_ask *ask = xcalloc(1, sizeof(*ask));

	if (!identity) {
		identity = xcalloc(1, sizeof(*identity));
		identity->identities = identities;
		identity->session = session;
		list_init(&identity->asks);
		list_append(&identities->all, &identity->link);
	}
	*ask = (struct identity_ask){.identity = identity, .fn = fn, .userdata = userdata};
	list_append(&identity->asks, &ask->link);
	if (identity->deadline && identity->signed_in_at == signed_in_at(session))
		return ask; /* being asked already */
	if (identity_known(identities, session))
		timer_defer(identities->deps.event, &identity->deadline, on_known, identity);
	else
		begin(identity);
	return ask;
}

struct identity_ask *identity_ask_free(struct identity_ask *ask)
{
	if (!ask)
		return NULL;
	if (ask->identity)
		list_remove(&ask->link);
	free(ask);
	return NULL;
}
