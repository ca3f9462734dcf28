#pragma once
/*
 * Which accounts and roles a person has looked at: `seen` in the state folder, for `--new`.
 *
 *     {"corp":{"accounts":{"111122223333":true},"roles":{"111122223333/Admin":true}}}
 *
 * Ids and names, no secret. A file that cannot be read counts as none; one that cannot be written is said
 * only where someone asked for what is new.
 */
#include <stdbool.h>

#include <jansson.h>

#include "base/error.h"

struct seen;

/* What was seen of that session's rows ("accounts" or "roles") so far. */
struct seen *seen_open(const char *session, const char *rows);
struct seen *seen_free(struct seen *seen);
DEFINE_CLEANUP(struct seen *, seen_free)

/* Notes the row; true if it was not there at the last look. */
bool seen_add(struct seen *seen, const json_t *row);
/* What was noted takes the place of the last look: that at one account only, or NULL: at all. */
bool seen_keep(const struct seen *seen, const char *account_id, struct error *err) MUST_CHECK;
