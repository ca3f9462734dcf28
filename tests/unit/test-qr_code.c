/* A code's lines: how many there are, how wide, and when there is none. */
#include "base/text.h"
#include "base/xalloc.h"
#include "build-config.h"
#include "check.h"
#include "cli/qr_code.h"

#define ADDRESS "https://d-1234567890.awsapps.com/start/#/device?user_code=BCDF-GHJK"

/* Of the code for that address, with the wide and the narrow margin. */
#define SIDE        33
#define WIDE        (SIDE + 8)
#define WIDE_LINES  21
#define SMALL       (SIDE + 4)
#define SMALL_LINES 19

static char *draw(const char *text, size_t columns, size_t lines, bool has_colour)
{
	return qr_code_draw(text, &(struct qr_room){columns, lines, has_colour});
}

#if IAMIC_HAS_QRENCODE

/* Every line of the drawing is so wide, and there are so many. */
static void check_size(const char *drawing, size_t columns, size_t lines)
{
	CHECK(drawing);
	for (const char *end, *line = drawing; *line; line = end + 1, lines--) {
		end = strchr(line, '\n');
		CHECK(end && lines > 0);
		_cleanup_free_ char *copy = xstrndup(line, (size_t)(end - line));
		CHECK(text_columns(copy) == columns);
	}
	CHECK(lines == 0);
}

static void it_has_the_margin_that_there_is_room_for(void)
{
	_cleanup_free_ char *wide = draw(ADDRESS, WIDE, WIDE_LINES, false);
	_cleanup_free_ char *narrow = draw(ADDRESS, WIDE - 1, WIDE_LINES, false);
	_cleanup_free_ char *low = draw(ADDRESS, WIDE, WIDE_LINES - 1, false);
	_cleanup_free_ char *small = draw(ADDRESS, SMALL, SMALL_LINES, false);

	check_size(wide, WIDE, WIDE_LINES);
	check_size(narrow, SMALL, SMALL_LINES);
	check_size(low, SMALL, SMALL_LINES);
	check_size(small, SMALL, SMALL_LINES);
}

static void there_is_none_without_room(void)
{
	CHECK(!draw(ADDRESS, SMALL - 1, 100, false));
	CHECK(!draw(ADDRESS, 100, SMALL_LINES - 1, true));
	CHECK(!draw(ADDRESS, 0, 0, true));
}

static void with_colours_every_line_has_its_own(void)
{
	static const char begin[] = "\033[30;47;107m  ", end[] = "  \033[0m\n";
	_cleanup_free_ char *drawing = draw(ADDRESS, SMALL, SMALL_LINES, true);
	size_t lines = 0;

	CHECK(drawing);
	for (const char *next, *line = drawing; *line; line = next, lines++) {
		next = strchr(line, '\n') + 1;
		CHECK(strncmp(line, begin, strlen(begin)) == 0);
		CHECK(strncmp(next - strlen(end), end, strlen(end)) == 0);
	}
	CHECK(lines == SMALL_LINES);
}

static void a_text_that_no_code_holds_has_none(void)
{
	char text[8192] = "";

	CHECK(!draw(text, 1000, 1000, false));
	CHECK(!draw("https://h/\xc3\xa4", 1000, 1000, false));
	memset(text, 'x', 2048);
	_cleanup_free_ char *longest = draw(text, 1000, 1000, true);
	CHECK(longest);
	memset(text, 'x', sizeof(text) - 1);
	CHECK(!draw(text, 1000, 1000, false));
}

int main(void)
{
	it_has_the_margin_that_there_is_room_for();
	there_is_none_without_room();
	with_colours_every_line_has_its_own();
	a_text_that_no_code_holds_has_none();
	return 0;
}

#else

int main(void)
{
	CHECK(!draw(ADDRESS, 1000, 1000, true));
	return 0;
}

#endif
