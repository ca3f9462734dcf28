#include "aws/portal.h"

#include <stdlib.h>
#include <string.h>

#include "aws/reply.h"
#include "aws/url.h"
#include "base/json.h"
#include "base/xalloc.h"

#define PAGE_SIZE      "100" /* the most that the model allows */
#define NEXT_TOKEN_MAX 8192

static const char get_role_credentials[] = "GetRoleCredentials";
static const char list_accounts[] = "ListAccounts";
static const char list_account_roles[] = "ListAccountRoles";

static bool write_request(struct aws_request *ret, const char *operation, bool is_post, const char *url,
			  const struct secret *access_token, struct error *err)
{
	struct secret *bearer = secret_new(secret_text(access_token), secret_len(access_token));

	if (!bearer)
		return error_set(err, ERROR_UNAVAILABLE, "%s: " REPLY_FULL_MESSAGE, operation);
	*ret = (struct aws_request){
		.operation = operation,
		.is_post = is_post,
		.url = xstrdup(url),
		.body = BUFFER_INIT(0, &buffer_heap),
		.bearer = bearer,
		.is_idempotent = true,
	};
	return true;
}

static bool write_get(struct aws_request *ret, const char *operation, const char *endpoint, const char *path,
		      const char *const *query, const struct secret *access_token, struct error *err)
{
	_cleanup_free_ char *bare = xasprintf("%s%s", endpoint, path);
	_cleanup_free_ char *url = url_with_query(bare, query);

	return write_request(ret, operation, false, url, access_token, err);
}

bool portal_write_get_role_credentials(struct aws_request *ret, const char *endpoint,
				       const struct secret *access_token, const char *account_id,
				       const char *role_name, struct error *err)
{
	const char *const query[] = {"role_name", role_name, "account_id", account_id, NULL};

	if (!write_get(ret, get_role_credentials, endpoint, "/federation/credentials", query, access_token,
		       err))
		return false;
	ret->is_reply_secret = true;
	return true;
}

bool portal_write_list_accounts(struct aws_request *ret, const char *endpoint,
				const struct secret *access_token, const char *next_token, struct error *err)
{
	const char *const query[] = {"max_result", PAGE_SIZE, "next_token", next_token, NULL};

	return write_get(ret, list_accounts, endpoint, "/assignment/accounts", query, access_token, err);
}

bool portal_write_list_account_roles(struct aws_request *ret, const char *endpoint,
				     const struct secret *access_token, const char *account_id,
				     const char *next_token, struct error *err)
{
	const char *const query[] = {"account_id", account_id, "max_result", PAGE_SIZE,
				     "next_token", next_token, NULL};

	return write_get(ret, list_account_roles, endpoint, "/assignment/roles", query, access_token, err);
}

/* Signing out twice is as good as once. */
bool portal_write_logout(struct aws_request *ret, const char *endpoint, const struct secret *access_token,
			 struct error *err)
{
	_cleanup_free_ char *url = xasprintf("%s/logout", endpoint);

	return write_request(ret, "Logout", true, url, access_token, err);
}

/* By status: the portal does not name its faults reliably. A proxy's page is no word of the portal's. */
static enum portal_outcome sort_reply(const struct aws_reply *reply, const char *operation,
				      struct aws_fault *ret_fault, struct error *err)
{
	*ret_fault = (struct aws_fault){0};
	if (reply->status == 200)
		return PORTAL_OK;
	aws_fault_read(reply, ret_fault);
	if (reply_is_passing_trouble(reply, ret_fault)) {
		reply_explain_unknown(reply, ret_fault, operation, err);
		return PORTAL_TRY_LATER;
	}
	if (reply_is_web_page(reply, ret_fault)) {
		reply_explain_unknown(reply, ret_fault, operation, err);
		return PORTAL_FAILED;
	}
	switch (reply->status) {
	case 401:
		return PORTAL_UNAUTHORIZED;
	case 400:
	case 403:
	case 404:
		reply_explain(reply, ret_fault, operation, ERROR_DENIED, "not assigned to you, or unknown",
			      err);
		return PORTAL_DENIED;
	default:
		reply_explain_unknown(reply, ret_fault, operation, err);
		return PORTAL_FAILED;
	}
}

enum portal_outcome portal_read_outcome(const struct aws_reply *reply, struct error *err)
{
	struct aws_fault fault;

	return sort_reply(reply, "the access portal", &fault, err);
}

