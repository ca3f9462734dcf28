#include "base/secret.h"

#include "check.h"

static void a_secret_keeps_its_bytes(void)
{
	_cleanup_(secret_freep) struct secret *s = secret_new("hun\0ter2", 8);

	CHECK(secret_len(s) == 8);
	CHECK(memcmp(secret_text(s), "hun\0ter2", 9) == 0);
	CHECK(secret_is_equal(s, "hun\0ter2", 8));
	CHECK(!secret_is_equal(s, "hun\0ter3", 8));
	CHECK(!secret_is_equal(s, "hun", 3));
	CHECK(secret_free(NULL) == NULL);
}

static void a_full_arena_is_null_and_usable_again_afterwards(void)
{
	static char big[64 * 1024];
	struct secret *kept[128];
	size_t n = 0;

	while (n < 128 && (kept[n] = secret_new(big, sizeof(big))))
		n++;
	CHECK(n > 16 && n < 128);
	CHECK(!secret_new(big, sizeof(big)));
	while (n > 0)
		secret_free(kept[--n]);
	_cleanup_(secret_freep) struct secret *again = secret_new(big, sizeof(big));
	CHECK(again);
}

static void a_secret_buffer_refuses_what_is_over_its_maximum(void)
{
	_cleanup_(buffer_clearp) struct buffer b = BUFFER_INIT(8, &secret_memory);

	CHECK(buffer_append(&b, "12345678", 8));
	CHECK(!buffer_append(&b, "9", 1));
	CHECK(b.len == 8 && strcmp(b.data, "12345678") == 0);
}

int main(void)
{
	bool locked;

	CHECK(secret_init(&locked));
	a_secret_keeps_its_bytes();
	a_full_arena_is_null_and_usable_again_afterwards();
	a_secret_buffer_refuses_what_is_over_its_maximum();
	return 0;
}
