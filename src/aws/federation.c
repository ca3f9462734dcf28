#include "aws/federation.h"

#include "aws/credentials.h"
#include "aws/reply.h"
#include "aws/url.h"
#include "base/json.h"
#include "base/xalloc.h"

#define SESSION_MAX (32 * 1024)
#define BODY_MAX    (3 * SESSION_MAX + 64)

static const char get_signin_token[] = "getSigninToken";

/* In memory like that of out. */
static bool append_session(struct buffer *out, const struct role_keys *keys)
{
	_cleanup_(buffer_clearp) struct buffer session = BUFFER_INIT(SESSION_MAX, out->memory);
	_cleanup_json_ json_t *json = json_pack_secret(
		"{s:s, s:s, s:s}", "sessionId", secret_text(keys->access_key_id), "sessionKey",
		secret_text(keys->secret_access_key), "sessionToken", secret_text(keys->session_token));

	return json && json_append(&session, json) && url_append_encoded(out, session.data);
}

static bool write_body(struct aws_request *request, const struct buffer_memory *memory,
		       const struct role_keys *keys)
{
	request->body = BUFFER_INIT(BODY_MAX, memory);
	if (buffer_append_text(&request->body, "Action=getSigninToken&Session=") &&
	    append_session(&request->body, keys))
		return true;
	buffer_clear(&request->body);
	return false;
}

/* Where roles fill the arena the body is in heap that is erased; one that is too long stays empty, and AWS
 * refuses it. */
void federation_write_signin_token(struct aws_request *ret, const char *endpoint,
				   struct role_keys *keys_taken)
{
	_cleanup_(role_keys_freep) struct role_keys *keys = keys_taken;

	*ret = (struct aws_request){
		.operation = get_signin_token,
		.is_post = true,
		.url = xasprintf("%s/federation", endpoint),
		.content_type = "application/x-www-form-urlencoded",
		.is_idempotent = true,
		.is_reply_secret = true,
	};
	if (!write_body(ret, &secret_memory, keys))
		(void)!write_body(ret, &buffer_heap, keys);
}

bool federation_read_signin_token(const struct aws_reply *reply, json_t **ret, struct error *err)
{
	_cleanup_json_ json_t *body = NULL;
	struct aws_fault fault;

	if (reply->status != 200) {
		aws_fault_read(reply, &fault);
		if (fault.name[0] && !reply_is_passing_trouble(reply, &fault))
			reply_explain(reply, &fault, get_signin_token, ERROR_DENIED,
				      "the console takes no such credentials: use another role", err);
		else
			reply_explain_unknown(reply, &fault, get_signin_token, err);
		return false;
	}
	if (!reply_parse_secret(reply, get_signin_token, &body, err))
		return false;
	struct members members = {.object = body};
	secret_free(member_secret(&members, "SigninToken"));
	if (!reply_members_are_usable(&members, get_signin_token, err))
		return false;
	*ret = TAKE(body);
	return true;
}

bool federation_append_link(struct buffer *out, const char *endpoint, const char *issuer,
			    const char *destination, const json_t *token)
{
	const char *text = json_string_value(json_object_get(token, "SigninToken"));

	return buffer_append_text(out, endpoint) &&
	       buffer_append_text(out, "/federation?Action=login&Issuer=") &&
	       url_append_encoded(out, issuer) && buffer_append_text(out, "&Destination=") &&
	       url_append_encoded(out, destination) && buffer_append_text(out, "&SigninToken=") &&
	       url_append_encoded(out, text);
}
