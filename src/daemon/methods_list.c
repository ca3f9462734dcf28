/*
 * ListAccounts and ListRoles: a reply a page for those who want more, everything in one for the others; and
 * from memory for those who say that it may be a little old.
 */
#include <stdlib.h>

#include "base/xalloc.h"
#include "daemon/list_memory.h"
#include "daemon/listing.h"
#include "daemon/methods_private.h"

#define ITEMS_MAX 50000 /* in one reply; more would pass its 4 MiB anyway */

struct list_call {
	struct call *call;
	struct session *session; /* sessions' */
	const char *member;      /* "accounts" or "roles" */
	char *account_id;        /* of roles; or NULL */
	uint64_t sign_in;        /* the session's generation when it began */
	struct listing *listing;
	json_t *collected; /* for a caller who does not want more, and for the memory */
};

static void list_call_release(void *held)
{
	struct list_call *list = held;

	listing_free(list->listing);
	json_decref(list->collected);
	free(list->account_id);
	free(list);
}

/* What goes on page by page is gathered for the memory alone, as far as that would take it. */
static void collect(struct list_call *list, json_t *items, bool has_more)
{
	struct agent *agent = call_userdata(list->call);
	size_t max = call_wants_more(list->call) ? LIST_MEMORY_MAX : ITEMS_MAX;

	if (json_array_size(list->collected) <= max)
		json_array_extend(list->collected, items);
	if (!has_more)
		list_memory_keep(agent->lists, list->session, list->sign_in, list->account_id,
				 list->collected);
}

static void reply_in_one(const struct list_call *list, bool has_more)
{
	struct error err;

	if (json_array_size(list->collected) > ITEMS_MAX) {
		error_set(&err, ERROR_UNAVAILABLE,
			  "session '%s': more than %d %s: ask for them page by page ('more')",
			  session_name(list->session), ITEMS_MAX, list->member);
		call_fail(list->call, &err, NULL); /* nothing after this line */
	} else if (!has_more) {
		call_reply(list->call,
			   json_pack("{s:O}", list->member, list->collected)); /* nothing after this line */
	}
}

static void on_room(struct call *call)
{
	const struct list_call *list = call_held(call);

	listing_next(list->listing);
}

/* While the page before it is sent, unless the client is too far behind for that. */
static void fetch_next(const struct list_call *list)
{
	if (call_wants_more(list->call) && !call_has_room(list->call))
		call_await_room(list->call, on_room);
	else
		listing_next(list->listing);
}

static void on_page(json_t *items, bool has_more, const struct error *err, void *userdata)
{
	struct list_call *list = userdata;

	if (!err)
		collect(list, items, has_more);
	if (has_more)
		fetch_next(list);
	if (err)
		call_fail(list->call, err,
			  session_error_members(list->session, err)); /* nothing after this line */
	else if (!call_wants_more(list->call))
		reply_in_one(list, has_more); /* nothing after this line */
	else if (has_more)
		call_continue(list->call,
			      json_pack("{s:O}", list->member, items)); /* nothing after this line */
	else
		call_reply(list->call, json_pack("{s:O}", list->member, items)); /* nothing after this line */
}

static const char *member_of(const char *account_id)
{
	return account_id ? "roles" : "accounts";
}

/* NULL: AWS is to be asked. */
static json_t *remembered(const struct agent *agent, const struct session *session, const char *account_id,
			  json_int_t max_age_s)
{
	struct error ignored;

	return session_is_signed_out(session, &ignored)
		       ? NULL
		       : list_memory_find(agent->lists, session, account_id, max_age_s);
}

static void list_anew(struct call *call, struct session *session, const char *account_id)
{
	struct agent *agent = call_userdata(call);
	struct list_call *list = xcalloc(1, sizeof(*list));

	*list = (struct list_call){
		.call = call,
		.session = session,
		.member = member_of(account_id),
		.account_id = xstrdup_or_null(account_id),
		.sign_in = session_sign_in_generation(session),
		.collected = json_array(),
	};
	call_hold(call, list_call_release, list);
	list->listing = listing_start(&agent->deps, session, account_id, on_page, list);
}

static void start(struct call *call, const struct session_proposal *wanted, const char *account_id,
		  json_int_t max_age_s)
{
	struct agent *agent = call_userdata(call);
	struct session *session;
	struct error err;
	json_t *items;

	if (!agent_session(agent, wanted, &session, &err)) {
		call_fail(call, &err, NULL);
		return;
	}
	items = remembered(agent, session, account_id, max_age_s);
	if (items)
		call_reply(call, json_pack("{s:O}", member_of(account_id), items));
	else
		list_anew(call, session, account_id);
}

void method_list_accounts(struct call *call, const json_t *parameters)
{
	struct session_proposal wanted = {0};
	json_int_t max_age_s = 0;

	if (parameters_read(call, parameters, "{" SESSION_FORMAT ", s?I}", SESSION_SLOTS(&wanted), "maxAge",
			    &max_age_s))
		start(call, &wanted, NULL, max_age_s);
}

void method_list_roles(struct call *call, const json_t *parameters)
{
	struct session_proposal wanted = {0};
	json_int_t max_age_s = 0;
	const char *account_id;
	struct error err;

	if (!parameters_read(call, parameters, "{" SESSION_FORMAT ", s:s, s?I}", SESSION_SLOTS(&wanted),
			     "accountId", &account_id, "maxAge", &max_age_s))
		return;
	if (account_id_is_valid(account_id)) {
		start(call, &wanted, account_id, max_age_s);
		return;
	}
	error_set(&err, ERROR_CONFIG, "account id '%.32s' is not 12 digits", account_id);
	call_fail(call, &err, NULL);
}
