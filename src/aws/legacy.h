#pragma once
/*
 * Legacy profiles: sso_start_url and sso_region stand in the profile itself. Those with one start URL, as
 * written, share a session, which is named by it. Everything here is borrowed from the configuration.
 */
#include <stddef.h>

#include "aws/config_section.h"
#include "aws/names.h"

struct legacy_session {
	const char *start_url;
	const struct config_section *profile; /* the first that has a region, else the first */
	const struct config_section *other;   /* a profile with another sso_region, or NULL */
};

struct legacy {
	struct legacy_session *sessions; /* in the file's order */
	size_t n, capacity;
	struct names index;
};

/* Does nothing with a profile that is not a legacy one. */
void legacy_add(struct legacy *legacy, const struct config_section *profile);
const struct legacy_session *legacy_find(const struct legacy *legacy, const char *start_url);
void legacy_done(struct legacy *legacy);
