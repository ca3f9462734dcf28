#include "cli/diff.h"

#include "base/xalloc.h"
#include "check.h"

#define OUT_MAX (1 << 20)

static struct diff_text text_of(const char *name, const char *text)
{
	return (struct diff_text){name, text, strlen(text)};
}

static void check_diff(const char *from, const char *to, const char *want)
{
	_cleanup_(buffer_clearp) struct buffer out = BUFFER_INIT(OUT_MAX, &buffer_heap);
	const struct diff_text a = text_of("a", from), b = text_of("b", to);

	CHECK(diff_unified(&a, &b, &out));
	CHECK_STR(out.data ? out.data : "", want);
}

static void it_looks_like_diff_u(void)
{
	check_diff("1\n2\n", "1\n2\n", "");
	check_diff("", "1\n2\n", "--- a\n+++ b\n@@ -0,0 +1,2 @@\n+1\n+2\n");
	check_diff("1\n", "", "--- a\n+++ b\n@@ -1 +0,0 @@\n-1\n");
	check_diff("1\n2\n3\n4\n5\n6\n7\n8\n", "1\n2\n3\n4\nfive\n6\n7\n8\n",
		   "--- a\n+++ b\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
	check_diff("1", "1\n", "--- a\n+++ b\n@@ -1 +1 @@\n-1\n\\ No newline at end of file\n+1\n");
	check_diff("x\n1\n2\n3\n4\n5\n6\n7\ny\n", "1\n2\n3\n4\n5\n6\n7\n",
		   "--- a\n+++ b\n@@ -1,4 +1,3 @@\n-x\n 1\n 2\n 3\n@@ -6,4 +5,3 @@\n 5\n 6\n 7\n-y\n");
	check_diff("x\n1\n2\n3\n4\n5\n6\ny\n", "1\n2\n3\n4\n5\n6\n",
		   "--- a\n+++ b\n@@ -1,8 +1,6 @@\n-x\n 1\n 2\n 3\n 4\n 5\n 6\n-y\n");
}

/* ---- what patch(1) would make of it ---- */

static const char *line_end(const char *p)
{
	const char *newline = strchr(p, '\n');

	return newline ? newline + 1 : p + strlen(p);
}

static const char *take(const char *from, const char *line, size_t len, struct buffer *out)
{
	CHECK(strncmp(from, line, len) == 0);
	if (out)
		CHECK(buffer_append(out, line, len));
	return from + len;
}

/* One line of a hunk; what stands in `from` next. */
static const char *apply_line(const char *from, const char *line, const char *next, struct buffer *out)
{
	/* The newline of a line that has none is the diff's own. */
	size_t len = (size_t)(next - line) - (*next == '\\' ? 2 : 1);

	switch (*line) {
	case ' ':
		return take(from, line + 1, len, out);
	case '-':
		return take(from, line + 1, len, NULL);
	case '+':
		CHECK(buffer_append(out, line + 1, len));
		return from;
	default:
		CHECK(*line == '\\');
		return from;
	}
}

static void patch(const char *from, const char *diff, struct buffer *out)
{
	unsigned line = 1, first;

	for (int skipped = 0; skipped < 2; skipped++)
		diff = line_end(diff);
	while (*diff) {
		bool counts = false;
		int n = 1;

		CHECK(sscanf(diff, "@@ -%u,%d", &first, &n) >= 1);
		for (; line < first + (n == 0); line++) {
			const char *next = line_end(from);

			from = take(from, from, (size_t)(next - from), out);
		}
		for (diff = line_end(diff); *diff && *diff != '@'; diff = line_end(diff)) {
			counts = *diff == ' ' || *diff == '-';
			from = apply_line(from, diff, line_end(diff), out);
			line += counts;
		}
	}
	CHECK(buffer_append_text(out, from));
}

static unsigned dice(unsigned n)
{
	static unsigned state = 1;

	state = state * 1103515245 + 12345;
	return state >> 16 & 0x7fff ? (state >> 16 & 0x7fff) % n : 0;
}

static void make_up(char *text, unsigned lines_max)
{
	for (unsigned n = dice(lines_max + 1); n > 0; n--) {
		*text++ = (char)('a' + dice(4));
		if (n > 1 || dice(3))
			*text++ = '\n';
	}
	*text = '\0';
}

static void check_patched(const char *from, const char *to)
{
	_cleanup_(buffer_clearp) struct buffer out = BUFFER_INIT(OUT_MAX, &buffer_heap);
	_cleanup_(buffer_clearp) struct buffer patched = BUFFER_INIT(OUT_MAX, &buffer_heap);
	const struct diff_text a = text_of("a", from), b = text_of("b", to);

	CHECK(diff_unified(&a, &b, &out));
	if (!out.data) {
		CHECK_STR(from, to);
		return;
	}
	patch(from, out.data, &patched);
	CHECK_STR(patched.data, to);
}

static void it_leads_from_one_text_to_the_other(void)
{
	char from[256], to[256];

	for (int i = 0; i < 5000; i++) {
		make_up(from, i % 60);
		make_up(to, i % 60);
		check_patched(from, to);
	}
}

/* More changes than are worth looking for. */
static void texts_that_have_nothing_in_common(void)
{
	_cleanup_(buffer_clearp) struct buffer a = BUFFER_INIT(OUT_MAX, &buffer_heap);
	_cleanup_(buffer_clearp) struct buffer b = BUFFER_INIT(OUT_MAX, &buffer_heap);

	for (int i = 0; i < 3000; i++)
		CHECK(buffer_append_format(&a, "a%d\n", i) && buffer_append_format(&b, "b%d\n", i));
	check_patched(a.data, b.data);
}

int main(void)
{
	it_looks_like_diff_u();
	it_leads_from_one_text_to_the_other();
	texts_that_have_nothing_in_common();
	return 0;
}
