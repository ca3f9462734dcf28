#include "aws/oidc.h"

#include <stdlib.h>
#include <string.h>

#include "aws/reply.h"
#include "aws/url.h"
#include "base/json.h"
#include "base/xalloc.h"

#define CLIENT_NAME    "iamic"
#define SCOPE_ALWAYS   "sso:account:access"
#define GRANT_DEVICE   "urn:ietf:params:oauth:grant-type:device_code"
#define GRANT_REFRESH  "refresh_token"
#define GRANT_CODE     "authorization_code"
#define BODY_MAX       (256 * 1024)
#define USER_CODE_MAX  64
#define LIFE_MAX_S     INT64_C(315360000) /* 10 years: no one means more, and sums cannot overflow */
#define INTERVAL_MAX_S 3600

static const char register_client[] = "RegisterClient";
static const char start_device_authorization[] = "StartDeviceAuthorization";
static const char create_token[] = "CreateToken";

/*
 * A sign-in must go on when roles fill the arena: then the body is in heap that is wiped. Text that is not
 * UTF-8 has no form in JSON; its body stays empty and AWS refuses it.
 */
static void set_body(struct aws_request *request, const json_t *json)
{
	request->body = BUFFER_INIT(BODY_MAX, &secret_memory);
	if (json && json_append(&request->body, json))
		return;
	buffer_clear(&request->body);
	request->body = BUFFER_INIT(BODY_MAX, &buffer_heap);
	if (json && !json_append(&request->body, json))
		buffer_clear(&request->body);
}

static void write_post(struct aws_request *ret, const char *operation, const char *endpoint, const char *path,
		       bool is_idempotent, const json_t *body)
{
	*ret = (struct aws_request){
		.operation = operation,
		.is_post = true,
		.url = xasprintf("%s%s", endpoint, path),
		.content_type = "application/json",
		.is_idempotent = is_idempotent,
		.is_reply_secret = true,
	};
	set_body(ret, body);
}

static bool has_text(const json_t *array, const char *text)
{
	const json_t *item;
	size_t i;

	json_array_foreach (array, i, item) {
		if (strcmp(json_string_value(item), text) == 0)
			return true;
	}
	return false;
}

/* In the order given; text that is not UTF-8 is refused by jansson, and so left out. */
static json_t *scopes_array(char *const *scopes)
{
	json_t *array = json_array();

	for (; scopes && *scopes; scopes++) {
		if (!has_text(array, *scopes))
			json_array_append_new(array, json_string(*scopes));
	}
	if (!has_text(array, SCOPE_ALWAYS))
		json_array_insert_new(array, 0, json_string(SCOPE_ALWAYS));
	return array;
}

char *oidc_scopes_text(char *const *scopes)
{
	_cleanup_json_ json_t *array = scopes_array(scopes);
	char *text = xstrdup(json_string_value(json_array_get(array, 0)));

	for (size_t i = 1; i < json_array_size(array); i++) {
		_cleanup_free_ char *before = text;

		text = xasprintf("%s %s", before, json_string_value(json_array_get(array, i)));
	}
	return text;
}

/* A second registration or device code that nobody uses does no harm, so both may be repeated. */
void oidc_write_register_client(struct aws_request *ret, const char *endpoint, enum flow flow,
				char *const *scopes, const char *start_url)
{
	_cleanup_json_ json_t *body =
		json_pack("{s:s, s:s, s:o, s:[s, s]}", "clientName", CLIENT_NAME, "clientType", "public",
			  "scopes", scopes_array(scopes), "grantTypes",
			  flow == FLOW_BROWSER ? GRANT_CODE : GRANT_DEVICE, GRANT_REFRESH);

	if (flow == FLOW_BROWSER) {
		json_object_set_new(body, "redirectUris",
				    json_pack("[s]", "http://" OIDC_REDIRECT_HOST OIDC_REDIRECT_PATH));
		json_object_set_new(body, "issuerUrl", json_string(start_url));
	}
	write_post(ret, register_client, endpoint, "/client/register", true, body);
}

void oidc_write_start_device_authorization(struct aws_request *ret, const char *endpoint,
					   const struct registration *registration, const char *start_url)
{
	_cleanup_json_ json_t *body =
		json_pack_secret("{s:s, s:s, s:s}", "clientId", registration->client_id, "clientSecret",
				 secret_text(registration->client_secret), "startUrl", start_url);

	write_post(ret, start_device_authorization, endpoint, "/device_authorization", true, body);
}

/* Never repeated by itself: a code is used up by its first use, and so may a refresh token be. */
static void write_create_token(struct aws_request *ret, const char *endpoint,
			       const struct registration *registration, const char *grant, const char *name,
			       const struct secret *value)
{
	_cleanup_json_ json_t *body = json_pack_secret(
		"{s:s, s:s, s:s, s:s}", "clientId", registration->client_id, "clientSecret",
		secret_text(registration->client_secret), "grantType", grant, name, secret_text(value));

	write_post(ret, create_token, endpoint, "/token", false, body);
}

void oidc_write_token_for_device(struct aws_request *ret, const char *endpoint,
				 const struct registration *registration, const struct secret *device_code)
{
	write_create_token(ret, endpoint, registration, GRANT_DEVICE, "deviceCode", device_code);
}

void oidc_write_token_for_refresh(struct aws_request *ret, const char *endpoint,
				  const struct registration *registration, const struct secret *refresh_token)
{
	write_create_token(ret, endpoint, registration, GRANT_REFRESH, "refreshToken", refresh_token);
}

