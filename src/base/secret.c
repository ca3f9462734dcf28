#include "base/secret.h"

#include <string.h>

#include <openssl/crypto.h>

#include "base/wipe.h"

#define ARENA_SIZE     (4 * 1024 * 1024) /* a power of two; only pages in use are locked */
#define ARENA_SMALLEST 32

struct secret {
	size_t len;
	char data[];
};

bool secret_init(bool *ret_locked)
{
	int got = CRYPTO_secure_malloc_init(ARENA_SIZE, ARENA_SMALLEST);

	*ret_locked = got == 1;
	return got != 0;
}

struct secret *secret_new(const char *data, size_t len)
{
	struct secret *secret = OPENSSL_secure_zalloc(sizeof(*secret) + len + 1);

	if (!secret)
		return NULL;
	secret->len = len;
	memcpy(secret->data, data, len);
	return secret;
}

struct secret *secret_free(struct secret *secret)
{
	if (secret)
		OPENSSL_secure_clear_free(secret, sizeof(*secret) + secret->len + 1);
	return NULL;
}

size_t secret_room(void)
{
	return ARENA_SIZE - CRYPTO_secure_used();
}

const char *secret_text(const struct secret *secret)
{
	return secret->data;
}

size_t secret_len(const struct secret *secret)
{
	return secret->len;
}

bool secret_is_equal(const struct secret *secret, const char *data, size_t len)
{
	return secret->len == len && CRYPTO_memcmp(secret->data, data, len) == 0;
}

static void *arena_alloc(size_t size)
{
	return OPENSSL_secure_zalloc(size);
}

static void arena_release(void *p, size_t size)
{
	OPENSSL_secure_clear_free(p, size);
}

const struct buffer_memory secret_memory = {arena_alloc, arena_release};

void *secret_malloc(size_t size)
{
	void *p = OPENSSL_secure_malloc(size);

	return p ? p : wipe_malloc(size);
}

/* The arena erases a block as a whole when its size is not given. */
void secret_release(void *p)
{
	if (p && CRYPTO_secure_allocated(p))
		OPENSSL_secure_clear_free(p, CRYPTO_secure_actual_size(p));
	else
		wipe_free(p);
}
