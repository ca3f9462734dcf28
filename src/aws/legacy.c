#include "aws/legacy.h"

#include <stdlib.h>
#include <string.h>

#include "aws/process.h"
#include "base/xalloc.h"

static void append(struct legacy *legacy, const char *start_url, const struct config_section *profile)
{
	if (legacy->n == legacy->capacity) {
		legacy->capacity = legacy->capacity ? legacy->capacity * 2 : 8;
		legacy->sessions =
			xreallocarray(legacy->sessions, legacy->capacity, sizeof(*legacy->sessions));
	}
	legacy->sessions[legacy->n++] = (struct legacy_session){.start_url = start_url, .profile = profile};
}

static void join(struct legacy_session *session, const struct config_section *profile)
{
	const char *region = config_section_get(profile, "sso_region");
	const char *first = config_section_get(session->profile, "sso_region");

	if (!first)
		session->profile = profile;
	else if (region && strcmp(region, first) != 0 && !session->other)
		session->other = profile;
}

void legacy_add(struct legacy *legacy, const struct config_section *profile)
{
	const char *start_url = config_section_get(profile, "sso_start_url");
	unsigned i;

	if (!start_url || config_section_get(profile, "sso_session") || process_overrules(profile))
		return;
	if (names_find(&legacy->index, start_url, &i)) {
		join(&legacy->sessions[i], profile);
		return;
	}
	names_add(&legacy->index, start_url, (unsigned)legacy->n);
	append(legacy, start_url, profile);
}

const struct legacy_session *legacy_find(const struct legacy *legacy, const char *start_url)
{
	unsigned i;

	return names_find(&legacy->index, start_url, &i) ? &legacy->sessions[i] : NULL;
}

void legacy_done(struct legacy *legacy)
{
	free(legacy->sessions);
	names_done(&legacy->index);
	*legacy = (struct legacy){0};
}
