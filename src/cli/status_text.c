#include "cli/status_text.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "cli/agent.h"
#include "cli/configuration.h"
#include "cli/network.h"
#include "cli/output.h"
#include "cli/session_refusal.h"

/* What is not known, or empty as in a session that the configuration only half describes, is left out. */
static void print_text(const json_t *object, const char *member, const char *label)
{
	const char *text = agent_text(object, member);

	if (text && *text)
		print_field(label, "%s", text);
}

static void print_network(json_t *network)
{
	const char *name;
	const json_t *value;

	json_object_foreach (network, name, value) {
		const char *text = json_string_value(value);

		print_field("network", "%s=%s", name, text ? text : "");
	}
}

static void print_store(const json_t *store)
{
	const char *kind = agent_text(store, "kind"), *state = agent_text(store, "state");

	print_field("store", "%s, %s", kind ? kind : "-", state ? state : "-");
	print_text(store, "protects", "protects");
	print_text(store, "lastError", "last error");
}

static void print_stale(const json_t *status)
{
	_cleanup_free_ char *command = network_restart_command(status);

	print_field("note", "the program on disk is newer; to use it: %s", command);
}

/* Whoever looks at a wrong clock wonders about the times that follow. */
static void print_clock(const json_t *status)
{
	long long ahead_min = json_integer_value(json_object_get(status, "clockAhead")) / 60;

	if (ahead_min != 0)
		print_field("clock", "this machine's is %lld min %s: the times below are AWS's",
			    ahead_min < 0 ? -ahead_min : ahead_min, ahead_min < 0 ? "fast" : "slow");
}

static void print_lock(const json_t *status, int64_t now)
{
	const json_t *locked = json_object_get(status, "locked");
	_cleanup_free_ char *why = NULL;
	char since[TIME_TEXT_SIZE];
	int64_t at;

	if (!agent_time(locked, "since", &at))
		return;
	why = printable(agent_text(locked, "why"));
	time_text(at < now ? at : now, now, since);
	print_field("locked", "since %s, %s; run: iamic unlock", since, why);
}

static void print_daemon(const json_t *status, int64_t now)
{
	_cleanup_free_ char *version = printable(agent_text(status, "version")), *line = NULL;

	line = xasprintf("iamicd %s, process %lld", version,
			 (long long)json_integer_value(json_object_get(status, "pid")));
	print_words(line, 0, 2);
	if (json_is_true(json_object_get(status, "stale")))
		print_stale(status);
	print_text(status, "socket", "socket");
	print_text(status, "configFile", "config");
	print_clock(status);
	print_lock(status, now);
	print_store(json_object_get(status, "store"));
	print_network(json_object_get(status, "network"));
}

/* The daemon's words for a state, two of our own, and what is shown for them. An unknown one, of a newer
 * daemon, is shown as it is. */
#define STORE_LOCKED "store locked"
#define STORE_BROKEN "store broken"

struct state {
	const char *name, *text;
	enum style style;
};

static struct state find_state(const char *name)
{
	static const struct state states[] = {
		{"loading", "not known yet, the store is being read", STYLE_WAITING},
		{STORE_LOCKED, "not known, the store is locked", STYLE_BAD},
		{STORE_BROKEN, "not known, what is stored cannot be read", STYLE_BAD},
		{"signed_out", "signed out", STYLE_BAD},
		{"signing_in", "signing in", STYLE_WAITING},
		{"ready", "signed in", STYLE_GOOD},
		{"refreshing", "signed in, the token is being renewed", STYLE_GOOD},
		{"locked", "locked", STYLE_BAD},
	};

	for (size_t i = 0; name && i < ARRAY_SIZE(states); i++) {
		if (strcmp(states[i].name, name) == 0)
			return states[i];
	}
	return (struct state){.text = name};
}

/* A session is loading until its store has told whether one is signed in: if that lasts there is a reason. */
static const char *state_of(const json_t *session, const json_t *store)
{
	const char *state = agent_text(session, "state"), *store_state = agent_text(store, "state");

	if (!state || strcmp(state, "loading") != 0 || !agent_text(session, "lastError"))
		return state;
	return store_state && strcmp(store_state, "locked") == 0 ? STORE_LOCKED : STORE_BROKEN;
}

static void print_time(const json_t *object, const char *member, const char *label, const char *before,
		       int64_t now, const char *after)
{
	char text[TIME_TEXT_SIZE];
	int64_t at;

	if (agent_time(object, member, &at))
		print_field(label, "%s%s%s", before, time_text(at, now, text), after);
}

static void print_next(const json_t *session, const char *state, const char *name, int64_t now)
{
	_cleanup_free_ char *word = shell_word(name);

	if (strcmp(state, "signed_out") == 0)
		print_field("next", "run: iamic-login %s", word);
	else if (strcmp(state, "signing_in") == 0)
		print_field("next", "approve it in the browser; to see the address: iamic-login %s", word);
	else if (strcmp(state, "locked") == 0 || strcmp(state, STORE_LOCKED) == 0)
		print_field("next", "run: iamic unlock");
	else if (strcmp(state, STORE_BROKEN) == 0)
		print_field("next", "the store is asked again by whatever needs the sign-in");
	else if (strcmp(state, "ready") == 0 && agent_text(session, "refreshAt"))
		print_time(session, "refreshAt", "next", "the token is renewed at ", now, "");
	else if (strcmp(state, "ready") == 0)
		print_field("next", "when the token ends, run: iamic-login %s", word);
}

