#include <openssl/sha.h>

#include "base/secret.h"
#include "base/xalloc.h"
#include "check.h"
#include "stores/key_source.h"
#include "stores/sealed.h"

#define PATH      "/home/x/sealed"
#define DOCUMENTS "{\"documents\":[]} hunter2 hunter2"
#define MATERIAL  "0123456789abcdef0123456789abcdef"
#define CHECKSUM  16

static const unsigned char salt[DERIVE_SALT_SIZE] = "sixteen of salt";

static struct buffer bytes(const char *text)
{
	struct buffer b = BUFFER_INIT(SEALED_MAX, &secret_memory);

	CHECK(buffer_append_text(&b, text));
	return b;
}

static void derive(const char *material, struct sealed_key *ret)
{
	_cleanup_(buffer_clearp) struct buffer b = bytes(material);
	struct error err;

	CHECK(sealed_key_derive(&b, salt, ret, &err));
}

static struct sealed_header header_of(const struct sealed_key *key)
{
	struct sealed_header header = {.source = KEY_SOURCE_RANDOM, .machine = "machine", .generation = 7};

	memcpy(header.key_id, key->id, sizeof(key->id));
	memcpy(header.salt, salt, sizeof(salt));
	return header;
}

/* A file, and the key that opens it. */
static struct buffer seal(struct sealed_key *ret_key)
{
	_cleanup_(buffer_clearp) struct buffer plain = bytes(DOCUMENTS);
	struct buffer file = BUFFER_INIT(SEALED_MAX, &buffer_heap);
	struct sealed_header header;
	struct error err;

	derive(MATERIAL, ret_key);
	header = header_of(ret_key);
	CHECK(sealed_close(&header, ret_key, &plain, &file, &err));
	return file;
}

static void correct_checksum(struct buffer *file)
{
	unsigned char whole[SHA256_DIGEST_LENGTH];

	SHA256((unsigned char *)file->data, file->len - CHECKSUM, whole);
	memcpy(file->data + file->len - CHECKSUM, whole, CHECKSUM);
}

/* Both steps, as a reader takes them. */
static bool parse_and_open(const struct buffer *file, const struct sealed_key *key, struct error *err)
{
	_cleanup_(buffer_clearp) struct buffer plain = BUFFER_INIT(SEALED_MAX, &secret_memory);
	struct sealed_header header;

	if (!sealed_parse(file, PATH, &header, err))
		return false;
	if (!sealed_key_fits(key, &header))
		return error_set(err, ERROR_STORE, "'%s': another key", PATH);
	if (!sealed_open(file, PATH, key, &plain, err)) {
		CHECK(plain.len == 0);
		return false;
	}
	CHECK_STR(plain.data, DOCUMENTS);
	return true;
}

static void check_refusal(const struct buffer *file, const struct sealed_key *key)
{
	struct error err = {0};

	CHECK(!parse_and_open(file, key, &err));
	CHECK(err.kind == ERROR_STORE && strstr(err.message, PATH) && !strstr(err.message, "hunter2"));
}

static void what_was_sealed_is_opened_again(void)
{
	_cleanup_(sealed_key_donep) struct sealed_key key;
	_cleanup_(buffer_clearp) struct buffer file = seal(&key);
	struct sealed_header header;
	struct error err;

	CHECK(sealed_parse(&file, PATH, &header, &err));
	CHECK(header.source == KEY_SOURCE_RANDOM && header.generation == 7);
	CHECK(memcmp(header.salt, salt, sizeof(salt)) == 0 && memcmp(header.machine, "machine", 8) == 0);
	CHECK(parse_and_open(&file, &key, &err));
	CHECK(!memmem(file.data, file.len, "hunter2", 7));
}

/* With GCM, two files by one nonce would give away the key stream. */
static void no_two_files_share_a_nonce(void)
{
	_cleanup_(sealed_key_donep) struct sealed_key key1, key2;
	_cleanup_(buffer_clearp) struct buffer one = seal(&key1), two = seal(&key2);

	CHECK(one.len == two.len && memcmp(one.data, two.data, 60) == 0);
	CHECK(memcmp(one.data + 60, two.data + 60, 12) != 0);
	CHECK(memcmp(one.data + SEALED_HEADER_SIZE, two.data + SEALED_HEADER_SIZE, 12) != 0);
}

