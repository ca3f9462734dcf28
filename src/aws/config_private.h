#pragma once
/* What the reader fills, and nobody else changes. */
#include "aws/config.h"
#include "aws/legacy.h"
#include "aws/names.h"
#include "aws/profile_endpoints.h"

struct sections {
	struct config_section *items; /* in the file's order */
	size_t n, capacity;
	struct names index;
};

struct config {
	char *path;
	char *data; /* the file, cut to strings in place; keys and values point into it */
	struct sections sections[CONFIG_KINDS];
	struct legacy legacy;
	struct profile_endpoints endpoints;
};

void config_section_done(struct config_section *section);
