/*
 * Credentials are wanted and nobody is signed in: a sign-in that no person has begun, or a notification with
 * a button that begins one.
 *
 *   code:     asked ──► sign-in; its address goes to whoever asked
 *   browser:  asked ──► a person at the desktop? ──► sign-in ──► its address goes to the browser
 *   notify:   asked ──► a person at the desktop? ──► shown ──(click)──► sign-in ──► as above
 *
 * While iamic is locked:
 *   browser, notify:  asked ──► a person? ──► shown ──(click)──► unlocked, if that takes no passphrase
 *
 * Each of these once, and not again before a person has acted (demand.h).
 */
#include "base/log.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "daemon/demand.h"
#include "daemon/desktop.h"
#include "daemon/lock_state.h"
#include "daemon/session_private.h"

/* ---- a sign-in of whom we reach through the desktop ---- */

static void on_opened(bool is_so, void *userdata)
{
	struct session *session = userdata;
	_cleanup_free_ char *summary = NULL;

	if (is_so)
		return;
	log_warning("session '%s': the desktop opens no address for us", session_name(session));
	summary = xasprintf("Not signed in to '%s' yet", session_name(session));
	text_make_printable(summary);
	desktop_show(session->deps.desktop,
		     &(struct desktop_notice){.summary = summary,
					      .body = "The browser could not be opened: run iamic-login.",
					      .userdata = session});
}

static void show_code(struct session *session, const char *code)
{
	_cleanup_free_ char *summary = xasprintf("Signing in to '%s': %s", session_name(session), code);

	text_make_printable(summary);
	desktop_show(session->deps.desktop, &(struct desktop_notice){
						    .summary = summary,
						    .body = "Approve only if the page shows the same code.",
						    .userdata = session,
					    });
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

static void sign_in_by_desktop(struct session *session, bool is_unattended, bool is_forced)
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
	sign_in_by_desktop(session, false, is_forced);
}

static void on_clicked(void *userdata)
{
	click(userdata, false);
}

void session_clicked_on_reminder(void *userdata)
{
	click(userdata, true);
}

/* ---- asked ---- */

static void on_invited(bool is_so, void *userdata)
{
	struct session *session = userdata;

	if (is_so)
		demand_spent(session->deps.demand, session_name(session));
	else
		demand_unspent(session->deps.demand);
}

static void invite(struct session *session)
{
	_cleanup_free_ char *summary = xasprintf("Sign in to '%s'?", session_name(session));

	text_make_printable(summary);
	desktop_show(session->deps.desktop, &(struct desktop_notice){
						    .summary = summary,
						    .body = "A program wants credentials of AWS.",
						    .button = "Sign in",
						    .shown = on_invited,
						    .clicked = on_clicked,
						    .userdata = session,
					    });
}

static void on_unlock_clicked(void *userdata)
{
	struct session *session = userdata;

	demand_person_acted(session->deps.demand);
	lock_state_click(session->deps.lock);
}

static void invite_to_unlock(struct session *session)
{
	desktop_show(session->deps.desktop, &(struct desktop_notice){
						    .summary = "iamic is locked",
						    .body = "A program wants credentials of AWS.",
						    .button = "Unlock",
						    .shown = on_invited,
						    .clicked = on_unlock_clicked,
						    .userdata = session,
					    });
}

static void on_person(bool is_there, void *userdata)
{
	struct session *session = userdata;

	if (is_there && session->state == SESSION_LOCKED)
		invite_to_unlock(session);
	else if (!is_there || session->state != SESSION_SIGNED_OUT)
		demand_unspent(session->deps.demand);
	else if (session->demanded == ON_DEMAND_NOTIFY)
		invite(session);
	else
		sign_in_by_desktop(session, true, false);
}

static void on_screen_seen(bool is_there, void *userdata)
{
	struct session *session = userdata;

	session->looks_at_screen = false;
	demand_saw_screen(session->deps.demand, !is_there);
}

/* Who unlocks the screen has acted: the next call may ask them once more. */
static void look_at_screen(struct session *session)
{
	if (!session->looks_at_screen &&
	    demand_waits_for_desktop(session->deps.demand, session_name(session)))
		session->looks_at_screen =
			desktop_find_person(session->deps.desktop, on_screen_seen, session);
}

static void begin(struct session *session)
{
	/* By code whatever `login` says: a person reads it off an error, perhaps at another machine. */
	const struct session_wish by_code = {.flow = FLOW_DEVICE, .is_unattended = true};

	enum on_demand kind = demand_begin(session->deps.demand, session_name(session));

	if (kind == ON_DEMAND_FAIL) {
		look_at_screen(session);
		return;
	}
	if (kind == ON_DEMAND_CODE && session->state == SESSION_LOCKED) {
		demand_unspent(session->deps.demand); /* there is nothing to approve */
		return;
	}
	session->demanded = kind;
	log_info("session '%s': %s is wanted", session_name(session),
		 session->state == SESSION_LOCKED ? "unlocking" : "a sign-in");
	if (kind == ON_DEMAND_CODE)
		session_begin_login(session, &by_code);
	else if (!desktop_find_person(session->deps.desktop, on_person, session))
		demand_unspent(session->deps.demand);
}

/* Does a sign-in begin that no person has asked for, and that has no address yet? */
static bool will_have_address(const struct session *session)
{
	return session->state == SESSION_SIGNING_IN && session->is_unattended && !session->prompt;
}

bool session_demand(struct session *session)
{
	if (session->state == SESSION_SIGNED_OUT || session->state == SESSION_LOCKED)
		begin(session);
	return will_have_address(session);
}

void session_demand_for_waiters(struct session *session)
{
	struct session_waiter *waiter;

	if (session->state != SESSION_SIGNED_OUT)
		return;
	list_for_each (waiter, &session->waiters, struct session_waiter, link) {
		if (waiter->awaits_login && !waiter->has_failed) {
			session_demand(session);
			return;
		}
	}
}

/* ---- what became of it ---- */

void session_unattended_has_address(struct session *session)
{
	if (session->is_unattended)
		demand_spent(session->deps.demand, session_name(session));
}

void session_unattended_has_failed(struct session *session, const struct error *err)
{
	bool is_away = err->kind == ERROR_UNAVAILABLE || err->kind == ERROR_TIMED_OUT;

	if (!will_have_address(session))
		return;
	if (is_away)
		demand_unspent(session->deps.demand);
	else
		demand_spent(session->deps.demand, session_name(session));
}
