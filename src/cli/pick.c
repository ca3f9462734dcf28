#include "cli/pick.h"

#include <stdlib.h>
#include <string.h>

#include "aws/name_text.h"
#include "aws/target.h"
#include "base/json.h"
#include "base/xalloc.h"
#include "cli/agent.h"
#include "cli/assignments.h"
#include "cli/menu.h"
#include "cli/session_refusal.h"
#include "cli/used_roles.h"

enum { PROFILE, ROLE, ACCOUNT_NAME, ACCOUNT_ID, COLUMNS };

/* One role that can be chosen. The texts are JSON's, which the picker holds. */
struct choice {
	const char *session, *cells[COLUMNS];
	size_t recency; /* its place among the roles that were used; SIZE_MAX: none */
	size_t place;   /* in AWS's lists */
};

struct picker {
	struct client *client;
	json_t *texts; /* whatever choices borrow from */
	struct choice *choices;
	size_t n;
};

static void picker_done(struct picker *picker)
{
	json_decref(picker->texts);
	free(picker->choices);
}

static void add(struct picker *picker, const struct choice *choice)
{
	picker->choices = xreallocarray(picker->choices, picker->n + 1, sizeof(*choice));
	picker->choices[picker->n] = *choice;
	picker->choices[picker->n].place = picker->n;
	picker->n++;
}

/* ---- what AWS lists ---- */

static void add_account(struct picker *picker, const char *session, const struct assignments *assignments,
			size_t i)
{
	const struct role_name account = assignments_account(assignments, i);
	json_t *row;
	size_t k;

	json_array_foreach (assignments->roles[i], k, row)
		add(picker, &(struct choice){.session = session,
					     .cells = {[ROLE] = agent_text(row, "roleName"),
						       [ACCOUNT_NAME] = account.account_name,
						       [ACCOUNT_ID] = account.account_id},
					     .recency = SIZE_MAX});
	if (assignments->roles[i])
		json_array_append(picker->texts, assignments->roles[i]);
}

/* What is known of some accounts is better than nothing; why others are missing has been said. */
static bool add_session(struct picker *picker, const char *session, struct error *err)
{
	static const struct role_choice all = {0};
	_cleanup_(assignments_done) struct assignments assignments = {0};
	size_t n = picker->n;

	if (!assignments_list(picker->client, session, &all, AGENT_LIST_MAX_AGE_S, &assignments, err))
		return false;
	json_array_append(picker->texts, assignments.accounts);
	for (size_t i = 0; i < json_array_size(assignments.accounts); i++)
		add_account(picker, session, &assignments, i);
	if (picker->n > n || assignments.n_unknown == 0)
		return true;
	*err = assignments.why;
	return false;
}

/* There is nothing to choose from, for one reason or another. */
static bool refuse_empty(const json_t *status, struct name_text *signed_out, struct error *err)
{
	size_t n = json_array_size(json_object_get(status, "sessions"));

	if (n == 0)
		return session_refuse_none(status, err);
	if (signed_out->n == n)
		return error_set(err, ERROR_LOGIN_REQUIRED,
				 "all sessions are signed out: run 'iamic-login SESSION', with one of: %s",
				 name_text_end(signed_out));
	return error_set(err, ERROR_DENIED,
			 "no roles are assigned to you: ask whoever administers Identity Center");
}

/* A session that one is signed out of is left out, unless it is the only one: then it says what to do. */
static bool add_sessions(struct picker *picker, json_t *status, struct error *err)
{
	json_t *sessions = json_object_get(status, "sessions"), *session;
	struct name_text signed_out = {0};
	size_t i;

	json_array_append(picker->texts, status);
	json_array_foreach (sessions, i, session) {
		const char *name = agent_text(session, "name"), *state = agent_text(session, "state");
		bool is_out = state && strcmp(state, "signed_out") == 0;

		if (name && is_out && json_array_size(sessions) > 1)
			name_text_add(&signed_out, name);
		else if (name && !add_session(picker, name, err))
			return false;
	}
	return picker->n > 0 || refuse_empty(status, &signed_out, err);
}

