#include "aws/config_edit_check.h"

#include <string.h>

#include "aws/names.h"

/* The edits, found by what they are about. */
struct plan {
	const struct config_edit *edits;
	struct names index[CONFIG_KINDS];
};

static void plan_done(struct plan *plan)
{
	for (size_t kind = 0; kind < CONFIG_KINDS; kind++)
		names_done(&plan->index[kind]);
}

static struct plan plan_of(const struct config_edit *edits, size_t n)
{
	struct plan plan = {.edits = edits};

	for (size_t i = 0; i < n; i++)
		names_add(&plan.index[edits[i].kind], edits[i].name, (unsigned)i);
	return plan;
}

/* NULL: none is about this section. */
static const struct config_edit *find_edit(const struct plan *plan, enum config_kind kind, const char *name)
{
	unsigned i;

	return names_find(&plan->index[kind], name, &i) ? &plan->edits[i] : NULL;
}

static const struct config_change *find_change(const struct config_edit *edit, const char *key)
{
	for (size_t i = 0; edit && i < edit->n_changes; i++)
		if (strcmp(edit->changes[i].key, key) == 0)
			return &edit->changes[i];
	return NULL;
}

/* Every key of one is in the other, as it was or as it was to become. */
static bool keys_hold(const struct config_section *was, const struct config_section *is,
		      const struct config_edit *edit)
{
	size_t n_kept = 0, n_set = 0;

	for (size_t i = 0; was && i < was->n_keys; i++) {
		const struct config_key *key = &was->keys[i];
		const char *value = config_section_get(is, key->name);

		if (find_change(edit, key->name))
			continue;
		if (!value || strcmp(value, key->value) != 0)
			return false;
		n_kept++;
	}
	for (size_t i = 0; edit && i < edit->n_changes; i++) {
		const char *wanted = edit->changes[i].value;
		const char *value = config_section_get(is, edit->changes[i].key);

		if (!value != !wanted || (value && strcmp(value, wanted) != 0))
			return false;
		n_set += value != NULL;
	}
	return is->n_keys == n_kept + n_set;
}

/* Every section that is there now was there before, or is new by an edit. */
static bool sections_hold(const struct plan *plan, const struct config *before, const struct config *after,
			  enum config_kind kind)
{
	const struct config_section *is;

	for (size_t i = 0; (is = config_nth(after, kind, i)); i++) {
		const struct config_section *was = config_find(before, kind, is->name);
		const struct config_edit *edit = find_edit(plan, kind, is->name);

		if ((!was && !edit) || (edit && edit->removes) || !keys_hold(was, is, edit))
			return false;
	}
	return true;
}

static bool none_is_missing(const struct plan *plan, const struct config *before, const struct config *after,
			    enum config_kind kind)
{
	const struct config_section *was;

	for (size_t i = 0; (was = config_nth(before, kind, i)); i++) {
		const struct config_edit *edit = find_edit(plan, kind, was->name);

		if (!(edit && edit->removes) && !config_find(after, kind, was->name))
			return false;
	}
	return true;
}

static bool edit_is_done(const struct config *after, const struct config_edit *edit)
{
	if (edit->removes || config_find(after, edit->kind, edit->name))
		return true; /* its keys have been looked at */
	for (size_t i = 0; i < edit->n_changes; i++)
		if (edit->changes[i].value)
			return false;
	return true;
}

bool config_edit_holds(const struct config *before, const struct config *after,
		       const struct config_edit *edits, size_t n_edits)
{
	_cleanup_(plan_done) struct plan plan = plan_of(edits, n_edits);

	for (enum config_kind kind = CONFIG_PROFILE; kind <= CONFIG_SERVICES; kind++)
		if (!sections_hold(&plan, before, after, kind) ||
		    !none_is_missing(&plan, before, after, kind))
			return false;
	for (size_t i = 0; i < n_edits; i++)
		if (!edit_is_done(after, &edits[i]))
			return false;
	return true;
}
