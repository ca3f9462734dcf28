#include "aws/request.h"

#include <stdlib.h>
#include <string.h>

#include "aws/credentials.h"
#include "base/json.h"
#include "base/text.h"

/* No word of a message for people is that long, role ARNs included; access and refresh tokens are longer. */
#define TOKEN_LEN_MIN 100

void aws_signature_done(struct aws_signature *signature)
{
	free(signature->host);
	free(signature->date);
	free(signature->authorization);
	*signature = (struct aws_signature){0};
}

void aws_request_done(struct aws_request *request)
{
	aws_signature_done(&request->signature);
	free(request->url);
	free(request->target);
	if (request->body.memory)
		buffer_clear(&request->body);
	secret_free(request->bearer);
	role_keys_free(request->sign_with);
	free(request->sign_region);
	*request = (struct aws_request){0};
}

/* "com.amazonaws.sso#SlowDownException:http://…" is SlowDownException; what no name can be is none. */
static bool take_name(const char *text, char *ret, size_t size)
{
	size_t len = strcspn(text, ":");
	const char *hash = memrchr(text, '#', len);

	if (hash) {
		len -= (size_t)(hash + 1 - text);
		text = hash + 1;
	}
	if (len == 0 || len >= size ||
	    strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") < len)
		return false;
	memcpy(ret, text, len);
	ret[len] = '\0';
	return true;
}

/* The error member of OIDC's replies, from its model's documentation. */
static const char *exception_of(const char *error)
{
	static const struct {
		const char *error, *exception;
	} names[] = {
		{"authorization_pending", "AuthorizationPendingException"},
		{"slow_down", "SlowDownException"},
		{"expired_token", "ExpiredTokenException"},
		{"access_denied", "AccessDeniedException"},
		{"invalid_request", "InvalidRequestException"},
		{"invalid_grant", "InvalidGrantException"},
		{"invalid_client", "InvalidClientException"},
		{"unauthorized_client", "UnauthorizedClientException"},
		{"unsupported_grant_type", "UnsupportedGrantTypeException"},
		{"invalid_scope", "InvalidScopeException"},
		{"invalid_client_metadata", "InvalidClientMetadataException"},
		{"invalid_redirect_uri", "InvalidRedirectUriException"},
		{"server_error", "InternalServerException"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcmp(error, names[i].error) == 0)
			return names[i].exception;
	}
	return error;
}

static void read_name(const struct aws_reply *reply, const json_t *body, struct aws_fault *ret)
{
	static const char *const members[] = {"__type", "code", "Code"};
	const char *error;

	if (reply->error_type && take_name(reply->error_type, ret->name, sizeof(ret->name)))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		const char *text = json_string_value(json_object_get(body, members[i]));

		if (text && take_name(text, ret->name, sizeof(ret->name)))
			return;
	}
	error = json_string_value(json_object_get(body, "error"));
	if (error)
		take_name(exception_of(error), ret->name, sizeof(ret->name));
}

/* Copies text without the runs that could be a token that somebody quotes. */
static void copy_words(const char *text, char *ret, size_t size)
{
	size_t n = 0;

	while (*text && n < size - 1) {
		size_t run = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
					  "+/=-_.~%");

		if (run >= TOKEN_LEN_MIN) {
			text += run;
			ret[n++] = '*';
		} else {
			for (run = run ? run : 1; run > 0 && n < size - 1; run--)
				ret[n++] = *text++;
		}
	}
	ret[n] = '\0';
}

/* A character that was cut in two would be shown as a fault of the text. */
static void drop_half_character(char *text)
{
	size_t len = strlen(text), start = len;

	while (start > 0 && ((unsigned char)text[start - 1] & 0xc0) == 0x80)
		start--;
	if (start > 0 && (unsigned char)text[start - 1] >= 0xc0 &&
	    !utf8_is_valid(text + start - 1, len - start + 1))
		text[start - 1] = '\0';
}

static void set_message(struct aws_fault *fault, const char *text)
{
	copy_words(text, fault->message, sizeof(fault->message));
	drop_half_character(fault->message);
	text_make_message(fault->message);
}

static void read_message(const json_t *body, struct aws_fault *ret)
{
	static const char *const members[] = {"message", "Message", "error_description"};

	for (size_t i = 0; i < ARRAY_SIZE(members) && !ret->message[0]; i++) {
		const char *text = json_string_value(json_object_get(body, members[i]));

		if (text)
			set_message(ret, text);
	}
}

void aws_fault_read(const struct aws_reply *reply, struct aws_fault *ret)
{
	_cleanup_json_ json_t *body = NULL;
	struct error not_json;
	const char *reason;

	*ret = (struct aws_fault){0};
	if (!json_parse_secret(reply->body, reply->body_len, "the reply", &body, &not_json))
		body = NULL;
	read_name(reply, body, ret);
	read_message(body, ret);
	reason = json_string_value(json_object_get(body, "reason"));
	if (reason)
		take_name(reason, ret->reason, sizeof(ret->reason));
}

void aws_fault_set(struct aws_fault *ret, const char *name, const char *message)
{
	*ret = (struct aws_fault){0};
	take_name(name, ret->name, sizeof(ret->name));
	set_message(ret, message);
}
