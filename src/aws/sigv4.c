#include "aws/sigv4.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "aws/credentials.h"
#include "aws/url.h"
#include "base/xalloc.h"

#define ALGORITHM      "AWS4-HMAC-SHA256"
#define KEY_PREFIX     "AWS4"
#define SIGNED_HEADERS "content-type;host;x-amz-date;x-amz-security-token"
#define TARGET_HEADER  ";x-amz-target"
#define HASH_SIZE      32
#define HEX_SIZE       (2 * HASH_SIZE + 1)
#define DATE_SIZE      sizeof("20260131T120000Z")
#define DAY_LEN        8 /* of that */

static void write_hex(const unsigned char hash[static HASH_SIZE], char ret[static HEX_SIZE])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < HASH_SIZE; i++) {
		ret[2 * i] = digits[hash[i] >> 4];
		ret[2 * i + 1] = digits[hash[i] & 15];
	}
	ret[2 * HASH_SIZE] = '\0';
}

/* Parts one after the other, so that the token in them is not copied. libcrypto fails for want of memory
 * alone. */
static void hash_parts(const char *const *parts, char ret[static HEX_SIZE])
{
	EVP_MD_CTX *sha = EVP_MD_CTX_new();
	unsigned char hash[HASH_SIZE];

	if (!sha || EVP_DigestInit_ex(sha, EVP_sha256(), NULL) != 1)
		abort();
	for (; *parts; parts++)
		if (EVP_DigestUpdate(sha, *parts, strlen(*parts)) != 1)
			abort();
	if (EVP_DigestFinal_ex(sha, hash, NULL) != 1)
		abort();
	EVP_MD_CTX_free(sha);
	write_hex(hash, ret);
}

/* key may be ret: what it was is no longer needed. */
static void authenticate(const void *key, size_t key_len, const char *text,
			 unsigned char ret[static HASH_SIZE])
{
	unsigned char code[HASH_SIZE];

	if (!HMAC(EVP_sha256(), key, (int)key_len, (const unsigned char *)text, strlen(text), code, NULL))
		abort();
	memcpy(ret, code, HASH_SIZE);
	explicit_bzero(code, sizeof(code));
}

/* A key for that day, region and service alone. */
static void derive_key(const struct secret *secret, const char *day, const char *region, const char *service,
		       unsigned char ret[static HASH_SIZE])
{
	size_t len = strlen(KEY_PREFIX) + secret_len(secret);
	char *first = secret_malloc(len + 1);

	if (!first)
		abort();
	memcpy(mempcpy(first, KEY_PREFIX, strlen(KEY_PREFIX)), secret_text(secret), secret_len(secret));
	authenticate(first, len, day, ret);
	secret_release(first);
	authenticate(ret, HASH_SIZE, region, ret);
	authenticate(ret, HASH_SIZE, service, ret);
	authenticate(ret, HASH_SIZE, "aws4_request", ret);
}

/* The hash of the canonical request: what the server builds from what arrives. */
static void hash_request(const struct aws_request *request, const char *path, char ret[static HEX_SIZE])
{
	const char *const body[] = {request->body.data, NULL};
	char body_hash[HEX_SIZE];
	const char *const parts[] = {
		"POST\n",
		path,
		"\n\ncontent-type:", /* the empty line is the query */
		request->content_type,
		"\nhost:",
		request->signature.host,
		"\nx-amz-date:",
		request->signature.date,
		"\nx-amz-security-token:",
		secret_text(request->sign_with->session_token),
		request->target ? "\nx-amz-target:" : "",
		request->target ? request->target : "",
		"\n\n" SIGNED_HEADERS,
		request->target ? TARGET_HEADER : "",
		"\n",
		body_hash,
		NULL,
	};

	hash_parts(body, body_hash);
	hash_parts(parts, ret);
}

static char *date_text(int64_t now)
{
	char text[DATE_SIZE];
	time_t s = now;
	struct tm tm;

	gmtime_r(&s, &tm);
	strftime(text, sizeof(text), "%Y%m%dT%H%M%SZ", &tm);
	return xstrdup(text);
}

