/*
 * The sealed file: as it is, and with a checksum that is right, as one would make it who does not know the
 * key.
 */
#include "stores/sealed.h"

#include <openssl/sha.h>

#include "fuzz.h"
#include "stores/key_source.h"

#define CHECKSUM_SIZE 16

static const unsigned char salt[DERIVE_SALT_SIZE] = "sixteen of salt";

static void derive_key(struct sealed_key *ret)
{
	_cleanup_(buffer_clearp) struct buffer material = BUFFER_INIT(64, &buffer_heap);
	struct error err;

	REQUIRE(buffer_append_text(&material, "0123456789abcdef0123456789abcdef"));
	REQUIRE(sealed_key_derive(&material, salt, ret, &err));
}

static void correct_checksum(struct buffer *file)
{
	unsigned char whole[SHA256_DIGEST_LENGTH];

	if (file->len < CHECKSUM_SIZE)
		return;
	SHA256((unsigned char *)file->data, file->len - CHECKSUM_SIZE, whole);
	memcpy(file->data + file->len - CHECKSUM_SIZE, whole, CHECKSUM_SIZE);
}

static void require_store_error(const struct error *err)
{
	require_printable_error(err);
	REQUIRE(err->kind == ERROR_STORE);
}

static void open_file(const struct buffer *file, const struct sealed_key *key)
{
	_cleanup_(buffer_clearp) struct buffer plain = BUFFER_INIT(SEALED_MAX, &buffer_heap);
	struct sealed_header header;
	struct error err = {0};

	if (!sealed_parse(file, "sealed", &header, &err)) {
		require_store_error(&err);
		return;
	}
	REQUIRE(key_source_name((enum key_source)header.source));
	REQUIRE(header.source != KEY_SOURCE_PASSPHRASE || scrypt_cost_is_sane(&header.cost));
	if (sealed_open(file, "sealed", key, &plain, &err)) {
		REQUIRE(plain.len == file->len - SEALED_OVERHEAD);
	} else {
		REQUIRE(plain.len == 0);
		require_store_error(&err);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(buffer_clearp) struct buffer file = BUFFER_INIT(SEALED_MAX, &buffer_heap);
	_cleanup_(sealed_key_donep) struct sealed_key key = {0};

	if (!buffer_append(&file, data, size))
		return 0;
	derive_key(&key);
	open_file(&file, &key);
	correct_checksum(&file);
	open_file(&file, &key);
	return 0;
}
