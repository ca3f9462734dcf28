#pragma once
/*
 * What the daemon and a store helper say to each other: one JSON object in on stdin, then EOF; one object out
 * on stdout. The helper's only argument is the verb: status, load, save, erase or unlock. iamic-store(7)
 * describes it for those who write a helper.
 *
 *     {"version":1,"name":"corp","startUrl":"https://…","region":"us-east-1","generation":7,"secret":"…"}
 *     {"state":"ok","secret":"…","generation":7}
 *
 * Both are made and read in secret memory. Unknown members are ignored.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"

#define STORE_MESSAGE_VERSION 1
#define STORE_MESSAGE_MAX     (256 * 1024) /* bytes, in either direction */

struct store_request {
	char *name; /* of the session; "" with the verbs status and unlock */
	char *start_url, *region;
	int64_t generation;   /* of secret, with save: the higher one is the newer */
	struct buffer secret; /* with save; empty otherwise */
	struct buffer key;    /* of a sealed file, where the daemon keeps it; empty otherwise */
	char *key_source;     /* "auto", "secret-service", "credential", "passphrase", "random" */
};

void store_request_done(struct store_request *request);
static inline void store_request_donep(struct store_request *request)
{
	store_request_done(request);
}
bool store_request_append(struct buffer *out, const struct store_request *request) MUST_CHECK;
bool store_request_parse(const char *data, size_t len, const struct buffer_memory *memory,
			 struct store_request *ret, struct error *err) MUST_CHECK;

enum store_reply_state {
	STORE_REPLY_OK,
	STORE_REPLY_ABSENT, /* load, status: there is no such secret, no such keyring */
	STORE_REPLY_LOCKED, /* a person must unlock it first */
	STORE_REPLY_FAILED, /* message says why */
};

struct store_reply {
	enum store_reply_state state;
	struct buffer secret; /* with load */
	struct buffer key;    /* with unlock, and with load of a file whose key the daemon is to keep */
	int64_t generation;   /* with load */
	char *message;        /* one printable line, or NULL */
	char *protects;       /* with status: what it protects from, in words; or NULL */
};

void store_reply_done(struct store_reply *reply);
static inline void store_reply_donep(struct store_reply *reply)
{
	store_reply_done(reply);
}
bool store_reply_append(struct buffer *out, const struct store_reply *reply) MUST_CHECK;
bool store_reply_parse(const char *data, size_t len, const struct buffer_memory *memory,
		       struct store_reply *ret, struct error *err) MUST_CHECK;
