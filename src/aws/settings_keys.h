#pragma once
/*
 * The keys of iamic's own configuration: what each is called, what it may be, and where it goes. The
 * list for people is iamic-config(5).
 */
#include <stdbool.h>
#include <stddef.h>

#include "aws/settings.h"

struct settings_key {
	const char *name;
	size_t offset; /* in struct settings, or in struct session_settings */
	size_t size;   /* of a field in struct session_settings; 0 for a string that is owned */
	/* Sets *slot; false if value is not allowed. It is never NULL and has no control characters. */
	bool (*set)(void *slot, const char *value);
	const char *allowed; /* goes on behind "NAME must be" */
};

extern const struct settings_key general_keys[];    /* in no [session NAME] */
extern const struct settings_key session_keys[];    /* outside for all, or in a [session NAME] for that one */
extern const struct settings_key definition_keys[]; /* in a [session NAME] only: they define it */
extern const size_t n_general_keys, n_session_keys, n_definition_keys;

/* NULL if none of the n keys has that name. */
const struct settings_key *settings_key_find(const struct settings_key *keys, size_t n, const char *name);
