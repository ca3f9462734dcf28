#pragma once
/*
 * Memory for tokens and keys: locked, kept out of core dumps, erased when freed.
 *
 * A struct secret is the only owner of secret bytes. They leave it through secret_text() into a call that
 * needs them at once (a request body, a reply); nobody keeps that pointer. The arena is a quota, not a
 * failure: when it is full secret_new() returns NULL, and whoever can make room (role_cache.c forgets
 * the least recently used) does.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/cleanup.h"

struct secret;

/* Once, before any other use of libcrypto. ret_locked: whether the arena is locked in memory
 * (RLIMIT_MEMLOCK). */
bool secret_init(bool *ret_locked) MUST_CHECK;

struct secret *secret_new(const char *data, size_t len) MUST_CHECK; /* copies; NULL when the arena is full */
struct secret *secret_free(struct secret *secret);                  /* takes NULL, returns NULL */
/* Bytes that are left in the arena, though perhaps in pieces. */
size_t secret_room(void);
const char *secret_text(const struct secret *secret); /* NUL-terminated */
size_t secret_len(const struct secret *secret);
/* In time that depends on the lengths alone. */
bool secret_is_equal(const struct secret *secret, const char *data, size_t len);

/* For a struct buffer whose bytes are secret: bodies sent and received, replies on the socket. */
extern const struct buffer_memory secret_memory;
/* For libraries that build values in between (json_use_secret_memory()): from the arena, else wiped heap. */
void *secret_malloc(size_t size);
void secret_release(void *p);

DEFINE_CLEANUP(struct secret *, secret_free)
