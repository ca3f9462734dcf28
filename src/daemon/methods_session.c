/* Login, FinishLogin, CancelLogin and Logout. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "daemon/demand.h"
#include "daemon/lock_state.h"
#include "daemon/methods_private.h"

#define LOGIN_TIMEOUT_MAX_MS (24 * 60 * 60 * 1000)
#define PORT_MAX             65535

/* ---- Login ---- */

struct logging_in {
	struct call *call;
	struct agent *agent;
	struct session *session; /* sessions' */
	struct session_follower *follower;
	struct identity_ask *identity;
	int64_t expires;
	char *warning;
};

static void logging_in_release(void *held)
{
	struct logging_in *login = held;

	session_follower_free(login->follower);
	identity_ask_free(login->identity);
	free(login->warning);
	free(login);
}

static json_t *stage(const struct logging_in *login, const char *name)
{
	return json_pack("{s:s, s:o}", "stage", name, "session",
			 json_string_or_null(session_name(login->session)));
}

/* Warns when someone else came back than the configuration says. */
static void check_user(struct logging_in *login, const char *user)
{
	const struct settings *settings;
	const struct config *config;
	const char *expected;
	struct error err;

	if (!user || login->warning ||
	    !configuration_get(login->agent->configuration, &config, &settings, &err))
		return;
	expected = settings_session(settings, session_name(login->session))->user;
	if (expected && strcmp(expected, user) != 0)
		login->warning = xasprintf("'%s' signed in, not '%s' as iamic's config says", user, expected);
}

static void reply_done(struct logging_in *login, const char *user)
{
	json_t *done = stage(login, "done");

	check_user(login, user);
	json_object_set_new(done, "expires", json_time_or_null(login->expires));
	json_object_set_new(done, "user", json_string_or_null(user));
	json_object_set_new(done, "warning", json_string_or_null(login->warning));
	json_object_set_new(done, "clockAhead", json_integer(aws_clock_ahead_s(login->agent->deps.clock)));
	call_reply(login->call, done); /* nothing after this line */
}

static void on_identity(const char *user, void *userdata)
{
	reply_done(userdata, user); /* nothing after this line */
}

static void on_done(struct logging_in *login, const struct session_progress *progress)
{
	if (progress->err) {
		call_fail(login->call, progress->err, session_error_members(login->session, progress->err));
		return; /* nothing after this line */
	}
	login->expires = progress->expires;
	login->warning = xstrdup_or_null(progress->warning);
	if (progress->was_signed_in)
		login->identity = identity_ask(login->agent->identities, login->session, on_identity, login);
	else /* nothing was asked of AWS, and nothing is now */
		reply_done(login, identity_known(login->agent->identities, login->session));
}

static void on_progress(const struct session_progress *progress, void *userdata)
{
	struct logging_in *login = userdata;
	json_t *reply;

	if (progress->stage == SESSION_STAGE_DONE) {
		on_done(login, progress); /* nothing after this line */
		return;
	}
	if (!call_wants_more(login->call))
		return;
	if (progress->stage == SESSION_STAGE_REGISTERING) {
		call_continue(login->call, stage(login, "registering")); /* nothing after this line */
		return;
	}
	reply = stage(login, "waiting");
	json_object_set_new(reply, "openUrl", json_string_or_null(progress->open_url));
	json_object_set_new(reply, "verificationUri", json_string_or_null(progress->verification_uri));
	json_object_set_new(reply, "code", json_string_or_null(progress->code));
	json_object_set_new(reply, "redirectUri", json_string_or_null(progress->redirect_uri));
	json_object_set_new(reply, "deadline", json_time_or_null(progress->deadline));
	call_continue(login->call, reply); /* nothing after this line */
}

static void on_login_deadline(struct call *call)
{
	struct logging_in *login = call_held(call);
	const char *name = session_name(login->session);
	_cleanup_free_ char *command = command_to_type("iamic-login", name);
	struct session_status status;
	struct error err;

	session_get_status(login->session, &status);
	if (status.open_url)
		error_set(&err, ERROR_TIMED_OUT,
			  "session '%s': nobody has approved the sign-in yet; it goes on: run %s", name,
			  command);
	else
		session_explain_silence(login->session, &err);
	call_fail(call, &err, NULL); /* nothing after this line */
}

