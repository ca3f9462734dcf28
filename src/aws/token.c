#include "aws/token.h"

#include <stdlib.h>
#include <string.h>

#include "aws/member.h"
#include "base/json.h"
#include "base/xalloc.h"

#define DOCUMENT_VERSION      1
#define REGISTRATION_MARGIN_S (15 * 60)
#define FRESH_LEFT_S          (5 * 60)
#define JITTER_END            1024

/* In the document; the first name is as old as iamic. */
static const char *const registration_names[N_FLOWS] = {
	[FLOW_DEVICE] = "registration",
	[FLOW_BROWSER] = "browserRegistration",
};

struct registration *registration_free(struct registration *registration)
{
	if (!registration)
		return NULL;
	free(registration->client_id);
	secret_free(registration->client_secret);
	free(registration->scopes);
	free(registration->oidc_origin);
	free(registration);
	return NULL;
}

bool registration_is_usable(const struct registration *registration, const char *scopes,
			    const char *oidc_origin, int64_t now)
{
	return !registration->is_doubtful && strcmp(registration->scopes, scopes) == 0 &&
	       strcmp(registration->oidc_origin, oidc_origin) == 0 &&
	       registration->expires_at - now > REGISTRATION_MARGIN_S;
}

void registrations_done(struct registrations *registrations)
{
	for (size_t i = 0; i < N_FLOWS; i++)
		registrations->of[i] = registration_free(registrations->of[i]);
}

bool registrations_find(const struct registrations *registrations, const char *client_id, enum flow *ret)
{
	for (size_t i = 0; i < N_FLOWS; i++) {
		if (registrations->of[i] && strcmp(registrations->of[i]->client_id, client_id) == 0) {
			*ret = (enum flow)i;
			return true;
		}
	}
	return false;
}

void registrations_complete(struct registrations *registrations, struct registrations *other)
{
	for (size_t i = 0; i < N_FLOWS; i++) {
		if (!registrations->of[i])
			registrations->of[i] = TAKE(other->of[i]);
	}
}

struct token *token_free(struct token *token)
{
	if (!token)
		return NULL;
	secret_free(token->access_token);
	secret_free(token->refresh_token);
	free(token->session);
	free(token->start_url);
	free(token->region);
	free(token->oidc_origin);
	free(token->portal_origin);
	free(token->client_id);
	free(token);
	return NULL;
}

bool token_is_of(const struct token *token, const char *session, const char *start_url, const char *region)
{
	return (!token->session || strcmp(token->session, session) == 0) &&
	       strcmp(token->start_url, start_url) == 0 && strcmp(token->region, region) == 0;
}

bool token_is_bound_to(const struct token *token, const char *start_url, const char *region,
		       const char *oidc_origin, const char *portal_origin)
{
	return strcmp(token->start_url, start_url) == 0 && strcmp(token->region, region) == 0 &&
	       strcmp(token->oidc_origin, oidc_origin) == 0 &&
	       strcmp(token->portal_origin, portal_origin) == 0;
}

bool token_is_expired(const struct token *token, int64_t now)
{
	return now >= token->expires_at;
}

/* Without a division, so that a token of seconds is as good as one of hours. */
bool token_is_fresh(const struct token *token, int64_t now)
{
	int64_t life = token->expires_at - token->issued_at, left = token->expires_at - now;

	return left > 0 && (left > FRESH_LEFT_S || left * 4 > life);
}

int64_t token_refresh_at(const struct token *token, unsigned jitter)
{
	int64_t life = token->expires_at - token->issued_at;
	int64_t early = life * (int64_t)(jitter % JITTER_END) / (10 * JITTER_END);
	int64_t after = life * 3 / 4 - early;

	return token->issued_at + (after < 1 ? 1 : after);
}

static json_t *token_json(const struct token *token)
{
	if (!token)
		return NULL;
	return json_pack_secret("{s:s, s:s*, s:s*, s:I, s:I, s:I, s:s, s:s, s:s, s:s, s:s}", "accessToken",
				secret_text(token->access_token), "refreshToken",
				token->refresh_token ? secret_text(token->refresh_token) : NULL, "session",
				token->session, "issuedAt", (json_int_t)token->issued_at, "expiresAt",
				(json_int_t)token->expires_at, "signedInAt", (json_int_t)token->signed_in_at,
				"startUrl", token->start_url, "region", token->region, "oidcOrigin",
				token->oidc_origin, "portalOrigin", token->portal_origin, "clientId",
				token->client_id);
}

static json_t *registration_json(const struct registration *registration)
{
	if (!registration)
		return NULL;
	return json_pack_secret("{s:s, s:s, s:I, s:s, s:s}", "clientId", registration->client_id,
				"clientSecret", secret_text(registration->client_secret), "expiresAt",
				(json_int_t)registration->expires_at, "scopes", registration->scopes,
				"oidcOrigin", registration->oidc_origin);
}

