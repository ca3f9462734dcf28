#include "stores/derive.h"

#include <string.h>

#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/rand.h>

#include "base/secret.h"

#define SCRYPT_MEMORY_MAX (256UL * 1024 * 1024)

const struct scrypt_cost scrypt_cost_default = {.log2_n = 15, .r = 8, .p = 1};

static uint64_t scrypt_memory(const struct scrypt_cost *cost)
{
	return (UINT64_C(128) << cost->log2_n) * cost->r;
}

bool scrypt_cost_is_sane(const struct scrypt_cost *cost)
{
	return cost->log2_n >= 14 && cost->log2_n <= 20 && cost->r >= 1 && cost->p >= 1 && cost->p <= 4 &&
	       scrypt_memory(cost) <= SCRYPT_MEMORY_MAX;
}

static void pkey_ctx_freep(EVP_PKEY_CTX **ctx)
{
	EVP_PKEY_CTX_free(*ctx);
}

bool derive_hkdf(const struct buffer *material, const unsigned char salt[DERIVE_SALT_SIZE], const char *label,
		 void *ret, size_t ret_size, struct error *err)
{
	_cleanup_(pkey_ctx_freep) EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_id(EVP_PKEY_HKDF, NULL);
	size_t len = ret_size;

	if (!ctx || EVP_PKEY_derive_init(ctx) != 1 || EVP_PKEY_CTX_set_hkdf_md(ctx, EVP_sha256()) != 1 ||
	    EVP_PKEY_CTX_set1_hkdf_salt(ctx, salt, DERIVE_SALT_SIZE) != 1 ||
	    EVP_PKEY_CTX_set1_hkdf_key(ctx, (const unsigned char *)material->data, (int)material->len) != 1 ||
	    EVP_PKEY_CTX_add1_hkdf_info(ctx, (const unsigned char *)label, (int)strlen(label)) != 1 ||
	    EVP_PKEY_derive(ctx, ret, &len) != 1 || len != ret_size)
		return error_set(err, ERROR_INTERNAL, "OpenSSL does not derive keys here (HKDF-SHA256)");
	return true;
}

bool derive_scrypt(const struct buffer *passphrase, const unsigned char salt[DERIVE_SALT_SIZE],
		   const struct scrypt_cost *cost, struct buffer *ret, struct error *err)
{
	_cleanup_(buffer_clearp) struct buffer key = BUFFER_INIT(DERIVE_KEY_SIZE, &secret_memory);

	if (!buffer_reserve(&key, DERIVE_KEY_SIZE) || !buffer_reserve(ret, 2 * DERIVE_KEY_SIZE))
		return error_set(err, ERROR_INTERNAL, "there is no memory for a key");
	if (EVP_PBE_scrypt(passphrase->data, passphrase->len, salt, DERIVE_SALT_SIZE,
			   UINT64_C(1) << cost->log2_n, cost->r, cost->p, 2 * SCRYPT_MEMORY_MAX,
			   (unsigned char *)key.data, DERIVE_KEY_SIZE) != 1)
		return error_set(err, ERROR_INTERNAL, "scrypt needs %llu MiB of memory, which are not there",
				 (unsigned long long)scrypt_memory(cost) >> 20);
	key.len = DERIVE_KEY_SIZE;
	for (size_t i = 0; i < key.len; i++) {
		if (!buffer_append_format(ret, "%02x", (unsigned char)key.data[i]))
			return error_set(err, ERROR_INTERNAL, "there is no memory for a key");
	}
	return true;
}

bool derive_random(void *ret, size_t size, struct error *err)
{
	if (RAND_bytes(ret, (int)size) != 1)
		return error_set(err, ERROR_INTERNAL, "OpenSSL has no random numbers here");
	return true;
}