/* How the person wants to sign in: what they say, else what is configured; auto goes by where they are. */
static bool choose_flow(struct agent *agent, const struct session *session, const char *said,
			bool has_browser, enum flow *ret, struct error *err)
{
	static const char *const names[] = {
		[LOGIN_DEVICE] = "device", [LOGIN_BROWSER] = "browser", [LOGIN_AUTO] = "auto"};
	const struct settings *settings;
	const struct config *config;
	enum login_flow login = LOGIN_DEVICE;

	if (said) {
		while (login < ARRAY_SIZE(names) && strcmp(said, names[login]) != 0)
			login++;
		if (login == ARRAY_SIZE(names))
			return error_set(err, ERROR_CONFIG, "flow is device, browser or auto");
	} else if (!session_definition(session)->use_device_code) {
		if (!configuration_get(agent->configuration, &config, &settings, err))
			return false;
		login = settings_session(settings, session_name(session))->login;
	}
	*ret = login == LOGIN_BROWSER || (login == LOGIN_AUTO && has_browser) ? FLOW_BROWSER : FLOW_DEVICE;
	return true;
}

static bool choose_port(const struct session *session, json_int_t said, int *ret, struct error *err)
{
	if (said < 0 || said > PORT_MAX)
		return error_set(err, ERROR_CONFIG, "port is a number from 1 to %d, or 0 for any", PORT_MAX);
	*ret = said ? (int)said : session_definition(session)->redirect_port;
	return true;
}

static void set_timeout(struct call *call, json_int_t timeout_ms)
{
	if (timeout_ms <= 0)
		return;
	if (timeout_ms > LOGIN_TIMEOUT_MAX_MS)
		timeout_ms = LOGIN_TIMEOUT_MAX_MS;
	call_set_deadline(call, clock_boot_usec() + (uint64_t)timeout_ms * USEC_PER_MSEC, on_login_deadline);
}

void method_login(struct call *call, const json_t *parameters)
{
	struct agent *agent = call_userdata(call);
	struct session_proposal wanted = {0};
	const char *flow = NULL;
	json_int_t port = 0, timeout_ms = 0;
	int is_forced = 0, has_browser = 0;
	struct session_wish wish = {0};
	struct logging_in *login;
	struct session *session;
	struct error err;

	if (!parameters_read(call, parameters, "{" SESSION_FORMAT ", s?s, s?I, s?b, s?I, s?b}",
			     SESSION_SLOTS(&wanted), "flow", &flow, "port", &port, "force", &is_forced,
			     "timeoutMs", &timeout_ms, "hasBrowser", &has_browser))
		return;
	wish.is_forced = is_forced;
	if (!agent_session(agent, &wanted, &session, &err) ||
	    !choose_flow(agent, session, flow, has_browser, &wish.flow, &err) ||
	    !choose_port(session, port, &wish.port, &err)) {
		call_fail(call, &err, NULL);
		return;
	}
	demand_person_acted(agent->deps.demand);
	login = xcalloc(1, sizeof(*login));
	*login = (struct logging_in){.call = call, .agent = agent, .session = session};
	call_hold(call, logging_in_release, login);
	set_timeout(call, timeout_ms);
	login->follower = session_login(session, &wish, on_progress, login);
}

/* What the address holds is no one's but the sign-in's: it is not logged, nor quoted. */
void method_finish_login(struct call *call, const json_t *parameters)
{
	struct agent *agent = call_userdata(call);
	struct session_proposal wanted = {0};
	const char *address;
	struct session *session;
	struct error err;

	if (!parameters_read(call, parameters, "{s:s, s?s, s?s, s?s, s:s}", SESSION_SLOTS(&wanted), "address",
			     &address))
		return;
	if (!agent_session(agent, &wanted, &session, &err)) {
		call_fail(call, &err, NULL);
		return;
	}
	call_reply(call, json_pack("{s:b}", "isTaken", session_come_back(session, address)));
}

void method_cancel_login(struct call *call, const json_t *parameters)
{
	struct agent *agent = call_userdata(call);
	struct session_proposal wanted = {0};
	struct session *session;
	struct error err;

	if (!parameters_read(call, parameters, "{s:s, s?s, s?s, s?s}", SESSION_SLOTS(&wanted)))
		return;
	if (!agent_session(agent, &wanted, &session, &err)) {
		call_fail(call, &err, NULL);
		return;
	}
	session_cancel_login(session);
	call_reply(call, json_object());
}

