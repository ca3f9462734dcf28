/* Taking over what the AWS CLI has signed in to. */
#include <string.h>

#include "aws/oidc.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "daemon/session_private.h"

/* Scopes and flow of the AWS CLI's client are not known, so no sign-in of ours is begun with it: no wish has
 * these. */
#define SCOPES_UNKNOWN "-"

static bool check(const struct session *session, const struct cli_token *found, struct error *err)
{
	_cleanup_free_ char *command = command_to_type("iamic-login", session_name(session));

	if (session->state != SESSION_SIGNED_OUT)
		return error_set(err, ERROR_INTERNAL, "session '%s' is not signed out",
				 session_name(session));
	if (strcmp(found->start_url, session->definition->start_url) != 0 ||
	    strcmp(found->region, session->definition->region) != 0)
		return error_set(err, ERROR_CONFIG,
				 "session '%s': the AWS CLI's sign-in is to another start URL or region: run "
				 "%s",
				 session_name(session), command);
	if (found->expires_at > aws_clock_now(session->deps.clock) || found->refresh_token)
		return true;
	return error_set(err, ERROR_LOGIN_REQUIRED, "session '%s': the AWS CLI's sign-in has ended: run %s",
			 session_name(session), command);
}

static void take_registration(struct session *session, struct cli_token *found)
{
	struct registration **registration = &session->registrations.of[session->flow];

	*registration = registration_free(*registration);
	if (!found->client_id)
		return;
	*registration = xcalloc(1, sizeof(**registration));
	(*registration)->client_id = TAKE(found->client_id);
	(*registration)->client_secret = TAKE(found->client_secret);
	(*registration)->expires_at = found->registration_expires_at;
	(*registration)->scopes = xstrdup(SCOPES_UNKNOWN);
	(*registration)->oidc_origin = xstrdup(session->oidc_origin);
}

/* One that has expired is refreshed a second from now. */
bool session_take_over(struct session *session, struct cli_token *found, struct error *err)
{
	int64_t left_s = found->expires_at - aws_clock_now(session->deps.clock);
	struct oidc_tokens tokens;

	if (!check(session, found, err))
		return false;
	session_stop(session);
	xstrdup_to(&session->login_warning, NULL);
	session->flow = FLOW_BROWSER;
	session->is_unattended = false;
	take_registration(session, found);
	tokens = (struct oidc_tokens){
		.access_token = TAKE(found->access_token),
		.refresh_token = TAKE(found->refresh_token),
		.expires_in_s = left_s > 1 ? left_s : 1,
	};
	session_move(session, SESSION_EVENT_SIGN_IN_BEGUN);
	session_accept(session, &tokens);
	session->unsaved->signed_in_at = 0; /* the file does not say when */
	oidc_tokens_done(&tokens);
	return true;
}
