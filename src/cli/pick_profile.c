#include "cli/pick.h"

#include <stdlib.h>
#include <string.h>

#include "aws/assumption.h"
#include "aws/target.h"
#include "base/xalloc.h"
#include "cli/choice.h"
#include "cli/menu.h"

enum { PROFILE, ROLE, ACCOUNT_ID, COLUMNS };

struct rows {
	size_t n;
	const char **cells;  /* row by row; they borrow of the configuration and of */
	struct role **roles; /* what each profile stands for; NULL: no role of Identity Center */
};

static void rows_done(struct rows *rows)
{
	for (size_t i = 0; i < rows->n; i++)
		role_free(rows->roles[i]);
	free(rows->roles);
	free(rows->cells);
}

/* Whatever else a profile is for, keys for instance, its name alone is shown. */
static void add(struct rows *rows, const struct config *config, const struct settings *settings,
		const char *profile)
{
	const struct target target = {.profile = profile};
	const char **cells;
	struct role *role = NULL;
	struct error ignored;

	rows->roles = xreallocarray(rows->roles, rows->n + 1, sizeof(*rows->roles));
	rows->cells = xreallocarray(rows->cells, (rows->n + 1) * COLUMNS, sizeof(*rows->cells));
	cells = &rows->cells[rows->n * COLUMNS];
	memset(cells, 0, COLUMNS * sizeof(*cells));
	cells[PROFILE] = profile;
	if (target_resolve(config, settings, &target, &role, &ignored)) {
		cells[ROLE] = role->assumed ? role->assumed->role_name : role->role_name;
		cells[ACCOUNT_ID] = role->assumed ? role->assumed->account_id : role->account_id;
	}
	rows->roles[rows->n++] = role;
}

/* Enter alone changes nothing. */
static size_t find_usual(const struct rows *rows)
{
	for (size_t i = 0; i < rows->n; i++)
		if (strcmp(rows->cells[i * COLUMNS + PROFILE], choice_usual_profile()) == 0)
			return i;
	return 0;
}

bool pick_profile(const struct config *config, const struct settings *settings, char **ret, struct error *err)
{
	_cleanup_(rows_done) struct rows rows = {0};
	const struct config_section *profile;
	struct tty tty;
	size_t row;
	bool ok;

	for (size_t i = 0; (profile = config_nth(config, CONFIG_PROFILE, i)); i++)
		add(&rows, config, settings, profile->name);
	if (rows.n == 0)
		return error_set(err, ERROR_CONFIG, "no profile is in %s: run 'iamic configure'",
				 config_path(config));
	if (!tty_open(&tty))
		return error_set(err, ERROR_USAGE, "which profile? name one, or say --clear");
	ok = menu_choose(&tty, &(struct menu){"profile", rows.cells, rows.n, COLUMNS, find_usual(&rows)},
			 &row, err);
	tty_close(&tty);
	if (ok)
		*ret = xstrdup(rows.cells[row * COLUMNS + PROFILE]);
	return ok;
}