/* ---- what is known of it here ---- */

static bool is_of(const struct choice *choice, const char *session, const char *account_id,
		  const char *role_name)
{
	return session && account_id && role_name && strcmp(choice->session, session) == 0 &&
	       strcmp(choice->cells[ACCOUNT_ID], account_id) == 0 && choice->cells[ROLE] &&
	       strcmp(choice->cells[ROLE], role_name) == 0;
}

/* The first profile that names it, in the file's order. */
static void name_profiles(struct picker *picker, const struct config *config, const struct settings *settings)
{
	const struct config_section *profile;

	for (size_t i = 0; (profile = config_nth(config, CONFIG_PROFILE, i)); i++) {
		const struct target target = {.profile = profile->name};
		_cleanup_(role_freep) struct role *role = NULL;
		struct error ignored;

		if (!target_resolve(config, settings, &target, &role, &ignored) || role->assumed)
			continue;
		for (size_t k = 0; k < picker->n; k++) {
			struct choice *choice = &picker->choices[k];

			if (!choice->cells[PROFILE] &&
			    is_of(choice, role->session->name, role->account_id, role->role_name))
				choice->cells[PROFILE] = profile->name;
		}
	}
}

static void note_recency(struct picker *picker, const json_t *status)
{
	_cleanup_json_ json_t *used = used_roles_list(picker->client, status);

	for (size_t i = 0; i < picker->n; i++) {
		struct choice *choice = &picker->choices[i];

		if (choice->cells[ROLE])
			choice->recency = used_roles_place(used, choice->session, choice->cells[ACCOUNT_ID],
							   choice->cells[ROLE]);
	}
}

/* Those used last are first; then those with a profile; each lot as it was listed. */
static int by_use(const void *a, const void *b)
{
	const struct choice *one = a, *other = b;

	if (one->recency != other->recency)
		return one->recency < other->recency ? -1 : 1;
	if (!one->cells[PROFILE] != !other->cells[PROFILE])
		return one->cells[PROFILE] ? -1 : 1;
	return one->place < other->place ? -1 : 1;
}

/* ---- the choice ---- */

static bool choose(const struct picker *picker, struct picked *ret, struct error *err)
{
	const char **cells = xcalloc(picker->n * COLUMNS, sizeof(*cells));
	const struct menu menu = {"role", cells, picker->n, COLUMNS, 0};
	struct tty tty;
	size_t row;
	bool ok;

	for (size_t i = 0; i < picker->n; i++)
		memcpy(&cells[i * COLUMNS], picker->choices[i].cells, sizeof(picker->choices[i].cells));
	ok = tty_open(&tty);
	if (!ok) {
		error_fill(err, ERROR_USAGE, "there is no terminal to choose at: say --profile NAME");
	} else {
		ok = menu_choose(&tty, &menu, &row, err);
		tty_close(&tty);
	}
	free(cells);
	if (!ok)
		return false;
	const struct choice *choice = &picker->choices[row];
	ret->profile = xstrdup_or_null(choice->cells[PROFILE]);
	ret->session = xstrdup(choice->session);
	ret->account_id = xstrdup(choice->cells[ACCOUNT_ID]);
	ret->role_name = xstrdup_or_null(choice->cells[ROLE]);
	return true;
}

bool pick_role(struct client *client, const struct config *config, const struct settings *settings,
	       struct picked *ret, struct error *err)
{
	_cleanup_(picker_done) struct picker picker = {.client = client, .texts = json_array()};
	_cleanup_json_ json_t *status = NULL;

	if (!agent_status(client, &status, err) || !add_sessions(&picker, status, err))
		return false;
	name_profiles(&picker, config, settings);
	note_recency(&picker, status);
	qsort(picker.choices, picker.n, sizeof(*picker.choices), by_use);
	return choose(&picker, ret, err);
}

void picked_done(struct picked *picked)
{
	free(picked->profile);
	free(picked->session);
	free(picked->account_id);
	free(picked->role_name);
}
