#pragma once
/* Keys made of other keys (HKDF-SHA256) and of passphrases (scrypt), and random bytes for salts and nonces.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"

#define DERIVE_KEY_SIZE  32
#define DERIVE_SALT_SIZE 16

struct scrypt_cost {
	uint8_t log2_n, r, p;
};

/* About 90 ms and 32 MiB: as much as a person at a prompt does not notice. */
extern const struct scrypt_cost scrypt_cost_default;

/* Whether a file may ask for it: neither too little to mean anything nor more than a machine has. */
bool scrypt_cost_is_sane(const struct scrypt_cost *cost);

/* label keeps the keys for different purposes apart. */
bool derive_hkdf(const struct buffer *material, const unsigned char salt[DERIVE_SALT_SIZE], const char *label,
		 void *ret, size_t ret_size, struct error *err) MUST_CHECK;
/* Appends the key as hexadecimal digits, for it travels in JSON. */
bool derive_scrypt(const struct buffer *passphrase, const unsigned char salt[DERIVE_SALT_SIZE],
		   const struct scrypt_cost *cost, struct buffer *ret, struct error *err) MUST_CHECK;
bool derive_random(void *ret, size_t size, struct error *err) MUST_CHECK;
