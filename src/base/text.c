#include "base/text.h"

#include <langinfo.h>
#include <locale.h>
#include <string.h>
#include <wchar.h>

#include "base/cleanup.h"
#include "base/xalloc.h"

size_t utf8_decode(const char *p, const char *end, uint32_t *ret_character)
{
	static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *s = (const unsigned char *)p;
	uint32_t character;
	size_t n;

	if (p >= end)
		return 0;
	n = s[0] < 0x80 ? 1 : s[0] >> 5 == 6 ? 2 : s[0] >> 4 == 14 ? 3 : s[0] >> 3 == 30 ? 4 : 0;
	if (n == 0 || (size_t)(end - p) < n)
		return 0;
	character = n == 1 ? s[0] : s[0] & (0x7fU >> n);
	for (size_t i = 1; i < n; i++) {
		if (s[i] >> 6 != 2)
			return 0;
		character = character << 6 | (s[i] & 0x3f);
	}
	if (n > 1 && character < smallest[n])
		return 0;
	if (character > 0x10ffff || (character >= 0xd800 && character <= 0xdfff))
		return 0;
	*ret_character = character;
	return n;
}

bool utf8_is_valid(const char *text, size_t len)
{
	const char *end = text + len;
	uint32_t character;

	while (text < end) {
		size_t n = utf8_decode(text, end, &character);

		if (n == 0)
			return false;
		text += n;
	}
	return true;
}

bool character_is_control(uint32_t character)
{
	return character < 0x20 || (character >= 0x7f && character <= 0x9f) ||
	       (character >= 0x202a && character <= 0x202e) || (character >= 0x2066 && character <= 0x2069);
}

bool text_has_controls(const char *text)
{
	const char *end = text + strlen(text);
	uint32_t character;

	while (text < end) {
		size_t n = utf8_decode(text, end, &character);

		if (n == 0 || character_is_control(character))
			return true;
		text += n;
	}
	return false;
}

void text_make_printable(char *text)
{
	const char *in = text, *end = text + strlen(text);
	uint32_t character;
	char *out = text;

	while (in < end) {
		size_t n = utf8_decode(in, end, &character);

		if (n == 0 || character_is_control(character)) {
			*out++ = '?';
			in += n ? n : 1;
		} else {
			memmove(out, in, n);
			out += n;
			in += n;
		}
	}
	*out = '\0';
}

void text_make_message(char *text)
{
	text_make_printable(text);
	for (char *p = text; *p; p++) {
		if (*p == '\\')
			*p = '/';
		else if (*p == '"')
			*p = '\'';
	}
}

/* Text is UTF-8 whatever the locale says, and a terminal shows it as wide as it is; the C library knows how
 * wide only in a locale of UTF-8, which takes time to load. */
static int width_of(uint32_t character)
{
	static bool is_ready;

	if (character < 0x80)
		return 1;
	if (!is_ready && (!setlocale(LC_CTYPE, "") || strcmp(nl_langinfo(CODESET), "UTF-8") != 0))
		setlocale(LC_CTYPE, "C.UTF-8");
	is_ready = true;
	return wcwidth((wchar_t)character);
}

/* Columns of the character at text, and its bytes. */
static size_t measure(const char *text, const char *end, size_t *ret_len)
{
	uint32_t character;
	size_t n = utf8_decode(text, end, &character);
	int width = n ? width_of(character) : 1;

	*ret_len = n ? n : 1;
	return width < 0 ? 1 : (size_t)width;
}

size_t text_columns(const char *text)
{
	const char *end = text + strlen(text);
	size_t columns = 0, len;

	for (; text < end; text += len)
		columns += measure(text, end, &len);
	return columns;
}

size_t text_fit(const char *text, size_t columns)
{
	const char *p = text, *end = text + strlen(text);
	size_t len;

	for (size_t used = 0; p < end; p += len) {
		used += measure(p, end, &len);
		if (used > columns)
			break;
	}
	return (size_t)(p - text);
}

static bool is_plain_word(const char *text)
{
	return *text &&
	       strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:@%+=,") ==
		       strlen(text);
}

char *shell_word(const char *text)
{
	_cleanup_free_ char *clean = xstrdup(text);
	char *word, *out;

	text_make_printable(clean);
	if (is_plain_word(clean))
		return TAKE(clean);
	out = word = xcalloc(4 * strlen(clean) + 3, 1);
	*out++ = '\'';
	for (const char *p = clean; *p; p++) {
		if (*p == '\'')
			out = mempcpy(out, "'\\''", 4);
		else
			*out++ = *p;
	}
	*out = '\'';
	return word;
}

char *command_to_type(const char *program, const char *word)
{
	_cleanup_free_ char *quoted = shell_word(word);

	return xasprintf(*quoted == '\'' ? "%s %s" : "'%s %s'", program, quoted);
}
