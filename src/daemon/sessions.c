#include "daemon/sessions.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "daemon/session_private.h"

/* Clients may propose sessions that no file names: what they leave behind has an end. */
#define SESSIONS_MAX 1024

struct sessions {
	struct session_deps deps;
	const struct endpoint_options *options; /* main's */
	struct list all;                        /* struct session, by .link */
	unsigned n;
};

struct sessions *sessions_new(const struct session_deps *deps, const struct endpoint_options *options)
{
	struct sessions *sessions = xcalloc(1, sizeof(*sessions));

	sessions->deps = *deps;
	sessions->options = options;
	list_init(&sessions->all);
	return sessions;
}

static bool have_same_scopes(char *const *a, char *const *b)
{
	while (*a && *b && strcmp(*a, *b) == 0)
		a++, b++;
	return !*a && !*b;
}

static bool is_same(const struct sso_session *a, const struct sso_session *b)
{
	return strcmp(a->name, b->name) == 0 && strcmp(a->start_url, b->start_url) == 0 &&
	       strcmp(a->region, b->region) == 0 && have_same_scopes(a->scopes, b->scopes);
}

static struct session *find(const struct sessions *sessions, const struct sso_session *definition,
			    const char *oidc_url, const char *portal_url)
{
	struct session *session;

	list_for_each (session, &sessions->all, struct session, link) {
		if (!session->is_replaced && is_same(session->definition, definition) &&
		    strcmp(session->oidc_url, oidc_url) == 0 && strcmp(session->portal_url, portal_url) == 0)
			return session;
	}
	return NULL;
}

static void add(struct sessions *sessions, struct session *session)
{
	struct session *other;

	list_for_each (other, &sessions->all, struct session, link) {
		if (session_is_namesake(other, session)) {
			list_append(&other->namesakes, &session->namesakes);
			break;
		}
	}
	list_append(&sessions->all, &session->link);
	sessions->n++;
}

/* What does not make it another session may have changed as well. */
static void take_over(struct sso_session *to, struct sso_session *from)
{
	const struct endpoint_options endpoints = to->endpoints;

	to->endpoints = from->endpoints;
	from->endpoints = endpoints;
	to->redirect_port = from->redirect_port;
	to->use_device_code = from->use_device_code;
}

bool sessions_get(struct sessions *sessions, struct sso_session *definition_taken, struct session **ret,
		  struct error *err)
{
	_cleanup_(sso_session_freep) struct sso_session *definition = definition_taken;
	_cleanup_free_ char *oidc_url = NULL, *portal_url = NULL;
	struct session *session;

	if (!endpoint_oidc_url(definition->start_url, definition->region, sessions->options,
			       &definition->endpoints, &oidc_url, err) ||
	    !endpoint_url(AWS_SSO, definition->region, sessions->options, &definition->endpoints, &portal_url,
			  err))
		return error_prefix(err, "%s: session '%s'", definition->where, definition->name);
	session = find(sessions, definition, oidc_url, portal_url);
	if (session) {
		take_over(session->definition, definition);
	} else if (sessions->n >= SESSIONS_MAX) {
		return error_set(err, ERROR_UNAVAILABLE,
				 "iamicd has had %d sessions by now: end it ('kill %d'), and try again",
				 SESSIONS_MAX, getpid());
	} else {
		session = session_new(&sessions->deps, TAKE(definition), oidc_url, portal_url);
		add(sessions, session);
	}
	*ret = session;
	return true;
}

void sessions_store_unlocked(struct sessions *sessions)
{
	struct session *session;

	list_for_each (session, &sessions->all, struct session, link) {
		if (session->state == SESSION_LOADING && !session->store_operation && !session->is_leaving)
			session_load(session);
		else if (session->state == SESSION_READY && !session->store_operation)
			session_keep(session);
	}
}

void sessions_keep_unsaved(struct sessions *sessions)
{
	struct session *session;

	list_for_each (session, &sessions->all, struct session, link) {
		if (session->token && session->is_unsaved && !session->store_operation)
			session_keep(session);
	}
}

void sessions_foretell_again(struct sessions *sessions)
{
	struct session *session;

	list_for_each (session, &sessions->all, struct session, link)
		session_arm_reminder(session);
}

void sessions_try_again(struct sessions *sessions)
{
	struct session *session;

	list_for_each (session, &sessions->all, struct session, link) {
		if (session->state != SESSION_READY)
			continue;
		session->n_postponed = 0;
		session_arm_timer(session);
	}
}

void sessions_store_moved(struct sessions *sessions)
{
	struct session *session;

	list_for_each (session, &sessions->all, struct session, link) {
		if (session->state == SESSION_READY)
			session_keep(session);
	}
}

bool sessions_are_signing_in(const struct sessions *sessions)
{
	struct session_status status;
	struct session *session;

	list_for_each (session, &sessions->all, struct session, link) {
		session_get_status(session, &status);
		if (status.state == SESSION_SIGNING_IN)
			return true;
	}
	return false;
}

void sessions_lock(struct sessions *sessions)
{
	struct session *session;

	list_for_each (session, &sessions->all, struct session, link)
		session_lock(session);
}

void sessions_unlock(struct sessions *sessions)
{
	struct session *session;

	list_for_each (session, &sessions->all, struct session, link)
		session_unlock(session);
}

void sessions_visit_lost(const struct sessions *sessions, void (*fn)(const char *name, void *userdata),
			 void *userdata)
{
	const struct session *session;

	list_for_each (session, &sessions->all, const struct session, link) {
		if (session_is_lost(session))
			fn(session_name(session), userdata);
	}
}