static void a_file_cut_at_any_byte_is_refused(void)
{
	_cleanup_(sealed_key_donep) struct sealed_key key;
	_cleanup_(buffer_clearp) struct buffer file = seal(&key);
	size_t whole = file.len;

	for (file.len = 0; file.len < whole; file.len++) {
		_cleanup_(buffer_clearp) struct buffer cut = BUFFER_INIT(SEALED_MAX, &buffer_heap);

		/* A copy, so that AddressSanitizer sees the end. */
		CHECK(buffer_append(&cut, file.data, file.len));
		check_refusal(&cut, &key);
	}
	file.len = whole;
	CHECK(buffer_append(&file, "x", 1));
	check_refusal(&file, &key);
}

static void a_file_with_any_bit_changed_is_refused(void)
{
	_cleanup_(sealed_key_donep) struct sealed_key key;
	_cleanup_(buffer_clearp) struct buffer file = seal(&key);

	for (size_t bit = 0; bit < 8 * file.len; bit++) {
		file.data[bit / 8] ^= (char)(1 << bit % 8);
		check_refusal(&file, &key);
		file.data[bit / 8] ^= (char)(1 << bit % 8);
	}
}

/* Whoever can compute the checksum still cannot change the header: source, cost, key id, machine, salt,
 * generation and nonce are associated data. */
static void a_bit_changed_on_purpose_is_refused(void)
{
	_cleanup_(sealed_key_donep) struct sealed_key key;
	_cleanup_(buffer_clearp) struct buffer file = seal(&key);
	struct error err;

	for (size_t bit = 0; bit < 8 * (file.len - CHECKSUM); bit++) {
		file.data[bit / 8] ^= (char)(1 << bit % 8);
		correct_checksum(&file);
		check_refusal(&file, &key);
		file.data[bit / 8] ^= (char)(1 << bit % 8);
	}
	correct_checksum(&file);
	CHECK(parse_and_open(&file, &key, &err));
}

static void damage_says_what_to_do(void)
{
	_cleanup_(sealed_key_donep) struct sealed_key key;
	_cleanup_(buffer_clearp) struct buffer file = seal(&key);
	struct error err;

	file.data[file.len / 2] ^= 1;
	CHECK(!parse_and_open(&file, &key, &err));
	CHECK_STR(err.message, "'" PATH "' is damaged: move it away and sign in again");
	file.data[3] ^= 1;
	CHECK(!parse_and_open(&file, &key, &err));
	CHECK(strstr(err.message, "no sealed file of iamic's"));
}

static void a_file_of_a_newer_version_says_so(void)
{
	_cleanup_(sealed_key_donep) struct sealed_key key;
	_cleanup_(buffer_clearp) struct buffer file = seal(&key);
	struct error err;

	file.data[15] = 2;
	for (int i = 0; i < 2; i++) {
		CHECK(!parse_and_open(&file, &key, &err));
		CHECK(strstr(err.message, "newer iamic (version 2)") && strstr(err.message, PATH));
		correct_checksum(&file);
	}
	file.data[15] = 0;
	correct_checksum(&file);
	check_refusal(&file, &key);
}

static void another_key_does_not_fit_and_opens_nothing(void)
{
	_cleanup_(sealed_key_donep) struct sealed_key right, wrong;
	_cleanup_(buffer_clearp) struct buffer file = seal(&right),
					       plain = BUFFER_INIT(SEALED_MAX, &secret_memory);
	struct sealed_header header;
	struct error err;

	derive("0123456789abcdef0123456789abcdeF", &wrong);
	CHECK(sealed_parse(&file, PATH, &header, &err));
	CHECK(sealed_key_fits(&right, &header) && !sealed_key_fits(&wrong, &header));
	CHECK(!sealed_open(&file, PATH, &wrong, &plain, &err));
	CHECK(plain.len == 0 && strstr(err.message, "damaged"));
}

