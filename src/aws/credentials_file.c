#include "aws/credentials_file.h"

#include <string.h>

#include "base/xalloc.h"

static const char blanks[] = " \t\r";

/* The text between from and to without blanks around it, to be freed. */
static char *trimmed(const char *from, const char *to)
{
	while (from < to && strchr(blanks, *from))
		from++;
	while (from < to && strchr(blanks, to[-1]))
		to--;
	return xstrndup(from, (size_t)(to - from));
}

/* "[name]" and what is behind it on the line. */
static void take_section(const char *line, const char *end, char **section)
{
	const char *close = memchr(line, ']', (size_t)(end - line));

	if (close) {
		free(*section);
		*section = trimmed(line + 1, close);
	}
}

static bool take_key(const char *line, const char *end, bool *ret_is_long_lived)
{
	const char *equals = memchr(line, '=', (size_t)(end - line));
	_cleanup_free_ char *name = NULL, *value = NULL;

	if (!equals)
		return false;
	name = trimmed(line, equals);
	value = trimmed(equals + 1, end);
	*ret_is_long_lived = strncmp(value, "AKIA", 4) == 0;
	return strcasecmp(name, "aws_access_key_id") == 0 && *value;
}

/* The next line of the file, and its end; NULL behind the last. */
static const char *next_line(const char **rest, const char *end, const char **ret_end)
{
	const char *line = *rest, *line_end;

	if (line == end)
		return NULL;
	line_end = memchr(line, '\n', (size_t)(end - line));
	*ret_end = line_end ? line_end : end;
	*rest = line_end ? line_end + 1 : end;
	return line;
}

void credentials_file_visit(const char *data, size_t len, static_keys_fn fn, void *userdata)
{
	_cleanup_free_ char *section = NULL;
	const char *rest = data, *line, *line_end;
	unsigned number = 0;

	while ((line = next_line(&rest, data + len, &line_end))) {
		struct static_keys keys = {.line = ++number};

		if (*line == '[')
			take_section(line, line_end, &section);
		keys.profile = section;
		if (section && take_key(line, line_end, &keys.is_long_lived))
			fn(&keys, userdata);
	}
}

bool credentials_file_has(const char *data, size_t len, const char *profile)
{
	_cleanup_free_ char *section = NULL;
	const char *rest = data, *line, *line_end;

	while ((line = next_line(&rest, data + len, &line_end))) {
		if (*line == '[')
			take_section(line, line_end, &section);
		if (section && strcmp(section, profile) == 0)
			return true;
	}
	return false;
}