/* AWS's clock may be ahead of ours: nobody has signed in in the future. */
static void print_since(const json_t *session, int64_t now)
{
	char text[TIME_TEXT_SIZE];
	int64_t at;

	if (agent_time(session, "signedInAt", &at))
		print_field("since", "%s", time_text(at < now ? at : now, now, text));
}

/* One that the configuration names, but describes too badly to sign in to, has its error for a next step. */
static bool has_definition(const json_t *session)
{
	const char *start_url = agent_text(session, "startUrl");

	return start_url && *start_url;
}

/* Else the end is foretold from how long sessions have lasted before. */
static bool is_length_written(const char *session)
{
	_cleanup_(settings_freep) struct settings *settings = NULL;
	struct error ignored;

	return configuration_settings(&settings, &ignored) &&
	       settings_session(settings, session)->session_length_s > 0;
}

static void print_session(const json_t *session, const json_t *store, int64_t now)
{
	const char *name = agent_text(session, "name"), *state = state_of(session, store);
	_cleanup_free_ char *clean = printable(name), *heading = xasprintf("session '%s': ", clean);
	struct state known = find_state(state);

	printf("\n%s", heading);
	print_styled_words(known.style, known.text, text_columns(heading), 2);
	print_text(session, "startUrl", "start URL");
	print_text(session, "region", "region");
	print_since(session, now);
	print_time(session, "expires", "token", "valid until ", now, "");
	print_time(session, "sessionEnds", "ends", "about ", now,
		   is_length_written(name) ? ", from session_length" : ", from earlier sessions");
	print_text(session, "lastError", "last error");
	if (name && state && has_definition(session))
		print_next(session, state, name, now);
}

/* Fits the columns, then prints them: two passes over the same rows. */
static void print_rows(const json_t *rows, const char *const *members, size_t n, int64_t now)
{
	struct table table = {.n_columns = n, .indent = 2};
	const char *cells[TABLE_COLUMNS_MAX];
	char until[TIME_TEXT_SIZE];
	const json_t *row;
	size_t i;

	for (int pass = 0; pass < 2; pass++) {
		json_array_foreach (rows, i, row) {
			int64_t at;

			for (size_t k = 0; k < n; k++)
				cells[k] = agent_text(row, members[k]);
			if (agent_time(row, members[n - 1], &at))
				cells[n - 1] = time_text(at, now, until);
			if (pass == 0)
				table_fit(&table, cells);
			else
				table_row(&table, cells);
		}
	}
}

/* The same role names may be permission sets, and roles that are assumed from those. */
static json_t *with_shown_names(const json_t *roles)
{
	json_t *rows = json_array();
	const json_t *role;
	size_t i;

	json_array_foreach (roles, i, role) {
		bool is_assumed = json_is_string(json_object_get(role, "roleArn"));
		_cleanup_free_ char *name =
			xasprintf("%s%s", agent_text(role, "roleName"), is_assumed ? " (assumed)" : "");
		json_t *row = json_object();

		json_object_update(row, (json_t *)(uintptr_t)role);
		json_object_set_new(row, "roleName", json_string(name));
		json_array_append_new(rows, row);
	}
	return rows;
}

static void print_roles(const json_t *roles, int64_t now)
{
	static const char *const members[] = {"session", "accountId", "roleName", "expires"};
	_cleanup_json_ json_t *rows = with_shown_names(roles);

	if (json_array_size(rows) == 0)
		return;
	putchar('\n');
	print_words("roles in memory, with the end of their credentials:", 0, 2);
	print_rows(rows, members, ARRAY_SIZE(members), now);
}

/* Their profiles as one text. */
static json_t *with_joined_profiles(const json_t *shares)
{
	json_t *rows = json_array();
	const json_t *share, *profile;
	size_t i, k;

	json_array_foreach (shares, i, share) {
		_cleanup_free_ char *names = xstrdup("");
		json_t *row = json_copy((json_t *)(uintptr_t)share);

		json_array_foreach (json_object_get(share, "profiles"), k, profile) {
			_cleanup_free_ char *before = names;
			const char *name = json_string_value(profile);

			names = xasprintf("%s%s%s", before, k ? ", " : "", name ? name : "-");
		}
		json_object_set_new(row, "profiles", json_string(names));
		json_array_append_new(rows, row);
	}
	return rows;
}

static void print_shares(const json_t *shares, int64_t now)
{
	static const char *const members[] = {"name", "profiles", "until"};
	_cleanup_json_ json_t *rows = with_joined_profiles(shares);

	if (json_array_size(rows) == 0)
		return;
	puts("\nlent out:");
	print_rows(rows, members, ARRAY_SIZE(members), now);
}

static void print_none(const json_t *status)
{
	struct error why;

	(void)session_refuse_none(status, &why);
	text_make_printable(why.message);
	putchar('\n');
	print_words(why.message, 0, 2);
}

void status_print(const json_t *status, int64_t now)
{
	const json_t *sessions = json_object_get(status, "sessions"), *session;
	size_t i;

	print_daemon(status, now);
	json_array_foreach (sessions, i, session)
		print_session(session, json_object_get(status, "store"), now);
	if (json_array_size(sessions) == 0)
		print_none(status);
	print_roles(json_object_get(status, "roles"), now);
	print_shares(json_object_get(status, "shares"), now);
}
