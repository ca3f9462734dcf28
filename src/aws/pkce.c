#include "aws/pkce.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include "aws/base64url.h"
#include "aws/reply.h"
#include "aws/request.h"
#include "aws/url.h"
#include "base/buffer.h"
#include "base/xalloc.h"

#define VERIFIER_BYTES 48 /* 64 characters */
#define STATE_BYTES    16
#define VALUE_MAX      (16 * 1024)

_Static_assert(VERIFIER_BYTES + STATE_BYTES == PKCE_RANDOM_LEN, "random bytes are used once");

/* RFC 4122 4.4, as AWS's own clients send it. */
static void format_uuid(const unsigned char random[STATE_BYTES], char ret[PKCE_STATE_LEN + 1])
{
	unsigned char u[STATE_BYTES];

	memcpy(u, random, sizeof(u));
	u[6] = (unsigned char)((u[6] & 0x0f) | 0x40);
	u[8] = (unsigned char)((u[8] & 0x3f) | 0x80);
	snprintf(ret, PKCE_STATE_LEN + 1,
		 "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", u[0], u[1], u[2],
		 u[3], u[4], u[5], u[6], u[7], u[8], u[9], u[10], u[11], u[12], u[13], u[14], u[15]);
}

bool pkce_init(struct pkce *ret, const unsigned char random[PKCE_RANDOM_LEN], struct error *err)
{
	char verifier[VERIFIER_BYTES / 3 * 4 + 1];
	unsigned char hash[SHA256_DIGEST_LENGTH];
	struct pkce pkce = {0};

	base64url(random, VERIFIER_BYTES, verifier);
	SHA256((const unsigned char *)verifier, strlen(verifier), hash);
	base64url(hash, sizeof(hash), pkce.challenge);
	format_uuid(random + VERIFIER_BYTES, pkce.state);
	pkce.verifier = secret_new(verifier, strlen(verifier));
	explicit_bzero(verifier, sizeof(verifier));
	if (!pkce.verifier)
		return error_set(err, ERROR_UNAVAILABLE, REPLY_FULL_MESSAGE);
	*ret = pkce;
	return true;
}

void pkce_done(struct pkce *pkce)
{
	secret_free(pkce->verifier);
	*pkce = (struct pkce){0};
}

