#pragma once
/* What AWS's configuration file says: its sections, by kind and name. Immutable. Pure. */
#include <stddef.h>

#include "aws/config_section.h"
#include "base/cleanup.h"

struct config;
struct legacy;
struct profile_endpoints;

/* What an absent file means. */
struct config *config_new_empty(const char *path);
struct config *config_free(struct config *config);
DEFINE_CLEANUP(struct config *, config_free)

const char *config_path(const struct config *config);
/* NULL if there is none. In time that does not grow with the number of sections beyond its logarithm. */
const struct config_section *config_find(const struct config *config, enum config_kind kind,
					 const char *name);
/* The i-th section of a kind in the file's order, NULL behind the last: for listing. */
const struct config_section *config_nth(const struct config *config, enum config_kind kind, size_t i);

/* The sessions that legacy profiles stand for (aws/legacy.h). */
const struct legacy *config_legacy(const struct config *config);
/* What profiles say of addresses (aws/profile_endpoints.h). */
const struct profile_endpoints *config_endpoints(const struct config *config);