/* Else a file by anyone could make a helper take all memory, or a passphrase easy to guess. */
static void a_cost_that_no_one_chose_is_refused(void)
{
	static const struct scrypt_cost bad[] = {
		{0, 8, 1},       {10, 8, 1}, {21, 8, 1}, {63, 8, 1}, {64, 8, 1},
		{255, 255, 255}, {15, 0, 1}, {15, 8, 0}, {15, 8, 5}, {19, 8, 1},
	};
	_cleanup_(buffer_clearp) struct buffer plain = bytes(DOCUMENTS);
	_cleanup_(sealed_key_donep) struct sealed_key key;
	struct sealed_header header;
	struct error err;

	derive(MATERIAL, &key);
	header = header_of(&key);
	header.source = KEY_SOURCE_PASSPHRASE;
	for (size_t i = 0; i <= ARRAY_SIZE(bad); i++) {
		_cleanup_(buffer_clearp) struct buffer file = BUFFER_INIT(SEALED_MAX, &buffer_heap);

		header.cost = i < ARRAY_SIZE(bad) ? bad[i] : scrypt_cost_default;
		CHECK(sealed_close(&header, &key, &plain, &file, &err));
		CHECK(parse_and_open(&file, &key, &err) == (i == ARRAY_SIZE(bad)));
	}
}

static void a_file_that_would_be_too_large_is_not_made(void)
{
	_cleanup_(buffer_clearp) struct buffer plain = BUFFER_INIT(2 * SEALED_MAX, &buffer_heap),
					       file = BUFFER_INIT(SEALED_MAX, &buffer_heap);
	_cleanup_(sealed_key_donep) struct sealed_key key;
	struct sealed_header header;
	struct error err;

	derive(MATERIAL, &key);
	header = header_of(&key);
	CHECK(buffer_reserve(&plain, SEALED_MAX));
	memset(plain.data, 'x', SEALED_MAX);
	plain.len = SEALED_MAX - SEALED_OVERHEAD;
	CHECK(sealed_close(&header, &key, &plain, &file, &err) && file.len == SEALED_MAX);
	buffer_clear(&file);
	plain.len++;
	CHECK(!sealed_close(&header, &key, &plain, &file, &err));
	CHECK(file.len == 0 && strstr(err.message, "524288 bytes"));
}

/* Computed with Python's hashlib and hmac: a file must open with every version and every OpenSSL. */
static void keys_are_the_same_for_ever(void)
{
	static const unsigned char id[] = "\x8e\x2f\x17\x56\x0f\xa8\x72\x67";
	static const char first[] = "\x66\xba\x48\x51\x35\x32\x40\xc0";
	_cleanup_(buffer_clearp) struct buffer passphrase = bytes("correct horse"), key = bytes("");
	_cleanup_(sealed_key_donep) struct sealed_key derived;
	struct error err;

	CHECK(derive_scrypt(&passphrase, salt, &scrypt_cost_default, &key, &err));
	CHECK_STR(key.data, "f7d82ea0fd1d2c47b4738357e72ca8c659a42ffc85e5ce90b7a4e04474d415d1");
	CHECK(sealed_key_derive(&key, salt, &derived, &err));
	CHECK(memcmp(derived.id, id, SEALED_ID_SIZE) == 0);
	CHECK(derived.bytes.len == DERIVE_KEY_SIZE && memcmp(derived.bytes.data, first, 8) == 0);
}

int main(void)
{
	bool locked;

	CHECK(secret_init(&locked));
	what_was_sealed_is_opened_again();
	no_two_files_share_a_nonce();
	a_file_cut_at_any_byte_is_refused();
	a_file_with_any_bit_changed_is_refused();
	a_bit_changed_on_purpose_is_refused();
	damage_says_what_to_do();
	a_file_of_a_newer_version_says_so();
	another_key_does_not_fit_and_opens_nothing();
	a_cost_that_no_one_chose_is_refused();
	a_file_that_would_be_too_large_is_not_made();
	keys_are_the_same_for_ever();
	return 0;
}
