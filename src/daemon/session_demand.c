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
#include "base/xalloc.h"
#include "daemon/demand.h"
#include "daemon/desktop.h"
#include "daemon/lock_state.h"
#include "daemon/session_private.h"

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
	session_show(session, xasprintf("Sign in to '%s'?", session_name(session)),
		     &(struct desktop_notice){
			     .body = "A program wants credentials of AWS.",
			     .button = "Sign in",
			     .shown = on_invited,
			     .clicked = session_clicked_on_invitation,
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
	session_show(session, xstrdup("iamic is locked"),
		     &(struct desktop_notice){
			     .body = "A program wants credentials of AWS.",
			     .button = "Unlock",
			     .shown = on_invited,
			     .clicked = on_unlock_clicked,
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
		session_login_by_desktop(session, true, false);
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

bool session_demand(struct session *session)
{
	if (session->state == SESSION_SIGNED_OUT || session->state == SESSION_LOCKED)
		begin(session);
	return session_will_have_address(session);
}
