/*
 * Which session: one that is there, or a new one. What the host of its start URL shows is not asked for, and
 * neither is anything about a session that is there.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/config_word.h"
#include "aws/region.h"
#include "aws/start_url.h"
#include "aws/url.h"
#include "base/json.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "cli/agent.h"
#include "cli/command.h"
#include "cli/configuration.h"
#include "cli/configure.h"
#include "cli/menu.h"
#include "cli/question.h"
#include "cli/terminal.h"

/* ---- one that is there ---- */

static bool take_existing(const struct configure *configure, const char *name, struct decision *decision,
			  struct error *err)
{
	const struct session_proposal *wanted = &configure->values->session;
	_cleanup_(sso_session_freep) struct sso_session *session = NULL;
	_cleanup_free_ char *start_url = wanted->start_url ? start_url_complete(wanted->start_url) : NULL;

	if (!sso_session_resolve(configure->config, configure->settings, name, &session, err))
		return false;
	if ((start_url && strcmp(start_url, session->start_url) != 0) ||
	    (wanted->region && strcmp(wanted->region, session->region) != 0))
		return error_set(err, ERROR_CONFIG,
				 "session '%.100s' is there already with another start URL or region (%s): "
				 "change it there, or choose another name",
				 name, session->where);
	decision->session = xstrdup(session->name);
	decision->start_url = xstrdup(session->start_url);
	decision->sso_region = xstrdup(session->region);
	return true;
}

/* Sessions with a name of their own: those of legacy profiles are named by an address. */
static char **own_names(const struct configure *configure, size_t *ret_n)
{
	char **names = sso_session_names(configure->config, configure->settings, ret_n);
	size_t n = 0;

	for (size_t i = 0; i < *ret_n; i++) {
		if (strstr(names[i], "://"))
			free(names[i]);
		else
			names[n++] = names[i];
	}
	names[n] = NULL;
	*ret_n = n;
	return names;
}

static void free_names(char **names)
{
	for (char **name = names; *name; name++)
		free(*name);
	free(names);
}

static bool is_there(char *const *names, const char *name)
{
	for (; *names; names++)
		if (strcmp(*names, name) == 0)
			return true;
	return false;
}

/* The session of that start URL; NULL: none. */
static const char *named_by_url(const struct configure *configure, char *const *names, const char *start_url)
{
	for (; *names; names++) {
		_cleanup_(sso_session_freep) struct sso_session *session = NULL;
		struct error ignored;

		if (sso_session_resolve(configure->config, configure->settings, *names, &session, &ignored) &&
		    strcmp(session->start_url, start_url) == 0)
			return *names;
	}
	return NULL;
}

/* *ret stays NULL for a new one. */
static bool choose_among(char *const *names, size_t n, const char **ret, struct error *err)
{
	const char **cells = xcalloc(n + 1, sizeof(*cells));
	struct menu menu = {"session", cells, n + 1, 1, 0};
	struct tty tty;
	size_t row;
	bool ok;

	memcpy(cells, names, n * sizeof(*cells));
	cells[n] = "(a new one)";
	ok = tty_open(&tty);
	if (ok) {
		ok = menu_choose(&tty, &menu, &row, err);
		tty_close(&tty);
	} else {
		error_fill(err, ERROR_USAGE, "there are several sessions: name one with --sso-session");
	}
	free(cells);
	if (ok && row < n)
		*ret = names[row];
	return ok;
}

/* ---- a new one ---- */

static bool check_start_url(char **answer, void *userdata, struct error *err)
{
	_cleanup_free_ char *url = start_url_complete(*answer);

	(void)userdata;
	if (!url_is_acceptable(url))
		return error_set(err, ERROR_USAGE,
				 "that is no https:// address: it stands in the browser when you open your "
				 "company's access portal");
	xstrdup_to(answer, url);
	return true;
}

static bool check_region(char **answer, void *userdata, struct error *err)
{
	(void)userdata;
	if (region_partition(*answer))
		return true;
	return error_set(err, ERROR_USAGE, "'%.64s' is not a region of AWS: one looks like us-east-1",
			 *answer);
}

static bool check_name(char **answer, void *userdata, struct error *err)
{
	char *const *names = userdata;
	_cleanup_free_ char *header = NULL;

	if (is_there(names, *answer))
		return error_set(err, ERROR_CONFIG, "session '%.100s' is there already: choose another name",
				 *answer);
	return config_header(CONFIG_SSO_SESSION, *answer, &header, err);
}

/* What was given, else an answer; both are checked. */
static bool settle(const struct configure *configure, const char *given, const struct question *question,
		   char **ret, struct error *err)
{
	_cleanup_free_ char *text = xstrdup_or_null(given);

	if (!text && configure->can_ask)
		return question_ask(question, ret, err);
	if (!text)
		text = xstrdup_or_null(question->usual);
	if (!question->check(&text, question->userdata, err))
		return false;
	*ret = TAKE(text);
	return true;
}

/* A person's sessions are in one region as a rule. */
static char *usual_region(const struct configure *configure, char *const *names)
{
	for (; *names; names++) {
		_cleanup_(sso_session_freep) struct sso_session *session = NULL;
		struct error ignored;

		if (sso_session_resolve(configure->config, configure->settings, *names, &session, &ignored))
			return xstrdup(session->region);
	}
	return xstrdup_or_null(configuration_shell_region());
}

