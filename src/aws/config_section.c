#include "aws/config_section.h"

#include <string.h>

#include "aws/strip.h"
#include "base/xalloc.h"

const struct config_key *config_section_key(const struct config_section *section, const char *name)
{
	for (size_t i = 0; i < section->n_keys; i++)
		if (strcmp(section->keys[i].name, name) == 0)
			return &section->keys[i];
	return NULL;
}

const char *config_section_get(const struct config_section *section, const char *name)
{
	const struct config_key *key = config_section_key(section, name);

	return key ? key->value : NULL;
}

char *config_section_nested(const struct config_section *section, const char *block, const char *name)
{
	const char *text = config_section_get(section, block);
	_cleanup_free_ char *found = NULL;

	if (!text || *text != '\n')
		return NULL;
	_cleanup_free_ char *lines = xstrdup(text);
	for (char *rest = lines, *line; (line = strsep(&rest, "\n"));) {
		char *equals = strchr(line, '=');

		if (!equals)
			continue;
		*equals = '\0';
		if (strcmp(strip_text(line), name) == 0)
			xstrdup_to(&found, strip_text(equals + 1));
	}
	return TAKE(found);
}