/* ---- Logout ---- */

/* What was begun is carried out, also when its client goes away before the end. */
struct logging_out {
	struct call *call; /* NULL: nobody waits for it any more */
	struct agent *agent;
	json_t *names;
	struct session_logout **logouts;
	size_t n_logouts, n_open;
	char *warning; /* the first */
};

static void logging_out_free(struct logging_out *logout)
{
	struct agent *agent = logout->agent;

	for (size_t i = 0; i < logout->n_logouts; i++)
		session_logout_free(logout->logouts[i]);
	free(logout->logouts);
	json_decref(logout->names);
	free(logout->warning);
	free(logout);
	if (--agent->n_logouts == 0 && agent->logged_out)
		agent->logged_out(agent->logged_out_userdata);
}

static void logging_out_release(void *held)
{
	struct logging_out *logout = held;

	logout->call = NULL;
	if (logout->n_open == 0)
		logging_out_free(logout);
}

static void finish_logout(struct logging_out *logout)
{
	/* Until just now someone may have been served. */
	for (size_t i = 0; i < logout->n_logouts; i++)
		roles_forget(logout->agent->roles, session_logout_session(logout->logouts[i]));
	/* A connection remembers the header it sent last. */
	upstream_forget_connections(logout->agent->deps.upstream);
	if (logout->call)
		call_reply(logout->call,
			   json_pack("{s:O, s:o}", "sessions", logout->names, "warning",
				     json_string_or_null(logout->warning))); /* nothing after this line */
	else
		logging_out_free(logout);
}

static void on_logged_out(const char *warning, void *userdata)
{
	struct logging_out *logout = userdata;

	if (warning && !logout->warning)
		logout->warning = xstrdup(warning);
	if (--logout->n_open == 0)
		finish_logout(logout); /* nothing after this line */
}

static void log_out(struct logging_out *logout, struct session *session)
{
	struct session_status status;

	session_get_status(session, &status);
	if (status.state != SESSION_SIGNED_OUT)
		json_array_append_new(logout->names, json_string_or_null(session_name(session)));
	roles_forget(logout->agent->roles, session);
	logout->logouts = xreallocarray(logout->logouts, logout->n_logouts + 1, sizeof(*logout->logouts));
	logout->n_open++;
	logout->logouts[logout->n_logouts++] = session_logout_start(session, on_logged_out, logout);
}

/* One that is broken in the configuration has nothing to be signed out of: the others are. */
static bool log_out_all(struct logging_out *logout, struct error *err)
{
	struct agent *agent = logout->agent;
	const struct settings *settings;
	const struct config *config;
	struct error ignored;
	size_t n;
	char **names;

	if (!configuration_get(agent->configuration, &config, &settings, err))
		return false;
	names = sso_session_names(config, settings, &n);
	for (size_t i = 0; i < n; i++) {
		struct session *session;

		if (agent_named_session(agent, config, settings, names[i], &session, &ignored))
			log_out(logout, session);
		else
			log_warning("%s", ignored.message);
		free(names[i]);
	}
	free(names);
	return true;
}

static bool log_out_one(struct logging_out *logout, const char *name, struct error *err)
{
	struct session *session;

	if (!agent_session(logout->agent, &(struct session_proposal){.name = name}, &session, err))
		return false;
	log_out(logout, session);
	return true;
}

void method_logout(struct call *call, const json_t *parameters)
{
	struct logging_out *logout;
	const char *name = NULL;
	struct error err;

	if (!parameters_read(call, parameters, "{s?s}", "session", &name))
		return;
	logout = xcalloc(1, sizeof(*logout));
	*logout = (struct logging_out){.call = call, .agent = call_userdata(call), .names = json_array()};
	logout->agent->n_logouts++;
	call_hold(call, logging_out_release, logout);
	if (lock_state_refuses(logout->agent->deps.lock, &err) ||
	    !(name ? log_out_one(logout, name, &err) : log_out_all(logout, &err)))
		call_fail(call, &err, NULL); /* nothing after this line */
	else if (logout->n_open == 0)
		finish_logout(logout); /* nothing after this line */
}