/* An address is AWS's word. A page is not quite: who names another region may know better. */
static bool check_given(const struct decision *decision, const char *given, const char *shown,
			struct error *err)
{
	if (shown && strcmp(given, shown) != 0)
		return error_set(err, ERROR_CONFIG,
				 "the start URL is of region %s, not of %s: leave --sso-region out", shown,
				 given);
	if (!shown && decision->page_region && strcmp(given, decision->page_region) != 0)
		log_warning("warning: the page of the start URL names region %s, not %s: if signing in "
			    "fails, that is why",
			    decision->page_region, given);
	return true;
}

/* In the place of a question; where none is asked, beside what is printed for programs. */
static void show_page_region(const struct configure *configure, const char *region)
{
	if (configure->can_ask)
		printf("region of your Identity Center: %s (its page says so)\n", region);
	else
		log_info("region of your Identity Center: %s (its page says so)", region);
}

static bool choose_region(const struct configure *configure, char *const *names, struct decision *decision,
			  struct error *err)
{
	const char *given = configure->values->session.region;
	_cleanup_free_ char *shown = start_url_region(decision->start_url);
	_cleanup_free_ char *usual = usual_region(configure, names);
	const struct question asked = {"region of your Identity Center", usual, check_region, NULL};

	if (given && !check_given(decision, given, shown, err))
		return false;
	if (!given && !shown && decision->page_region)
		show_page_region(configure, decision->page_region);
	if (!given)
		given = shown ? shown : decision->page_region;
	if (!given && !configure->can_ask)
		return error_set(err, ERROR_USAGE,
				 "neither the start URL nor its page shows the region: "
				 "give it with --sso-region");
	return settle(configure, given, &asked, &decision->sso_region, err);
}

/* That takes seconds where nothing answers. */
static bool ask_start_url(struct client *client, const char *start_url, json_t **ret, struct error *err)
{
	_cleanup_free_ char *line = xasprintf("looking at %s", start_url);
	bool ok;

	terminal_show_line(line);
	ok = agent_call(client, "ResolveStartUrl", json_pack("{s:s}", "startUrl", start_url), ret, err);
	terminal_clear_line();
	return ok;
}

/*
 * A company's own name for its portal is only known to lead there; the AWS CLI of old takes none. Where the
 * address does not show the region, the page that is behind it may.
 */
static bool resolve_start_url(struct decision *decision, struct error *err)
{
	_cleanup_(client_closep) struct client *client = NULL;
	_cleanup_free_ char *shown = start_url_region(decision->start_url);
	_cleanup_json_ json_t *reply = NULL;
	const char *target;

	if (shown)
		return true;
	if (!agent_open(&client, err) || !ask_start_url(client, decision->start_url, &reply, err))
		return false;
	target = agent_text(reply, "startUrl");
	if (!target || !url_is_acceptable(target))
		return error_set(err, ERROR_UNAVAILABLE,
				 "the daemon does not say where the start URL leads: try again");
	decision->page_region = xstrdup_or_null(agent_text(reply, "region"));
	if (strcmp(target, decision->start_url) != 0)
		printf("that leads to %s\n", target);
	xstrdup_to(&decision->start_url, target);
	return true;
}

static bool is_about_address(const struct error *err)
{
	return err->kind == ERROR_UNAVAILABLE || err->kind == ERROR_TIMED_OUT || err->kind == ERROR_CONFIG;
}

/* Nothing is at an address that is mistyped, or no portal: then a person is asked again. */
static bool find_start_url(const struct configure *configure, struct decision *decision, struct error *err)
{
	const struct question url = {"start URL of your access portal", NULL, check_start_url, NULL};
	const char *given = configure->values->session.start_url;

	while (settle(configure, given, &url, &decision->start_url, err)) {
		if (resolve_start_url(decision, err))
			return true;
		if (given || !configure->can_ask || !is_about_address(err))
			return false;
		(void)command_fail(err);
		free(TAKE(decision->start_url));
	}
	return false;
}

static bool describe_new(const struct configure *configure, char **names, struct decision *decision,
			 struct error *err)
{
	const struct session_proposal *given = &configure->values->session;

	decision->is_new = true;
	if (!find_start_url(configure, decision, err) || !choose_region(configure, names, decision, err))
		return false;
	_cleanup_free_ char *usual =
		configure_free_session_name(configure, &(struct config_edits){0}, decision->start_url);
	const struct question name = {"name for this sign-in", usual, check_name, names};
	return settle(configure, given->name, &name, &decision->session, err);
}

/* ---- either ---- */

static bool choose(const struct configure *configure, char **names, size_t n, struct decision *decision,
		   struct error *err)
{
	const struct session_proposal *given = &configure->values->session;
	_cleanup_free_ char *start_url = given->start_url ? start_url_complete(given->start_url) : NULL;
	const char *name = NULL;

	if (given->name)
		name = is_there(names, given->name) ? given->name : NULL;
	else if (start_url)
		name = named_by_url(configure, names, start_url);
	else if (n == 1)
		name = names[0];
	else if (n > 1 && !choose_among(names, n, &name, err))
		return false;
	if (name)
		return take_existing(configure, name, decision, err);
	if (!given->start_url && !configure->can_ask)
		return error_set(err, ERROR_USAGE,
				 "there is no terminal to ask at: give --sso-start-url, --sso-region, "
				 "--account-id and --role-name");
	return describe_new(configure, names, decision, err);
}

bool configure_choose_session(const struct configure *configure, struct decision *decision, struct error *err)
{
	size_t n;
	char **names = own_names(configure, &n);
	bool ok = choose(configure, names, n, decision, err);

	free_names(names);
	decision->scopes = xstrdup_or_null(configure->values->session.scopes);
	return ok;
}