bool token_format(const struct token *token, const struct registrations *registrations, struct buffer *out)
{
	_cleanup_json_ json_t *document = json_pack_secret("{s:i}", "version", DOCUMENT_VERSION);
	json_t *part;

	if (token && json_object_set_new(document, "token", token_json(token)) < 0)
		return false;
	for (size_t i = 0; i < N_FLOWS; i++) {
		if (!registrations->of[i] || registrations->of[i]->is_doubtful)
			continue;
		part = registration_json(registrations->of[i]);
		if (json_object_set_new(document, registration_names[i], part) < 0)
			return false;
	}
	return json_append(out, document);
}

static struct token *read_token(struct members *members)
{
	struct token *token = xcalloc(1, sizeof(*token));

	token->access_token = member_secret(members, "accessToken");
	token->refresh_token = member_secret_or_null(members, "refreshToken");
	token->issued_at = member_number(members, "issuedAt", 0, MEMBER_TIME_MAX);
	token->expires_at = member_number(members, "expiresAt", 0, MEMBER_TIME_MAX);
	token->signed_in_at = member_number(members, "signedInAt", 0, MEMBER_TIME_MAX);
	token->session = xstrdup_or_null(member_text_or_null(members, "session"));
	token->start_url = xstrdup_or_null(member_text(members, "startUrl"));
	token->region = xstrdup_or_null(member_text(members, "region"));
	token->oidc_origin = xstrdup_or_null(member_text(members, "oidcOrigin"));
	token->portal_origin = xstrdup_or_null(member_text(members, "portalOrigin"));
	token->client_id = xstrdup_or_null(member_text(members, "clientId"));
	return token;
}

static struct registration *read_registration(struct members *members)
{
	struct registration *registration = xcalloc(1, sizeof(*registration));

	registration->client_id = xstrdup_or_null(member_text(members, "clientId"));
	registration->client_secret = member_secret(members, "clientSecret");
	registration->expires_at = member_number(members, "expiresAt", 0, MEMBER_TIME_MAX);
	registration->scopes = xstrdup_or_null(member_text(members, "scopes"));
	registration->oidc_origin = xstrdup_or_null(member_text(members, "oidcOrigin"));
	return registration;
}

static bool check_members(const struct members *members, const char *part, struct error *err)
{
	if (!members->unusable)
		return true;
	if (members->is_full)
		return error_set(err, ERROR_UNAVAILABLE,
				 "no room for what is stored: too many roles in use: try again");
	return error_set(err, ERROR_STORE, "the stored %s has no usable %s: sign in again", part,
			 members->unusable);
}

/* The part of that name, if the document has it. */
static bool find_part(const json_t *document, const char *name, json_t **ret, struct error *err)
{
	json_t *part = json_object_get(document, name);

	if (part && !json_is_null(part) && !json_is_object(part))
		return error_set(err, ERROR_STORE, "the stored %s is malformed: sign in again", name);
	*ret = json_is_object(part) ? part : NULL;
	return true;
}

static bool parse_document(const char *data, size_t len, json_t **ret, struct error *err)
{
	_cleanup_json_ json_t *document = NULL;
	const json_t *version;
	struct error not_json;

	if (!json_parse_secret(data, len, "what is stored", &document, &not_json))
		return error_set(err, ERROR_STORE, "what is stored is not a JSON object: sign in again");
	version = json_object_get(document, "version");
	if (!json_is_integer(version) || json_integer_value(version) < DOCUMENT_VERSION)
		return error_set(err, ERROR_STORE, "what is stored was not written by iamic: sign in again");
	if (json_integer_value(version) > DOCUMENT_VERSION)
		return error_set(
			err, ERROR_STORE,
			"what is stored was written by a newer iamic: update iamic, or sign in again");
	*ret = TAKE(document);
	return true;
}

static bool parse_token(const json_t *document, struct token **ret, struct error *err)
{
	struct members members = {0};
	json_t *part;

	if (!find_part(document, "token", &part, err))
		return false;
	members.object = part;
	if (part)
		*ret = read_token(&members);
	return check_members(&members, "token", err);
}

static bool parse_registration(const json_t *document, const char *name, struct registration **ret,
			       struct error *err)
{
	struct members members = {0};
	json_t *part;

	if (!find_part(document, name, &part, err))
		return false;
	members.object = part;
	if (part)
		*ret = read_registration(&members);
	return check_members(&members, "registration", err);
}

bool token_parse(const char *data, size_t len, struct token **ret_token,
		 struct registrations *ret_registrations, struct error *err)
{
	_cleanup_(registrations_donep) struct registrations registrations = {0};
	_cleanup_(token_freep) struct token *token = NULL;
	_cleanup_json_ json_t *document = NULL;

	if (!parse_document(data, len, &document, err) || !parse_token(document, &token, err))
		return false;
	for (size_t i = 0; i < N_FLOWS; i++) {
		if (!parse_registration(document, registration_names[i], &registrations.of[i], err))
			return false;
	}
	registrations_done(ret_registrations);
	*ret_registrations = registrations;
	registrations = (struct registrations){0};
	*ret_token = TAKE(token);
	return true;
}
