/* A set of names, against the simplest one there is. Names are the input's lines. */
#include "aws/names.h"

#include "fuzz.h"

#define LINES_MAX 64

static bool find(char *const *lines, size_t n, const char *line, unsigned *ret)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(lines[i], line) == 0) {
			*ret = (unsigned)i;
			return true;
		}
	}
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = text_of(data, size);
	_cleanup_(names_done) struct names names = {0};
	char *lines[LINES_MAX], *rest = text;
	unsigned want, got;
	size_t n = 0;

	while (rest && n < LINES_MAX) {
		char *line = strsep(&rest, "\n");
		bool is_known = find(lines, n, line, &want);

		REQUIRE(names_find(&names, line, &got) == is_known);
		REQUIRE(!is_known || got == want);
		REQUIRE(names_add(&names, line, (unsigned)n) == !is_known);
		if (!is_known)
			lines[n++] = line;
	}
	for (size_t i = 0; i < n; i++)
		REQUIRE(names_find(&names, lines[i], &got) && got == i);
	return 0;
}