/* What is signed is the hash of the canonical request, its date and its scope. */
static void sign(const struct secret *secret, const char *date, const char *region, const char *service,
		 const char *hash, char ret[static HEX_SIZE])
{
	unsigned char key[HASH_SIZE], code[HASH_SIZE];
	_cleanup_free_ char *day = xstrndup(date, DAY_LEN);
	_cleanup_free_ char *to_sign =
		xasprintf(ALGORITHM "\n%s\n%s/%s/%s/aws4_request\n%s", date, day, region, service, hash);

	derive_key(secret, day, region, service, key);
	authenticate(key, sizeof(key), to_sign, code);
	explicit_bzero(key, sizeof(key));
	write_hex(code, ret);
}

void sigv4_sign(struct aws_request *request, int64_t now)
{
	const char *host = strstr(request->url, "://") + strlen("://"), *path = strchrnul(host, '/');
	char hash[HEX_SIZE], signature[HEX_SIZE];

	aws_signature_done(&request->signature);
	request->signature.host = xstrndup(host, (size_t)(path - host));
	request->signature.date = date_text(now);
	_cleanup_free_ char *day = xstrndup(request->signature.date, DAY_LEN);
	_cleanup_free_ char *scope =
		xasprintf("%s/%s/%s/aws4_request", day, request->sign_region, request->sign_service);

	hash_request(request, *path ? path : "/", hash);
	sign(request->sign_with->secret_access_key, request->signature.date, request->sign_region,
	     request->sign_service, hash, signature);
	request->signature.authorization =
		xasprintf(ALGORITHM " Credential=%s/%s, SignedHeaders=" SIGNED_HEADERS "%s, Signature=%s",
			  secret_text(request->sign_with->access_key_id), scope,
			  request->target ? TARGET_HEADER : "", signature);
}

/* The query of an address in its canonical form, which is sorted: what is signed is the rest of it. */
static bool append_query(struct buffer *out, const struct sigv4_address *address,
			 const struct role_keys *keys, const char *date)
{
	return buffer_append_format(out,
				    "%s&X-Amz-Algorithm=" ALGORITHM
				    "&X-Amz-Credential=%s%%2F%.*s%%2F%s%%2F%s%%2Faws4_request"
				    "&X-Amz-Date=%s&X-Amz-Expires=%d&X-Amz-Security-Token=",
				    address->query, secret_text(keys->access_key_id), DAY_LEN, date,
				    address->region, address->service, date, address->expires_s) &&
	       url_append_encoded(out, secret_text(keys->session_token)) &&
	       buffer_append_format(out, "&X-Amz-SignedHeaders=host%%3B%s", address->header);
}

bool sigv4_presign(struct buffer *out, const struct sigv4_address *address, const struct role_keys *keys,
		   int64_t now)
{
	_cleanup_(buffer_clearp) struct buffer query = BUFFER_INIT(out->max, out->memory);
	const char *begin = strstr(address->endpoint, "://") + strlen("://"), *path = strchrnul(begin, '/');
	_cleanup_free_ char *host = xstrndup(begin, (size_t)(path - begin)), *date = date_text(now);
	const char *const nothing[] = {"", NULL};
	char empty[HEX_SIZE], hash[HEX_SIZE], signature[HEX_SIZE];

	if (!append_query(&query, address, keys, date))
		return false;
	hash_parts(nothing, empty);
	hash_parts((const char *const[]){"GET\n", path, "/\n", query.data, "\nhost:", host, "\n",
					 address->header, ":", address->header_value, "\n\nhost;",
					 address->header, "\n", empty, NULL},
		   hash);
	sign(keys->secret_access_key, date, address->region, address->service, hash, signature);
	return buffer_append_format(out, "%s/?", address->endpoint) &&
	       buffer_append(out, query.data, query.len) &&
	       buffer_append_format(out, "&X-Amz-Signature=%s", signature);
}
