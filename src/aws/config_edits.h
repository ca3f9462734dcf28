#pragma once
/* A list of edits of AWS's file (aws/config_edit.h) as it grows: sections in turn, each with its keys. */
#include "aws/config_edit.h"

struct config_edits {
	struct config_edit *items;
	size_t n;
};

/* What follows is about this section, which has not been in the list yet. */
void config_edits_section(struct config_edits *edits, enum config_kind kind, const char *name);
/* value NULL: the key is taken away. Both are copied. */
void config_edits_set(struct config_edits *edits, const char *key, const char *value);
/* The value that the list sets; NULL: none. */
const char *config_edits_get(const struct config_edits *edits, size_t i, const char *key);
void config_edits_done(struct config_edits *edits);

/* Has keys of the AWS CLI's form, which most SDKs prefer. */
bool config_has_sso_key(const struct config_section *section);

/*
 * Of profiles (a section that is about to be one, or NULL): iamic's own form, which is a credential_process
 * line and no sso_* key, because most SDKs would prefer those; and the AWS CLI's, the other way round.
 */
void config_edits_adopt(struct config_edits *edits, const struct config_section *section, const char *line);
void config_edits_release(struct config_edits *edits, const char *session, const char *account_id,
			  const char *role_name);
