#include "aws/words.h"

#include <string.h>

#include "base/xalloc.h"

struct splitter {
	const char *in;
	char *out;
};

static const char blanks[] = " \t\r\n";

static bool is_blank(char c)
{
	return c && strchr(blanks, c);
}

/* Behind an opening quote, to behind the closing one. In "", a backslash escapes only itself and the quote.
 */
static bool take_quoted(struct splitter *s, char quote)
{
	for (; *s->in != quote; s->in++) {
		if (!*s->in)
			return false;
		if (quote == '"' && *s->in == '\\' && (s->in[1] == '"' || s->in[1] == '\\'))
			s->in++;
		*s->out++ = *s->in;
	}
	s->in++;
	return true;
}

static bool take_word(struct splitter *s)
{
	while (*s->in && !is_blank(*s->in)) {
		char c = *s->in++;

		if (c == '\'' || c == '"') {
			if (!take_quoted(s, c))
				return false;
			continue;
		}
		if (c == '\\') {
			c = *s->in++;
			if (!c)
				return false;
		}
		*s->out++ = c;
	}
	*s->out++ = '\0';
	return true;
}

/* Never less than there are: each word but the last is followed by a blank. */
static size_t count_at_most(const char *line)
{
	size_t n = 1;

	for (; *line; line++)
		n += is_blank(*line);
	return n;
}

char **words_split(const char *line, size_t *ret_n)
{
	size_t room = (count_at_most(line) + 1) * sizeof(char *);
	_cleanup_free_ char **words = xcalloc(room + strlen(line) + 1, 1);
	struct splitter s = {.in = line, .out = (char *)words + room};
	size_t n = 0;

	for (;;) {
		s.in += strspn(s.in, blanks);
		if (!*s.in)
			break;
		words[n++] = s.out;
		if (!take_word(&s))
			return NULL;
	}
	*ret_n = n;
	return TAKE(words);
}
