/* ImportSession:   the session settles ──(signed out)──► the file is read ──► stored ──► [wiped], reply   */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aws/cli_cache.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "daemon/methods_private.h"

#define FILE_MAX (64 * 1024)

struct importing {
	struct call *call;
	struct session *session; /* sessions' */
	struct session_waiter *waiter;
	struct session_follower *follower;
	char *path;
	bool wipes, is_renewable;
};

static void importing_release(void *held)
{
	struct importing *importing = held;

	session_waiter_free(importing->waiter);
	session_follower_free(importing->follower);
	free(importing->path);
	free(importing);
}

static void reply(struct importing *importing, bool taken, int64_t expires, const char *warning,
		  bool is_wiped)
{
	call_reply(importing->call,
		   json_pack("{s:o, s:b, s:o, s:b, s:o, s:b, s:o}", "session",
			     json_string_or_null(session_name(importing->session)), "taken", taken, "expires",
			     json_time_or_null(expires), "isRenewable", importing->is_renewable, "file",
			     json_string_or_null(importing->path), "isWiped", is_wiped, "warning",
			     json_string_or_null(warning))); /* nothing after this line */
}

static void fail(struct importing *importing, const struct error *err)
{
	call_fail(importing->call, err,
		  session_error_members(importing->session, err)); /* nothing after this line */
}

static bool find_file(const char *session, char **ret_path, struct error *err)
{
	char name[CLI_CACHE_NAME_SIZE];
	const char *home;

	if (!fs_home(&home, err))
		return false;
	*ret_path = xasprintf("%s/.aws/sso/cache/%s", home, cli_cache_name(session, name));
	return true;
}

static bool read_file(const char *path, const char *session, struct cli_token **ret, struct error *err)
{
	_cleanup_(buffer_clearp) struct buffer text = BUFFER_INIT(FILE_MAX, &secret_memory);
	_cleanup_free_ char *command = command_to_type("iamic-login", session);
	bool exists;

	if (!fs_read(path, &text, &exists, err))
		return false;
	if (!exists)
		return error_set(err, ERROR_LOGIN_REQUIRED,
				 "the AWS CLI has no sign-in to '%s' in %s: run %s", session, path, command);
	return cli_cache_parse(text.data ? text.data : "", text.len, ret, err) ||
	       error_prefix(err, "%s", path);
}

/* With a warning it is in memory only: then the file is the only copy that lasts. */
static bool wipe(const struct importing *importing, const char *warning)
{
	if (!importing->wipes || warning)
		return false;
	if (fs_is_link(importing->path)) {
		log_warning("%s is a symbolic link: not removed", importing->path);
		return false;
	}
	if (unlink(importing->path) == 0)
		return true;
	log_warning("cannot remove %s: %m", importing->path);
	return false;
}

static void on_progress(const struct session_progress *progress, void *userdata)
{
	struct importing *importing = userdata;

	if (progress->stage != SESSION_STAGE_DONE)
		return;
	if (progress->err)
		fail(importing, progress->err); /* nothing after this line */
	else
		reply(importing, true, progress->expires, progress->warning,
		      wipe(importing, progress->warning)); /* nothing after this line */
}

static void import(struct importing *importing)
{
	_cleanup_(cli_token_freep) struct cli_token *found = NULL;
	const struct session_wish wish = {.flow = FLOW_BROWSER};
	struct error err;
	bool is_renewable;

	if (!read_file(importing->path, session_name(importing->session), &found, &err)) {
		fail(importing, &err); /* nothing after this line */
		return;
	}
	is_renewable = found->refresh_token != NULL;
	if (!session_take_over(importing->session, found, &err)) {
		fail(importing, &err); /* nothing after this line */
		return;
	}
	importing->is_renewable = is_renewable;
	importing->follower = session_login(importing->session, &wish, on_progress, importing);
}

static void on_settled(const struct session_token *token, const struct error *err, void *userdata)
{
	struct importing *importing = userdata;
	struct session_status status;

	importing->waiter = session_waiter_free(importing->waiter);
	if (token) {
		session_get_status(importing->session, &status);
		reply(importing, false, status.expires, NULL, false); /* nothing after this line */
	} else if (err->kind != ERROR_LOGIN_REQUIRED) {
		fail(importing, err); /* nothing after this line */
	} else {
		import(importing); /* nothing after this line */
	}
}

void method_import_session(struct call *call, const json_t *parameters)
{
	struct agent *agent = call_userdata(call);
	struct importing *importing;
	struct session *session;
	const char *name = NULL;
	char *path = NULL;
	int wipes = 0;
	struct error err;

	if (!parameters_read(call, parameters, "{s?s, s?b}", "session", &name, "wipe", &wipes))
		return;
	if (!agent_session(agent, &(struct session_proposal){.name = name}, &session, &err) ||
	    !find_file(session_name(session), &path, &err)) {
		call_fail(call, &err, NULL);
		return;
	}
	importing = xcalloc(1, sizeof(*importing));
	*importing = (struct importing){.call = call, .session = session, .path = path, .wipes = wipes};
	call_hold(call, importing_release, importing);
	importing->waiter = session_wait(session, false, on_settled, importing);
}
