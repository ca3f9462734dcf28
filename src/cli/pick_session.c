#include "cli/pick.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/xalloc.h"
#include "cli/agent.h"
#include "cli/menu.h"
#include "cli/session_refusal.h"

enum { NAME, START_URL, STATE, COLUMNS };

static bool has_state(const json_t *session, const char *state)
{
	const char *text = agent_text(session, "state");

	return text && strcmp(text, state) == 0;
}

static bool is_signed_in(const json_t *session)
{
	return has_state(session, "ready") || has_state(session, "refreshing");
}

/* Returns the first that nobody is signed in to. */
static size_t fill(const json_t *sessions, const char **cells)
{
	size_t n = json_array_size(sessions), usual = n;

	for (size_t i = 0; i < n; i++) {
		const json_t *session = json_array_get(sessions, i);

		cells[i * COLUMNS + NAME] = agent_text(session, "name");
		cells[i * COLUMNS + START_URL] = agent_text(session, "startUrl");
		cells[i * COLUMNS + STATE] = is_signed_in(session)              ? "signed in"
					     : has_state(session, "signed_out") ? "signed out"
										: NULL;
		if (usual == n && !is_signed_in(session))
			usual = i;
	}
	return usual < n ? usual : 0;
}

bool pick_session(const json_t *status, char **ret, struct error *err)
{
	const json_t *sessions = json_object_get(status, "sessions");
	size_t n = json_array_size(sessions), row;
	_cleanup_free_ const char **cells = xcalloc(n * COLUMNS, sizeof(*cells));
	struct menu menu = {"session", cells, n, COLUMNS, fill(sessions, cells)};
	struct tty tty;
	bool ok;

	if (n == 0)
		return session_refuse_none(status, err);
	if (!tty_open(&tty))
		return session_refuse_several(status, false, err);
	ok = menu_choose(&tty, &menu, &row, err);
	tty_close(&tty);
	if (ok)
		*ret = xstrdup_or_null(cells[row * COLUMNS + NAME]);
	return ok;
}
