#include "aws/config_edits.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

/* The strings of an edit are the list's own. */
static void release(const void *owned)
{
	free((void *)(uintptr_t)owned);
}

void config_edits_section(struct config_edits *edits, enum config_kind kind, const char *name)
{
	edits->items = xreallocarray(edits->items, edits->n + 1, sizeof(*edits->items));
	edits->items[edits->n++] = (struct config_edit){.kind = kind, .name = xstrdup(name)};
}

void config_edits_set(struct config_edits *edits, const char *key, const char *value)
{
	struct config_edit *edit = &edits->items[edits->n - 1];
	struct config_change *changes =
		xreallocarray((void *)(uintptr_t)edit->changes, edit->n_changes + 1, sizeof(*changes));

	changes[edit->n_changes++] =
		(struct config_change){.key = xstrdup(key), .value = xstrdup_or_null(value)};
	edit->changes = changes;
}

const char *config_edits_get(const struct config_edits *edits, size_t i, const char *key)
{
	const struct config_edit *edit = &edits->items[i];

	for (size_t k = 0; k < edit->n_changes; k++)
		if (strcmp(edit->changes[k].key, key) == 0)
			return edit->changes[k].value;
	return NULL;
}

void config_edits_done(struct config_edits *edits)
{
	for (size_t i = 0; i < edits->n; i++) {
		for (size_t k = 0; k < edits->items[i].n_changes; k++) {
			release(edits->items[i].changes[k].key);
			release(edits->items[i].changes[k].value);
		}
		release(edits->items[i].changes);
		release(edits->items[i].name);
	}
	free(edits->items);
	*edits = (struct config_edits){0};
}

static bool is_sso_key(const struct config_key *key)
{
	return strncmp(key->name, "sso_", strlen("sso_")) == 0;
}

bool config_has_sso_key(const struct config_section *section)
{
	for (size_t i = 0; i < section->n_keys; i++)
		if (is_sso_key(&section->keys[i]))
			return true;
	return false;
}

void config_edits_adopt(struct config_edits *edits, const struct config_section *section, const char *line)
{
	for (size_t i = 0; section && i < section->n_keys; i++)
		if (is_sso_key(&section->keys[i]))
			config_edits_set(edits, section->keys[i].name, NULL);
	config_edits_set(edits, "credential_process", line);
}

void config_edits_release(struct config_edits *edits, const char *session, const char *account_id,
			  const char *role_name)
{
	config_edits_set(edits, "credential_process", NULL);
	config_edits_set(edits, "sso_session", session);
	config_edits_set(edits, "sso_account_id", account_id);
	config_edits_set(edits, "sso_role_name", role_name);
}
