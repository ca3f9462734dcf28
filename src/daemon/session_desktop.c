/* A session's person at the desktop: what they are shown there, and a sign-in that they are reached for. */
#include "base/log.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "daemon/demand.h"
#include "daemon/desktop.h"
#include "daemon/session_private.h"

void session_show(struct session *session, char *summary_taken, const struct desktop_notice *rest)
{
	_cleanup_free_ char *summary = summary_taken;
	struct desktop_notice notice = *rest;

	text_make_printable(summary);
	notice.summary = summary;
	notice.userdata = session;
	desktop_show(session->deps.desktop, &notice);
}

static void on_opened(bool is_so, void *userdata)
{
	struct session *session = userdata;

	if (is_so)
		return;
	log_warning("session '%s': the desktop opens no address for us", session_name(session));
	session_show(session, xasprintf("Not signed in to '%s' yet", session_name(session)),
		     &(struct desktop_notice){.body = "The browser could not be opened: run iamic-login."});
}

static void show_code(struct session *session, const char *code)
{
	session_show(session, xasprintf("Signing in to '%s': %s", session_name(session), code),
		     &(struct desktop_notice){.body = "Approve only if the page shows the same code."});
}

static void on_progress(const struct session_progress *progress, void *userdata)
{
	struct session *session = userdata;

	if (progress->stage == SESSION_STAGE_DONE)
		session->desktop_follower = session_follower_free(session->desktop_follower);
	if (progress->stage != SESSION_STAGE_WAITING)
		return;
	if (progress->code)
		show_code(session, progress->code);
	desktop_open(session->deps.desktop, progress->open_url, on_opened, session);
}

static enum flow flow_of(const struct session *session)
{
	const struct settings *settings;
	const struct config *config;
	struct error err;

	if (session->definition->use_device_code ||
	    !configuration_get(session->deps.configuration, &config, &settings, &err))
		return FLOW_DEVICE;
	return settings_session(settings, session_name(session))->login == LOGIN_DEVICE ? FLOW_DEVICE
											: FLOW_BROWSER;
}

void session_login_by_desktop(struct session *session, bool is_unattended, bool is_forced)
{
	const struct session_wish wish = {
		.is_forced = is_forced,
		.is_unattended = is_unattended,
		.flow = flow_of(session),
		.port = session->definition->redirect_port,
	};

	session_follower_free(session->desktop_follower);
	session->desktop_follower = session_login(session, &wish, on_progress, session);
}

static void click(struct session *session, bool is_forced)
{
	log_info("session '%s': a person asks to sign in", session_name(session));
	demand_person_acted(session->deps.demand);
	session_login_by_desktop(session, false, is_forced);
}

void session_clicked_on_invitation(void *userdata)
{
	click(userdata, false);
}

void session_clicked_on_reminder(void *userdata)
{
	click(userdata, true);
}
