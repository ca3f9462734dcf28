#include "stores/sealed.h"

#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

#include "base/secret.h"
#include "stores/key_source.h"

#define MAGIC         "iamic sealed"
#define MAGIC_SIZE    (sizeof(MAGIC) - 1)
#define AT_VERSION    12
#define AT_SOURCE     16
#define AT_COST       17
#define AT_KEY_ID     20
#define AT_MACHINE    28
#define AT_SALT       36
#define AT_GENERATION 52
#define AT_NONCE      60
#define NONCE_SIZE    12
#define TAG_SIZE      16
#define CHECKSUM_SIZE 16

_Static_assert(AT_NONCE + NONCE_SIZE == SEALED_HEADER_SIZE, "the nonce ends the header");
_Static_assert(SEALED_HEADER_SIZE + TAG_SIZE + CHECKSUM_SIZE == SEALED_OVERHEAD, "what is not the documents");

/* ---- keys ---- */

void sealed_key_done(struct sealed_key *key)
{
	buffer_clear(&key->bytes);
}

bool sealed_key_derive(const struct buffer *material, const unsigned char salt[DERIVE_SALT_SIZE],
		       struct sealed_key *ret, struct error *err)
{
	_cleanup_(sealed_key_donep) struct sealed_key key = {
		.bytes = BUFFER_INIT(DERIVE_KEY_SIZE, &secret_memory)};

	if (!buffer_reserve(&key.bytes, DERIVE_KEY_SIZE))
		return error_set(err, ERROR_INTERNAL, "there is no memory for a key");
	if (!derive_hkdf(material, salt, "iamic sealed: key", key.bytes.data, DERIVE_KEY_SIZE, err) ||
	    !derive_hkdf(material, salt, "iamic sealed: key id", key.id, sizeof(key.id), err))
		return false;
	key.bytes.len = DERIVE_KEY_SIZE;
	*ret = key;
	key.bytes = BUFFER_INIT(0, &buffer_heap);
	return true;
}

bool sealed_key_fits(const struct sealed_key *key, const struct sealed_header *header)
{
	return CRYPTO_memcmp(key->id, header->key_id, sizeof(key->id)) == 0;
}

/* ---- numbers ---- */

static uint64_t number_at(const unsigned char *p, size_t size)
{
	uint64_t value = 0;

	for (size_t i = 0; i < size; i++)
		value = value << 8 | p[i];
	return value;
}

static void put_number(unsigned char *p, size_t size, uint64_t value)
{
	for (size_t i = size; i > 0; i--, value >>= 8)
		p[i - 1] = (unsigned char)value;
}

/* ---- the whole file ---- */

static bool damaged(const char *path, struct error *err)
{
	return error_set(err, ERROR_STORE, "'%s' is damaged: move it away and sign in again", path);
}

static void checksum(const void *data, size_t len, unsigned char ret[CHECKSUM_SIZE])
{
	unsigned char whole[SHA256_DIGEST_LENGTH];

	SHA256(data, len, whole);
	memcpy(ret, whole, CHECKSUM_SIZE);
}

static bool check_form(const struct buffer *file, const char *path, struct error *err)
{
	size_t n = file->len < MAGIC_SIZE ? file->len : MAGIC_SIZE;
	unsigned char sum[CHECKSUM_SIZE];
	uint64_t version;

	if (n && memcmp(file->data, MAGIC, n) != 0)
		return error_set(err, ERROR_STORE,
				 "'%s' is no sealed file of iamic's: move it away and sign in again", path);
	if (file->len < SEALED_OVERHEAD)
		return damaged(path, err);
	version = number_at((const unsigned char *)file->data + AT_VERSION, AT_SOURCE - AT_VERSION);
	if (version > SEALED_VERSION)
		return error_set(
			err, ERROR_STORE,
			"'%s' is of a newer iamic (version %llu): update iamic, or move the file away "
			"and sign in again",
			path, (unsigned long long)version);
	checksum(file->data, file->len - CHECKSUM_SIZE, sum);
	if (version == 0 || memcmp(sum, file->data + file->len - CHECKSUM_SIZE, CHECKSUM_SIZE) != 0)
		return damaged(path, err);
	return true;
}

static bool source_is_sane(const struct sealed_header *header)
{
	static const struct scrypt_cost none = {0};

	if (!key_source_name((enum key_source)header->source))
		return false;
	return header->source == KEY_SOURCE_PASSPHRASE ? scrypt_cost_is_sane(&header->cost)
						       : memcmp(&header->cost, &none, sizeof(none)) == 0;
}

bool sealed_parse(const struct buffer *file, const char *path, struct sealed_header *ret, struct error *err)
{
	const unsigned char *p = (const unsigned char *)file->data;
	struct sealed_header header;

	if (!check_form(file, path, err))
		return false;
	header = (struct sealed_header){
		.source = p[AT_SOURCE],
		.cost = {.log2_n = p[AT_COST], .r = p[AT_COST + 1], .p = p[AT_COST + 2]},
		.generation = number_at(p + AT_GENERATION, AT_NONCE - AT_GENERATION),
	};
	memcpy(header.key_id, p + AT_KEY_ID, sizeof(header.key_id));
	memcpy(header.machine, p + AT_MACHINE, sizeof(header.machine));
	memcpy(header.salt, p + AT_SALT, sizeof(header.salt));
	if (!source_is_sane(&header))
		return damaged(path, err);
	*ret = header;
	return true;
}

