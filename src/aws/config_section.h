#pragma once
/* One section of AWS's configuration file, and what it says. Pure. */
#include <stddef.h>

enum config_kind {
	CONFIG_PROFILE, /* [default], [profile NAME]; of [default] and [profile default] the last wins whole
			 */
	CONFIG_SSO_SESSION, /* [sso-session NAME] */
	CONFIG_SERVICES,    /* [services NAME] */
};
#define CONFIG_KINDS (CONFIG_SERVICES + 1)

struct config_key {
	char *name;               /* lower-case */
	char *value;              /* lines of a continued value are joined by '\n' */
	unsigned line, last_line; /* they differ where the value goes on */
};

struct config_section {
	enum config_kind kind;
	char *name;
	unsigned line;
	struct config_key *keys; /* in the file's order */
	size_t n_keys;
};

/* NULL when the section has no such key; name is in lower-case. */
const struct config_key *config_section_key(const struct config_section *section, const char *name);
const char *config_section_get(const struct config_section *section, const char *name);
/*
 * A nested block: "sso_oidc =" followed by indented "endpoint_url = …"; a copy, or NULL. As for botocore the
 * names in it keep their case and the last of several counts.
 */
char *config_section_nested(const struct config_section *section, const char *block, const char *name);
