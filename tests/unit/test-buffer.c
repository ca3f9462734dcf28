#include <stdint.h>

#include "base/buffer.h"
#include "check.h"

static size_t n_allocs; /* memory that counts, and has none left after limit */
static size_t alloc_limit;
static bool was_dirty; /* something was given back that was not erased by buffer itself */

static void *counting_alloc(size_t size)
{
	return n_allocs++ < alloc_limit ? calloc(1, size) : NULL;
}

static void counting_release(void *p, size_t size)
{
	if (p && !size)
		was_dirty = true;
	free(p);
}

static const struct buffer_memory counting = {counting_alloc, counting_release};

static void text_can_be_read_in_place(void)
{
	_cleanup_(buffer_clearp) struct buffer b = BUFFER_INIT(100, &buffer_heap);

	CHECK(!b.data);
	CHECK(buffer_append_text(&b, "one"));
	CHECK(buffer_append(&b, " two", 4));
	CHECK(buffer_append_format(&b, " %s%d", "three", 4));
	CHECK_STR(b.data, "one two three4");
	CHECK(b.len == strlen(b.data));
	CHECK(buffer_append(&b, "\0x", 2));
	CHECK(b.len == 16 && b.data[14] == '\0' && b.data[16] == '\0');
}

static void what_is_over_the_maximum_changes_nothing(void)
{
	_cleanup_(buffer_clearp) struct buffer b = BUFFER_INIT(8, &buffer_heap);

	CHECK(buffer_append(&b, "1234567", 7));
	CHECK(!buffer_append(&b, "89", 2));
	CHECK(!buffer_append_format(&b, "%d", 89));
	CHECK(!buffer_reserve(&b, SIZE_MAX));
	CHECK_STR(b.data, "1234567");
	CHECK(buffer_append(&b, "8", 1));
	CHECK(!buffer_append(&b, "9", 1));
	CHECK(buffer_append(&b, "", 0));
	CHECK(b.len == 8);
	CHECK_STR(b.data, "12345678");
}

static void it_grows_and_keeps_what_it_has(void)
{
	_cleanup_(buffer_clearp) struct buffer b = BUFFER_INIT(10000, &buffer_heap);

	for (int i = 0; i < 10000; i++)
		CHECK(buffer_append(&b, i % 2 ? "b" : "a", 1));
	CHECK(b.len == 10000 && !buffer_append(&b, "c", 1));
	for (int i = 0; i < 10000; i++)
		CHECK(b.data[i] == (i % 2 ? 'b' : 'a'));
}

static void a_read_is_told_what_fits(void)
{
	_cleanup_(buffer_clearp) struct buffer b = BUFFER_INIT(600, &buffer_heap);

	CHECK(buffer_room(&b) == 0);
	CHECK(buffer_append(&b, "x", 1));
	CHECK(buffer_room(&b) == b.capacity - 2);
	CHECK(buffer_reserve(&b, 599));
	CHECK(b.capacity > 601 && buffer_room(&b) == 599);
	b.len = 600;
	CHECK(buffer_room(&b) == 0);
}

static void memory_that_has_none_left_changes_nothing(void)
{
	_cleanup_(buffer_clearp) struct buffer b = BUFFER_INIT(10000, &counting);

	n_allocs = 0;
	alloc_limit = 1;
	CHECK(buffer_append_text(&b, "kept"));
	CHECK(!buffer_reserve(&b, 5000));
	CHECK(!buffer_append_format(&b, "%05000d", 1));
	CHECK_STR(b.data, "kept");
	CHECK(buffer_append_text(&b, ", and used"));
	CHECK_STR(b.data, "kept, and used");
}

static void consuming_drops_the_front_and_erases_the_rest(void)
{
	_cleanup_(buffer_clearp) struct buffer b = BUFFER_INIT(100, &buffer_heap);

	CHECK(buffer_append_text(&b, "headBODY"));
	buffer_consume(&b, 4);
	CHECK_STR(b.data, "BODY");
	CHECK(b.len == 4);
	CHECK(memcmp(b.data + 4, "\0\0\0\0", 4) == 0);
	buffer_consume(&b, 0);
	CHECK_STR(b.data, "BODY");
	buffer_consume(&b, 1000);
	CHECK(!b.data && b.len == 0 && b.capacity == 0);
	buffer_consume(&b, 1);
	CHECK(buffer_append_text(&b, "again"));
	CHECK_STR(b.data, "again");
}

static void memory_is_told_the_size_it_gets_back(void)
{
	struct buffer b = BUFFER_INIT(10000, &counting);

	n_allocs = 0;
	alloc_limit = SIZE_MAX;
	was_dirty = false;
	CHECK(buffer_append_text(&b, "x"));
	CHECK(buffer_reserve(&b, 9000));
	buffer_clear(&b);
	CHECK(!was_dirty && n_allocs == 2);
	buffer_clear(&b);
}

static void a_buffer_that_was_never_set_up_can_be_cleared(void)
{
	struct buffer b = {0};

	buffer_clear(&b);
	CHECK(!b.data);
}

int main(void)
{
	text_can_be_read_in_place();
	what_is_over_the_maximum_changes_nothing();
	it_grows_and_keeps_what_it_has();
	a_read_is_told_what_fits();
	memory_that_has_none_left_changes_nothing();
	consuming_drops_the_front_and_erases_the_rest();
	memory_is_told_the_size_it_gets_back();
	a_buffer_that_was_never_set_up_can_be_cleared();
	return 0;
}
