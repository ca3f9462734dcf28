#include "cli/signed_call.h"

#include <string.h>

#include "base/json.h"
#include "cli/agent.h"

#define INPUT_MAX (32 * 1024)
#define PAGE_ROWS 100
#define ROWS_MAX  50000
#define PAGES_MAX 1000

/* What a policy must have for it; AWS's own words name the role and the resource at length. */
static bool explain(const struct signed_caller *caller, const char *service, const char *operation,
		    struct error *err)
{
	const char *refusal = signed_refusal(caller);

	if (strcmp(refusal, "AccessDeniedException") != 0 && strcmp(refusal, "AccessDenied") != 0)
		return false;
	return error_set(err, ERROR_DENIED,
			 "the role lacks the permission %s:%s: name one that has it (--profile NAME)",
			 strcmp(service, "sso-admin") == 0 ? "sso" : service, operation);
}

static bool call(const struct signed_caller *caller, const char *service, const char *operation,
		 const json_t *input, bool writes, json_t **ret, struct error *err)
{
	_cleanup_(buffer_clearp) struct buffer body = BUFFER_INIT(INPUT_MAX, &buffer_heap);
	_cleanup_json_ json_t *reply = NULL;
	json_t *parameters;
	const char *text;

	if (!json_append(&body, input))
		return error_set(err, ERROR_USAGE, "what %s is asked with is too long: make it shorter",
				 operation);
	parameters = json_pack("{s:O, s:s, s:s, s:s}", "target", caller->target, "service", service,
			       "operation", operation, "body", body.data);
	if (caller->region)
		json_object_set_new(parameters, "region", json_string(caller->region));
	if (writes)
		json_object_set_new(parameters, "write", json_true());
	if (!agent_call(caller->client, "Call", parameters, &reply, err))
		return explain(caller, service, operation, err);
	text = agent_text(reply, "body");
	return json_parse_object(text ? text : "", text ? strlen(text) : 0, operation, ret, err);
}

bool signed_call(const struct signed_caller *caller, const char *service, const char *operation,
		 json_t *input_taken, json_t **ret, struct error *err)
{
	_cleanup_json_ json_t *input = input_taken ? input_taken : json_object();

	return call(caller, service, operation, input, false, ret, err);
}

bool signed_change(const struct signed_caller *caller, const char *service, const char *operation,
		   json_t *input_taken, json_t **ret, struct error *err)
{
	_cleanup_json_ json_t *input = input_taken;

	return call(caller, service, operation, input, true, ret, err);
}

/* A page's rows go to rows, its token for the next one into input. false: it has no rows. */
static bool take_page(const json_t *page, const char *member, json_t *input, json_t *rows, bool *ret_is_last)
{
	const json_t *some = json_object_get(page, member);
	const char *token = agent_text(page, "NextToken");

	if (!json_is_array(some) || json_array_size(rows) + json_array_size(some) > ROWS_MAX)
		return false;
	for (size_t i = 0; i < json_array_size(some); i++)
		json_array_append(rows, json_array_get(some, i));
	*ret_is_last = !token || !*token;
	if (!*ret_is_last)
		json_object_set_new(input, "NextToken", json_string(token));
	return true;
}

bool signed_list(const struct signed_caller *caller, const char *service, const char *operation,
		 json_t *input_taken, const char *member, json_t *rows, struct error *err)
{
	_cleanup_json_ json_t *input = input_taken;
	bool is_last = false;

	json_object_set_new(input, "MaxResults", json_integer(PAGE_ROWS));
	for (size_t n = 0; !is_last; n++) {
		_cleanup_json_ json_t *page = NULL;

		if (!call(caller, service, operation, input, false, &page, err))
			return false;
		if (n == PAGES_MAX || !take_page(page, member, input, rows, &is_last))
			return error_set(err, ERROR_UNAVAILABLE,
					 "%s: AWS's answer has no usable %s: try again later", operation,
					 member);
	}
	return true;
}

const char *signed_refusal(const struct signed_caller *caller)
{
	const char *code = agent_text(client_error_parameters(caller->client), "awsCode");

	return code ? code : "";
}