static const char *read_key(struct members *members, const char *name)
{
	const json_t *value = json_object_get(members->object, name);
	const char *text = json_string_value(value);

	if (text && strlen(text) == json_string_length(value) && grant_text_is_usable(text))
		return text;
	if (!members->unusable)
		members->unusable = name;
	return NULL;
}

static enum portal_outcome read_granted(const json_t *json, const char *account_id, int64_t now,
					struct credentials **ret, struct error *err)
{
	struct members members = {.object = json_object_get(json, "roleCredentials")};
	const struct grant grant = {
		.operation = get_role_credentials,
		.access_key_id = read_key(&members, "accessKeyId"),
		.secret_access_key = read_key(&members, "secretAccessKey"),
		.session_token = read_key(&members, "sessionToken"),
		.account_id = account_id,
		.expires_at = member_number(&members, "expiration", 0, MEMBER_TIME_MAX * 1000) / 1000,
	};

	if (!reply_members_are_usable(&members, get_role_credentials, err))
		return PORTAL_FAILED;
	switch (credentials_new(&grant, now, ret, err)) {
	case GRANT_OK:
		return PORTAL_OK;
	case GRANT_FULL:
		return PORTAL_FULL;
	case GRANT_UNUSABLE:
		break;
	}
	return PORTAL_FAILED;
}

enum portal_outcome portal_read_role_credentials(const struct aws_reply *reply, const char *account_id,
						 const char *role_name, int64_t now, struct credentials **ret,
						 struct error *err)
{
	_cleanup_json_ json_t *json = NULL;
	enum portal_outcome outcome;
	struct aws_fault fault;

	outcome = sort_reply(reply, get_role_credentials, &fault, err);
	if (outcome == PORTAL_DENIED)
		error_fill(
			err, ERROR_DENIED,
			"account %s, role '%s' is not assigned to you, or was assigned after you signed in",
			account_id, role_name);
	if (outcome != PORTAL_OK)
		return outcome;
	if (!reply_parse_secret(reply, get_role_credentials, &json, err))
		return PORTAL_FAILED;
	return read_granted(json, account_id, now, ret, err);
}

/* One row of a list in the socket's form: the members that are text, and nothing else. */
static json_t *read_row(const json_t *item, const char *const *required, const char *const *optional,
			struct members *members)
{
	json_t *row = json_object();

	members->object = item;
	for (; *required; required++)
		json_object_set_new(row, *required, json_string(member_text(members, *required)));
	for (; *optional; optional++) {
		json_t *text = json_object_get(item, *optional);

		if (json_is_string(text))
			json_object_set(row, *optional, text);
	}
	return row;
}

static enum portal_outcome read_list(const struct aws_reply *reply, const char *operation, const char *name,
				     const char *const *required, const char *const *optional,
				     json_t **ret_rows, char **ret_next, struct error *err)
{
	_cleanup_json_ json_t *json = NULL, *rows = json_array();
	struct members members = {0};
	enum portal_outcome outcome;
	struct aws_fault fault;
	const json_t *item, *list, *next;
	size_t i;

	outcome = sort_reply(reply, operation, &fault, err);
	if (outcome != PORTAL_OK)
		return outcome;
	if (!reply_parse(reply, operation, &json, err))
		return PORTAL_FAILED;
	list = json_object_get(json, name);
	if (!json_is_array(list))
		members.unusable = name;
	json_array_foreach (list, i, item)
		json_array_append_new(rows, read_row(item, required, optional, &members));
	next = json_object_get(json, "nextToken");
	if ((next && !json_is_null(next) && !json_is_string(next)) ||
	    json_string_length(next) > NEXT_TOKEN_MAX)
		members.unusable = "nextToken";
	if (!reply_members_are_usable(&members, operation, err))
		return PORTAL_FAILED;
	*ret_rows = TAKE(rows);
	*ret_next = json_string_length(next) ? xstrdup(json_string_value(next)) : NULL;
	return PORTAL_OK;
}

enum portal_outcome portal_read_accounts(const struct aws_reply *reply, json_t **ret_accounts,
					 char **ret_next, struct error *err)
{
	static const char *const required[] = {"accountId", NULL};
	static const char *const optional[] = {"accountName", "emailAddress", NULL};

	return read_list(reply, list_accounts, "accountList", required, optional, ret_accounts, ret_next,
			 err);
}

enum portal_outcome portal_read_account_roles(const struct aws_reply *reply, json_t **ret_roles,
					      char **ret_next, struct error *err)
{
	static const char *const required[] = {"accountId", "roleName", NULL};
	static const char *const optional[] = {NULL};

	return read_list(reply, list_account_roles, "roleList", required, optional, ret_roles, ret_next, err);
}
