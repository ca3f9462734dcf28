#include "aws/strip.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"

static bool is_space(uint32_t c)
{
	return (c >= 0x09 && c <= 0x0d) || (c >= 0x1c && c <= 0x20) || c == 0x85 || c == 0xa0 ||
	       c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f ||
	       c == 0x205f || c == 0x3000;
}

/* Where the last character before end begins. */
static char *previous(char *start, char *end)
{
	do
		end--;
	while (end > start && ((unsigned char)*end & 0xc0) == 0x80);
	return end;
}

size_t strip(char **start, char **end)
{
	size_t skipped = 0;
	uint32_t c;

	while (*start < *end) {
		size_t n = utf8_decode(*start, *end, &c);

		if (n == 0 || !is_space(c))
			break;
		*start += n;
		skipped++;
	}
	while (*end > *start) {
		char *last = previous(*start, *end);

		if (utf8_decode(last, *end, &c) == 0 || !is_space(c))
			break;
		*end = last;
	}
	return skipped;
}

char *strip_text(char *text)
{
	char *end = text + strlen(text);

	strip(&text, &end);
	*end = '\0';
	return text;
}