char *pkce_authorize_url(const struct pkce *pkce, const char *oidc_url, const char *client_id,
			 const char *scopes, const char *redirect_uri)
{
	_cleanup_free_ char *page = xasprintf("%s/authorize", oidc_url);

	return url_with_query(page, (const char *const[]){
					    "response_type",
					    "code",
					    "client_id",
					    client_id,
					    "redirect_uri",
					    redirect_uri,
					    "state",
					    pkce->state,
					    "code_challenge_method",
					    "S256",
					    "scopes",
					    scopes,
					    "code_challenge",
					    pkce->challenge,
					    NULL,
				    });
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* False for what is no percent-encoding, and for a NUL, which no value of ours has. */
static bool decode(const char *p, const char *end, struct buffer *ret)
{
	while (p < end) {
		char c = *p == '+' ? ' ' : *p;

		if (c == '%') {
			int high = end - p >= 3 ? hex_digit(p[1]) : -1;
			int low = end - p >= 3 ? hex_digit(p[2]) : -1;

			if (high < 0 || low < 0 || (high == 0 && low == 0))
				return false;
			c = (char)(high << 4 | low);
			p += 2;
		}
		if (!buffer_append(ret, &c, 1))
			return false;
		p++;
	}
	return true;
}

enum found { FOUND_NONE, FOUND_ONE, FOUND_BAD };

/* Bad is what stands there twice (RFC 6749 4.1.2 has each once), is empty, or cannot be read. */
static enum found find(const char *query, const char *name, struct buffer *ret)
{
	size_t name_len = strlen(name);
	bool is_there = false;

	while (*query) {
		const char *end = query + strcspn(query, "&#");

		if (strncmp(query, name, name_len) == 0 && query[name_len] == '=') {
			if (is_there || !decode(query + name_len + 1, end, ret) || ret->len == 0)
				return FOUND_BAD;
			is_there = true;
		}
		if (*end != '&')
			break;
		query = end + 1;
	}
	return is_there ? FOUND_ONE : FOUND_NONE;
}

static bool is_ours(const struct pkce *pkce, const char *query)
{
	_cleanup_(buffer_clearp) struct buffer state = BUFFER_INIT(VALUE_MAX, &buffer_heap);

	return find(query, "state", &state) == FOUND_ONE && state.len == PKCE_STATE_LEN &&
	       CRYPTO_memcmp(state.data, pkce->state, PKCE_STATE_LEN) == 0;
}

/* What a person can do about it; names are those of RFC 6749 4.1.2.1. */
static void explain(const struct aws_fault *fault, struct error *err)
{
	static const struct {
		const char *name;
		enum error_kind kind;
		const char *hint;
	} hints[] = {
		{"access_denied", ERROR_DENIED,
		 "the sign-in was denied, by a person or by a policy; with a device code: 'iamic-login "
		 "--device'"},
		{"unauthorized_client", ERROR_DENIED,
		 "this way of signing in is not allowed here; with a device code: 'iamic-login --device'"},
		{"unsupported_response_type", ERROR_DENIED,
		 "this way of signing in is not offered here; with a device code: 'iamic-login --device'"},
		{"invalid_request", ERROR_CONFIG, "check sso_region and sso_start_url"},
		{"invalid_scope", ERROR_CONFIG, "check sso_registration_scopes"},
	};
	const char *hint = "try again later";

	err->kind = ERROR_UNAVAILABLE;
	for (size_t i = 0; i < ARRAY_SIZE(hints); i++) {
		if (strcmp(fault->name, hints[i].name) == 0) {
			err->kind = hints[i].kind;
			hint = hints[i].hint;
		}
	}
	error_fill(err, err->kind, "the browser came back with %s%s%s: %s",
		   fault->name[0] ? fault->name : "an error", fault->message[0] ? ": " : "", fault->message,
		   hint);
}

static enum pkce_redirect read_refusal(const char *query, const char *name, struct error *err)
{
	_cleanup_(buffer_clearp) struct buffer words = BUFFER_INIT(VALUE_MAX, &buffer_heap);
	struct aws_fault fault;
	bool has_words = find(query, "error_description", &words) == FOUND_ONE;

	aws_fault_set(&fault, name, has_words ? words.data : "");
	explain(&fault, err);
	return PKCE_REFUSED;
}

/* RFC 6749 A.11: visible ASCII; a blank that came of a plus is none. */
static bool can_be_code(const struct buffer *code)
{
	for (size_t i = 0; i < code->len; i++) {
		if (code->data[i] <= ' ' || code->data[i] > '~')
			return false;
	}
	return true;
}

enum pkce_redirect pkce_read_redirect(const struct pkce *pkce, const char *query, struct secret **ret_code,
				      struct error *err)
{
	_cleanup_(buffer_clearp) struct buffer code = BUFFER_INIT(VALUE_MAX, &secret_memory);
	_cleanup_(buffer_clearp) struct buffer name = BUFFER_INIT(VALUE_MAX, &buffer_heap);
	enum found found;

	if (!is_ours(pkce, query))
		return PKCE_FOREIGN;
	found = find(query, "error", &name);
	if (found != FOUND_NONE)
		return read_refusal(query, found == FOUND_ONE ? name.data : "", err);
	if (find(query, "code", &code) != FOUND_ONE || !can_be_code(&code)) {
		error_fill(err, ERROR_UNAVAILABLE,
			   "the browser came back without a code: run 'iamic-login' again");
		return PKCE_REFUSED;
	}
	*ret_code = secret_new(code.data, code.len);
	if (*ret_code)
		return PKCE_GRANTED;
	error_fill(err, ERROR_UNAVAILABLE, REPLY_FULL_MESSAGE);
	return PKCE_REFUSED;
}

const char *pkce_find_query(const char *address, const char *redirect_uri)
{
	size_t len = strlen(redirect_uri);

	return strncmp(address, redirect_uri, len) == 0 && address[len] == '?' ? address + len + 1 : NULL;
}
