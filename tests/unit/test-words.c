#include "aws/words.h"

#include <stdio.h>

#include "base/xalloc.h"
#include "check.h"

/* Words joined by '|', or NULL. What is expected is what Python's shlex.split() returns. */
static char *joined(const char *line)
{
	size_t n;
	_cleanup_free_ char **words = words_split(line, &n);
	char *text = words ? xstrdup("") : NULL;

	for (size_t i = 0; words && i < n; i++) {
		char *longer = xasprintf("%s%s|", text, words[i]);

		free(text);
		text = longer;
	}
	CHECK(!words || !words[n]);
	return text;
}

static void words_are_those_of_shlex(void)
{
	static const struct {
		const char *line, *words; /* NULL: refused */
	} rows[] = {
		{"", ""},
		{" \t\n", ""},
		{"a", "a|"},
		{" a  b\tc\nd\re ", "a|b|c|d|e|"},
		{"'a b' \"c d\"", "a b|c d|"},
		{"a'b c'\"d e\"f", "ab cd ef|"},
		{"'' \"\" x", "||x|"},
		{"'a\\'", "a\\|"},
		{"'a\"b'", "a\"b|"},
		{"\"a'b\"", "a'b|"},
		{"\"a\\\"b\\\\c\\d\\$\"", "a\"b\\c\\d\\$|"},
		{"a\\ b\\'c\\\\", "a b'c\\|"},
		{"a\\\nb", "a\nb|"},
		{"a#b #c", "a#b|#c|"},
		{"$HOME ~/x a;b|c>d", "$HOME|~/x|a;b|c>d|"},
		{"a\vb\xc2\xa0"
		 "c",
		 "a\vb\xc2\xa0"
		 "c|"},
		{"\xc3\xa9 'x", NULL},
		{"\"x", NULL},
		{"\"x\\\"", NULL},
		{"x\\", NULL},
		{"\"x\\", NULL},
		{"'", NULL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_free_ char *words = joined(rows[i].line);

		CHECK((words != NULL) == (rows[i].words != NULL));
		if (words)
			CHECK_STR(words, rows[i].words);
	}
}

static void many_words_fit(void)
{
	char line[4001];
	size_t n;

	for (size_t i = 0; i < sizeof(line) - 1; i++)
		line[i] = i % 2 ? ' ' : 'x';
	line[sizeof(line) - 1] = '\0';
	_cleanup_free_ char **words = words_split(line, &n);
	CHECK(words && n == 2000);
	CHECK_STR(words[1999], "x");
}

int main(void)
{
	words_are_those_of_shlex();
	many_words_fit();
	return 0;
}
