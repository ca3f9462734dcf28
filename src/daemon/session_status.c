/* What is said of a session: where it stands, and what a person is to do. */
#include <string.h>

#include "base/text.h"
#include "base/xalloc.h"
#include "daemon/session_private.h"

#define URL_SHOWN_MAX 256 /* a longer one does not fit into a message */

void session_get_status(const struct session *session, struct session_status *ret)
{
	*ret = (struct session_status){
		.state = session->state,
		.last_error = session->last_error.kind ? session->last_error.message : NULL,
	};
	if (session->token) {
		ret->expires = session->token->expires_at;
		ret->refresh_at = session->refresh_at;
		ret->signed_in_at = session->token->signed_in_at;
	}
	if (session->prompt) {
		ret->open_url = session->prompt->open_url;
		ret->code = session->prompt->code;
	}
}

void session_explain_silence(const struct session *session, struct error *err)
{
	bool waits_for_oidc = session->state == SESSION_REFRESHING || session->state == SESSION_SIGNING_IN;

	upstream_explain_silence(session->deps.upstream,
				 waits_for_oidc ? session->oidc_url : session->portal_url, err);
	error_prefix(err, "session '%s'", session_name(session));
}

void session_require_login(const struct session *session, struct error *err)
{
	const char *name = session_name(session);
	_cleanup_free_ char *command = command_to_type("iamic-login", name);
	struct session_status status;

	session_get_status(session, &status);
	if (session->state != SESSION_SIGNING_IN)
		error_set(err, ERROR_LOGIN_REQUIRED, "session '%s' is signed out: run %s", name, command);
	else if (!status.open_url || !status.code || strlen(status.open_url) > URL_SHOWN_MAX)
		error_set(err, ERROR_LOGIN_REQUIRED, "session '%s' is being signed in to: to go on, run %s",
			  name, command);
	else if (session->is_unattended)
		error_set(err, ERROR_LOGIN_REQUIRED,
			  "session '%s' is signed out: open %s and approve %s, then try again", name,
			  status.open_url, status.code);
	else
		error_set(err, ERROR_LOGIN_REQUIRED,
			  "session '%s' is being signed in to: approve %s at %s, or run %s", name,
			  status.code, status.open_url, command);
	text_make_message(err->message);
}

bool session_is_signed_out(const struct session *session, struct error *err)
{
	if (session->state != SESSION_SIGNED_OUT && session->state != SESSION_SIGNING_IN)
		return false;
	session_require_login(session, err);
	return true;
}