void oidc_write_token_for_code(struct aws_request *ret, const char *endpoint,
			       const struct registration *registration, const struct oidc_code *code)
{
	_cleanup_json_ json_t *body =
		json_pack_secret("{s:s, s:s, s:s, s:s, s:s, s:s}", "clientId", registration->client_id,
				 "clientSecret", secret_text(registration->client_secret), "grantType",
				 GRANT_CODE, "code", secret_text(code->code), "redirectUri",
				 code->redirect_uri, "codeVerifier", secret_text(code->verifier));

	write_post(ret, create_token, endpoint, "/token", false, body);
}

bool oidc_read_registration(const struct aws_reply *reply, enum flow flow, char *const *scopes,
			    const char *oidc_origin, struct registration **ret, struct error *err)
{
	_cleanup_(registration_freep) struct registration *registration = NULL;
	_cleanup_json_ json_t *json = NULL;
	struct members members = {0};

	if (oidc_sort_unpolled(reply, register_client, flow, err) != OIDC_GRANTED)
		return false;
	if (!reply_parse_secret(reply, register_client, &json, err))
		return false;
	members.object = json;
	registration = xcalloc(1, sizeof(*registration));
	registration->client_id = xstrdup_or_null(member_text(&members, "clientId"));
	registration->client_secret = member_secret(&members, "clientSecret");
	registration->expires_at = member_number(&members, "clientSecretExpiresAt", 0, MEMBER_TIME_MAX);
	registration->scopes = oidc_scopes_text(scopes);
	registration->oidc_origin = xstrdup(oidc_origin);
	if (!reply_members_are_usable(&members, register_client, err))
		return false;
	*ret = TAKE(registration);
	return true;
}

struct device_authorization *device_authorization_free(struct device_authorization *device)
{
	if (!device)
		return NULL;
	secret_free(device->device_code);
	free(device->user_code);
	free(device->verification_uri);
	free(device->open_url);
	free(device);
	return NULL;
}

/* It is shown on terminals, and people compare it: nothing but plain characters. */
static const char *read_user_code(struct members *members)
{
	const char *code = member_text(members, "userCode");

	for (const char *p = code; p && *p; p++) {
		if (*p < ' ' || *p > '~' || p - code >= USER_CODE_MAX) {
			members->unusable = "userCode";
			return NULL;
		}
	}
	return code;
}

/* It goes to a browser. */
static const char *read_address(struct members *members, const char *name, const char *absent)
{
	const char *url = member_text_or_null(members, name);

	if (url && !url_is_acceptable(url))
		members->unusable = name;
	return url ? url : absent;
}

enum oidc_outcome oidc_read_device_authorization(const struct aws_reply *reply,
						 struct device_authorization **ret, struct error *err)
{
	_cleanup_(device_authorization_freep) struct device_authorization *device = NULL;
	enum oidc_outcome outcome = oidc_sort_unpolled(reply, start_device_authorization, FLOW_DEVICE, err);
	_cleanup_json_ json_t *json = NULL;
	struct members members = {0};
	const char *complete, *uri;

	if (outcome != OIDC_GRANTED)
		return outcome;
	if (!reply_parse_secret(reply, start_device_authorization, &json, err))
		return OIDC_FAILED;
	members.object = json;
	complete = read_address(&members, "verificationUriComplete", NULL);
	uri = read_address(&members, "verificationUri", complete);
	if (!uri)
		members.unusable = "verificationUri";
	device = xcalloc(1, sizeof(*device));
	device->device_code = member_secret(&members, "deviceCode");
	device->user_code = xstrdup_or_null(read_user_code(&members));
	device->verification_uri = xstrdup_or_null(uri);
	device->open_url = xstrdup_or_null(complete ? complete : uri);
	device->expires_in_s = member_number(&members, "expiresIn", 1, LIFE_MAX_S);
	device->interval_s =
		member_number_or(&members, "interval", OIDC_INTERVAL_DEFAULT_S, 1, INTERVAL_MAX_S);
	if (!reply_members_are_usable(&members, start_device_authorization, err))
		return OIDC_FAILED;
	*ret = TAKE(device);
	return OIDC_GRANTED;
}

void oidc_tokens_done(struct oidc_tokens *tokens)
{
	secret_free(tokens->access_token);
	secret_free(tokens->refresh_token);
	*tokens = (struct oidc_tokens){0};
}

static enum oidc_outcome read_tokens(const struct aws_reply *reply, struct oidc_tokens *ret,
				     struct error *err)
{
	_cleanup_json_ json_t *json = NULL;
	struct oidc_tokens tokens = {0};
	struct members members = {0};

	if (!reply_parse_secret(reply, create_token, &json, err))
		return OIDC_FAILED;
	members.object = json;
	tokens.access_token = member_secret(&members, "accessToken");
	tokens.refresh_token = member_secret_or_null(&members, "refreshToken");
	tokens.expires_in_s = member_number(&members, "expiresIn", 1, LIFE_MAX_S);
	if (!reply_members_are_usable(&members, create_token, err)) {
		oidc_tokens_done(&tokens);
		return OIDC_FAILED;
	}
	*ret = tokens;
	return OIDC_GRANTED;
}

enum oidc_outcome oidc_read_tokens(const struct aws_reply *reply, enum flow flow, struct oidc_tokens *ret,
				   struct error *err)
{
	enum oidc_outcome outcome = oidc_sort(reply, create_token, flow, err);

	return outcome == OIDC_GRANTED ? read_tokens(reply, ret, err) : outcome;
}

enum oidc_outcome oidc_read_tokens_unpolled(const struct aws_reply *reply, enum flow flow,
					    struct oidc_tokens *ret, struct error *err)
{
	enum oidc_outcome outcome = oidc_sort_unpolled(reply, create_token, flow, err);

	return outcome == OIDC_GRANTED ? read_tokens(reply, ret, err) : outcome;
}
