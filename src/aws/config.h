#pragma once
/*
 * AWS's configuration file, read as botocore reads it (PROTOCOL 4.1 and 4.2), in steps.
 *
 * A reader takes the file's bytes and is stepped some hundred lines at a time, so that a file of ten thousand
 * profiles does not hold up an event loop. It refuses the whole file for what botocore refuses it for: a
 * header without ], a line without =, a key before any section, a NUL, a BOM, a duplicate key or section.
 * Every error says PATH:LINE and what to do, and never quotes a value. What it yields is immutable. Pure: no
 * file is opened here.
 *
 * One thing is not as in botocore: [DEFAULT] is a section like any other that we do not know. Python's
 * configparser puts its keys into every section; nobody who writes it in AWS's file means that, no other SDK
 * does it, and it could give a profile a credential_process or an account that its section does not show.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum config_kind {
	CONFIG_PROFILE, /* [default], [profile NAME]; of [default] and [profile default] the last wins whole
			 */
	CONFIG_SSO_SESSION, /* [sso-session NAME] */
	CONFIG_SERVICES,    /* [services NAME] */
};

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

struct config;
struct config_reader;
struct legacy;
struct profile_endpoints;

enum config_progress { CONFIG_MORE, CONFIG_DONE, CONFIG_FAILED };

/* path is for messages only. Takes the bytes, which need no NUL behind them: data_taken (or NULL) is freed.
 */
struct config_reader *config_reader_new(const char *path, char *data_taken, size_t len);
struct config_reader *config_reader_free(struct config_reader *reader);
DEFINE_CLEANUP(struct config_reader *, config_reader_free)
/* Reads up to max_lines lines. CONFIG_DONE sets *ret, CONFIG_FAILED err; after either only free is allowed.
 */
enum config_progress config_reader_step(struct config_reader *reader, size_t max_lines, struct config **ret,
					struct error *err) MUST_CHECK;

/* All of it, for who can wait. The bytes stay the caller's. */
bool config_parse(const char *path, const char *data, size_t len, struct config **ret,
		  struct error *err) MUST_CHECK;

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

/* NULL when the section has no such key; name is in lower-case. */
const struct config_key *config_section_key(const struct config_section *section, const char *name);
const char *config_section_get(const struct config_section *section, const char *name);
/*
 * A nested block: "sso_oidc =" followed by indented "endpoint_url = …"; a copy, or NULL. As for botocore the
 * names in it keep their case and the last of several counts.
 */
char *config_section_nested(const struct config_section *section, const char *block, const char *name);