static void header_format(const struct sealed_header *header, const struct sealed_key *key,
			  unsigned char ret[SEALED_HEADER_SIZE])
{
	memset(ret, 0, SEALED_HEADER_SIZE);
	memcpy(ret, MAGIC, MAGIC_SIZE);
	put_number(ret + AT_VERSION, AT_SOURCE - AT_VERSION, SEALED_VERSION);
	ret[AT_SOURCE] = header->source;
	ret[AT_COST] = header->cost.log2_n;
	ret[AT_COST + 1] = header->cost.r;
	ret[AT_COST + 2] = header->cost.p;
	memcpy(ret + AT_KEY_ID, key->id, sizeof(key->id));
	memcpy(ret + AT_MACHINE, header->machine, sizeof(header->machine));
	memcpy(ret + AT_SALT, header->salt, sizeof(header->salt));
	put_number(ret + AT_GENERATION, AT_NONCE - AT_GENERATION, header->generation);
}

/* ---- AES-256-GCM ---- */

static void cipher_ctx_freep(EVP_CIPHER_CTX **ctx)
{
	EVP_CIPHER_CTX_free(*ctx);
}

/* The whole header is associated data, the nonce in it too. encrypt 1, decrypt 0. */
static EVP_CIPHER_CTX *cipher_new(int encrypt, const struct sealed_key *key,
				  const unsigned char header[SEALED_HEADER_SIZE])
{
	_cleanup_(cipher_ctx_freep) EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n;

	if (!ctx || key->bytes.len != DERIVE_KEY_SIZE ||
	    EVP_CipherInit_ex(ctx, EVP_aes_256_gcm(), NULL, (const unsigned char *)key->bytes.data,
			      header + AT_NONCE, encrypt) != 1 ||
	    EVP_CipherUpdate(ctx, NULL, &n, header, SEALED_HEADER_SIZE) != 1)
		return NULL;
	return TAKE(ctx);
}

/* Decrypts before the tag is checked, as GCM has it; on a mismatch nothing of that is left. */
static bool decrypt(EVP_CIPHER_CTX *ctx, const unsigned char *sealed, size_t len, struct buffer *plain)
{
	unsigned char tag[TAG_SIZE], *out = (unsigned char *)plain->data + plain->len;
	int n, rest;

	memcpy(tag, sealed + len, TAG_SIZE);
	if (EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, TAG_SIZE, tag) != 1 ||
	    EVP_CipherUpdate(ctx, out, &n, sealed, (int)len) != 1 ||
	    EVP_CipherFinal_ex(ctx, out + n, &rest) != 1) {
		OPENSSL_cleanse(out, len);
		return false;
	}
	plain->len += len;
	plain->data[plain->len] = '\0';
	return true;
}

bool sealed_open(const struct buffer *file, const char *path, const struct sealed_key *key,
		 struct buffer *plain, struct error *err)
{
	const unsigned char *p = (const unsigned char *)file->data;
	_cleanup_(cipher_ctx_freep) EVP_CIPHER_CTX *ctx = cipher_new(0, key, p);
	size_t len = file->len - SEALED_OVERHEAD;

	if (!ctx)
		return error_set(err, ERROR_INTERNAL, "OpenSSL does not decrypt here (AES-256-GCM)");
	if (!buffer_reserve(plain, len))
		return error_set(err, ERROR_INTERNAL, "there is no memory for what is in '%s'", path);
	return decrypt(ctx, p + SEALED_HEADER_SIZE, len, plain) || damaged(path, err);
}

static bool encrypt(EVP_CIPHER_CTX *ctx, const struct buffer *plain, unsigned char *out)
{
	int n = 0, rest;

	return EVP_CipherUpdate(ctx, out, &n, (const unsigned char *)plain->data, (int)plain->len) == 1 &&
	       EVP_CipherFinal_ex(ctx, out + n, &rest) == 1 &&
	       EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, TAG_SIZE, out + plain->len) == 1;
}

bool sealed_close(const struct sealed_header *header, const struct sealed_key *key,
		  const struct buffer *plain, struct buffer *file, struct error *err)
{
	_cleanup_(cipher_ctx_freep) EVP_CIPHER_CTX *ctx = NULL;
	size_t begin = file->len, len = SEALED_OVERHEAD + plain->len;
	unsigned char *out;

	if (plain->len > SEALED_MAX - SEALED_OVERHEAD || !buffer_reserve(file, len))
		return error_set(
			err, ERROR_STORE,
			"the sealed file would get more than %d bytes: sign out of sessions that are no "
			"longer used",
			SEALED_MAX);
	out = (unsigned char *)file->data + begin;
	header_format(header, key, out);
	if (!derive_random(out + AT_NONCE, NONCE_SIZE, err))
		return false;
	ctx = cipher_new(1, key, out);
	if (!ctx || !encrypt(ctx, plain, out + SEALED_HEADER_SIZE))
		return error_set(err, ERROR_INTERNAL, "OpenSSL does not encrypt here (AES-256-GCM)");
	checksum(out, len - CHECKSUM_SIZE, out + len - CHECKSUM_SIZE);
	file->len += len;
	file->data[file->len] = '\0';
	return true;
}
