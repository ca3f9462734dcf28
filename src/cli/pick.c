#include "cli/pick.h"

#include <stdlib.h>
#include <string.h>

#include "aws/name_text.h"
#include "aws/target.h"
#include "base/json.h"
#include "base/xalloc.h"
#include "cli/agent.h"
#include "cli/menu.h"
#include "cli/session_refusal.h"

enum { PROFILE, ROLE, ACCOUNT_NAME, ACCOUNT_ID, COLUMNS };

/* One role that can be chosen. The texts are JSON's, which the picker holds. */
struct choice {
	const char *session, *cells[COLUMNS];
	size_t recency; /* its place among the roles in use; SIZE_MAX: none */
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

static bool list(struct picker *picker, const char *method, const char *rows_name, json_t *parameters_taken,
		 json_t **ret, struct error *err)
{
	json_t *rows = json_array();

	json_array_append_new(picker->texts, rows);
	*ret = rows;
	return agent_list_rows(picker->client, method, rows_name, parameters_taken, rows, err);
}

static bool add_account(struct picker *picker, const char *session, const json_t *account, struct error *err)
{
	const char *id = agent_text(account, "accountId");
	json_t *roles, *role;
	size_t i;

	if (!id || !list(picker, "ListRoles", "roles",
			 json_pack("{s:s, s:s}", "session", session, "accountId", id), &roles, err))
		return !id;
	json_array_foreach (roles, i, role)
		add(picker, &(struct choice){
				    .session = session,
				    .cells = {[ROLE] = agent_text(role, "roleName"),
					      [ACCOUNT_NAME] = agent_text(account, "accountName"),
					      [ACCOUNT_ID] = id},
				    .recency = SIZE_MAX,
			    });
	return true;
}

static bool add_session(struct picker *picker, const char *session, struct error *err)
{
	json_t *accounts, *account;
	size_t i;

	if (!list(picker, "ListAccounts", "accounts", json_pack("{s:s}", "session", session), &accounts, err))
		return false;
	json_array_foreach (accounts, i, account) {
		if (!add_account(picker, session, account, err))
			return false;
	}
	return true;
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

static void note_recency(struct picker *picker, const json_t *roles)
{
	const json_t *role;
	size_t i;

	json_array_foreach (roles, i, role) {
		for (size_t k = 0; k < picker->n; k++) {
			if (is_of(&picker->choices[k], agent_text(role, "session"),
				  agent_text(role, "accountId"), agent_text(role, "roleName")))
				picker->choices[k].recency = i;
		}
	}
}

/* Those in use, the last first; then those with a profile; each lot as it was listed. */
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
	note_recency(&picker, json_object_get(status, "roles"));
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
