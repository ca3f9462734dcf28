#include "aws/reply.h"

#include <string.h>
#include <strings.h>

#include "base/json.h"

static const char *first_word(const struct aws_reply *reply)
{
	return reply->body + strspn(reply->body, " \t\r\n");
}

bool reply_is_html(const struct aws_reply *reply)
{
	const char *first = first_word(reply);

	return (reply->content_type &&
		strncasecmp(reply->content_type, "text/html", strlen("text/html")) == 0) ||
	       strncasecmp(first, "<!doctype html", strlen("<!doctype html")) == 0 ||
	       strncasecmp(first, "<html", strlen("<html")) == 0;
}

bool reply_is_web_page(const struct aws_reply *reply, const struct aws_fault *fault)
{
	return !fault->name[0] && (first_word(reply)[0] == '<' || reply_is_html(reply));
}

static bool is_throttling(const struct aws_fault *fault)
{
	return strcmp(fault->name, "ThrottlingException") == 0 ||
	       strcmp(fault->name, "TooManyRequestsException") == 0;
}

bool reply_is_passing_trouble(const struct aws_reply *reply, const struct aws_fault *fault)
{
	return reply->status == 429 || reply->status >= 500 ||
	       strcmp(fault->name, "InternalServerException") == 0 || is_throttling(fault);
}

bool reply_is_throttled(const struct aws_reply *reply)
{
	struct aws_fault fault;

	if (reply->status != 400)
		return reply->status == 429;
	aws_fault_read(reply, &fault);
	return is_throttling(&fault);
}

void reply_explain(const struct aws_reply *reply, const struct aws_fault *fault, const char *operation,
		   enum error_kind kind, const char *hint, struct error *err)
{
	error_fill(err, kind, "%s: AWS answered HTTP %ld%s%s%s%s%s: %s", operation, reply->status,
		   fault->name[0] ? " (" : "", fault->name, fault->name[0] ? ")" : "",
		   fault->message[0] ? ": " : "", fault->message, hint);
}

void reply_explain_unknown(const struct aws_reply *reply, const struct aws_fault *fault,
			   const char *operation, struct error *err)
{
	if (reply_is_web_page(reply, fault))
		error_fill(err, ERROR_UNAVAILABLE,
			   "%s: a web page came in the place of AWS's answer (HTTP %ld): check the proxy, or "
			   "sign in to this network",
			   operation, reply->status);
	else if (reply->status >= 300 && reply->status < 400)
		error_fill(err, ERROR_UNAVAILABLE,
			   "%s: AWS's answer is a redirect (HTTP %ld): check the endpoint and the proxy",
			   operation, reply->status);
	else
		reply_explain(reply, fault, operation, ERROR_UNAVAILABLE, "try again later", err);
}

/* In words of ours, because a parser's words quote the reply. */
static bool explain_no_json(const struct aws_reply *reply, const char *operation, struct error *err)
{
	static const struct aws_fault none;

	if (reply_is_web_page(reply, &none)) {
		reply_explain_unknown(reply, &none, operation, err);
		return false;
	}
	return error_set(err, ERROR_UNAVAILABLE,
			 "%s: AWS's answer (HTTP %ld) is %s: try again, and check the proxy", operation,
			 reply->status, reply->body_len == 0 ? "empty" : "no JSON object");
}

bool reply_parse(const struct aws_reply *reply, const char *operation, json_t **ret, struct error *err)
{
	struct error quoting;

	return json_parse_object(reply->body, reply->body_len, operation, ret, &quoting) ||
	       explain_no_json(reply, operation, err);
}

bool reply_parse_secret(const struct aws_reply *reply, const char *operation, json_t **ret, struct error *err)
{
	struct error quoting;

	return json_parse_secret(reply->body, reply->body_len, operation, ret, &quoting) ||
	       explain_no_json(reply, operation, err);
}

bool reply_members_are_usable(const struct members *members, const char *operation, struct error *err)
{
	if (!members->unusable)
		return true;
	if (members->is_full)
		return error_set(err, ERROR_UNAVAILABLE, "%s: " REPLY_FULL_MESSAGE, operation);
	return error_set(err, ERROR_UNAVAILABLE, "%s: AWS's answer has no usable %s: try again later",
			 operation, members->unusable);
}
