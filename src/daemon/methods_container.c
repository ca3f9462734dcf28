/* ServeRole: the endpoint is opened once what it serves is warm. */
#include <stdlib.h>

#include "base/json.h"
#include "base/xalloc.h"
#include "daemon/container.h"
#include "daemon/methods_private.h"

#define REPLY_MAX 1024

static void on_granted(struct call *call, const struct granted_role *grant)
{
	_cleanup_(buffer_clearp) struct buffer text = BUFFER_INIT(REPLY_MAX, &secret_memory);
	_cleanup_json_ json_t *document = NULL;
	_cleanup_free_ char *url = NULL;
	const struct secret *token;
	struct error err;

	const struct role_key role = role_key_of(grant->session, grant->role);
	const struct target fixed = {
		.session = session_name(grant->session),
		.account_id = grant->role->account_id,
		.role_name = grant->role->role_name,
	};

	if (!containers_open(grant->agent->containers, call_pid(call),
			     grant->role->assumed ? &grant->target : &fixed, &role, &url, &token, &err)) {
		call_fail(call, &err, NULL); /* nothing after this line */
		return;
	}
	document = json_pack_secret("{s:s, s:s}", "url", url, "token", secret_text(token));
	if (document && json_append(&text, document)) {
		call_reply_secret(call, text.data, text.len); /* nothing after this line */
		return;
	}
	error_set(&err, ERROR_UNAVAILABLE, "too many roles in use: try again");
	call_fail(call, &err, NULL); /* nothing after this line */
}

void method_serve_role(struct call *call, const json_t *parameters)
{
	struct target ignored;

	if (parameters_read(call, parameters, "{s:{" TARGET_FORMAT "}}", "target", TARGET_SLOTS(&ignored)))
		call_with_role(call, parameters, true, on_granted);
}
