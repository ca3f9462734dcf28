#pragma once
/* What the readers of JSON services have in common: is this AWS's answer at all, and if it is a refusal, how
 * to say so. */
#include <stdbool.h>

#include <jansson.h>

#include "aws/member.h"
#include "aws/request.h"
#include "base/error.h"

/* The daemon makes room by forgetting roles; where that is not possible this is what is said. */
#define REPLY_FULL_MESSAGE "too many roles in use: try again when some have expired"

/* HTML, where XML would be an answer. */
bool reply_is_html(const struct aws_reply *reply);
/* A page for people, as proxies and guest networks send it in the place of an answer; it names no fault. */
bool reply_is_web_page(const struct aws_reply *reply, const struct aws_fault *fault);
/* 429 and 5xx: the same request may do better later. */
bool reply_is_passing_trouble(const struct aws_reply *reply, const struct aws_fault *fault);
/* AWS did not so much as look at the request, for there were too many: 429, and in some services a 400. */
bool reply_is_throttled(const struct aws_reply *reply);

/* The object in the body of a successful reply. */
bool reply_parse(const struct aws_reply *reply, const char *operation, json_t **ret,
		 struct error *err) MUST_CHECK;
/* As above; the values live in secret memory. */
bool reply_parse_secret(const struct aws_reply *reply, const char *operation, json_t **ret,
			struct error *err) MUST_CHECK;
/* Did the reply have all that was asked of it? */
bool reply_members_are_usable(const struct members *members, const char *operation,
			      struct error *err) MUST_CHECK;

/* "OPERATION: AWS answered HTTP 400 (InvalidScopeException): its words: hint", fills err. */
void reply_explain(const struct aws_reply *reply, const struct aws_fault *fault, const char *operation,
		   enum error_kind kind, const char *hint, struct error *err);
/* ERROR_UNAVAILABLE for what is neither an answer nor a refusal that is known. */
void reply_explain_unknown(const struct aws_reply *reply, const struct aws_fault *fault,
			   const char *operation, struct error *err);
