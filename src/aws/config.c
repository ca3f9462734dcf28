#include <stdlib.h>

#include "aws/config_private.h"
#include "base/xalloc.h"

void config_section_done(struct config_section *section)
{
	free(section->name);
	free(section->keys);
	*section = (struct config_section){0};
}

struct config *config_new_empty(const char *path)
{
	struct config *config = xcalloc(1, sizeof(*config));

	config->path = xstrdup(path);
	return config;
}

struct config *config_free(struct config *config)
{
	if (!config)
		return NULL;
	for (size_t kind = 0; kind < CONFIG_KINDS; kind++) {
		for (size_t i = 0; i < config->sections[kind].n; i++)
			config_section_done(&config->sections[kind].items[i]);
		free(config->sections[kind].items);
		names_done(&config->sections[kind].index);
	}
	legacy_done(&config->legacy);
	profile_endpoints_done(&config->endpoints);
	free(config->data);
	free(config->path);
	free(config);
	return NULL;
}

const char *config_path(const struct config *config)
{
	return config->path;
}

const struct config_section *config_find(const struct config *config, enum config_kind kind, const char *name)
{
	const struct sections *sections = &config->sections[kind];
	unsigned i;

	return names_find(&sections->index, name, &i) ? &sections->items[i] : NULL;
}

const struct config_section *config_nth(const struct config *config, enum config_kind kind, size_t i)
{
	const struct sections *sections = &config->sections[kind];

	return i < sections->n ? &sections->items[i] : NULL;
}

const struct legacy *config_legacy(const struct config *config)
{
	return &config->legacy;
}

const struct profile_endpoints *config_endpoints(const struct config *config)
{
	return &config->endpoints;
}
