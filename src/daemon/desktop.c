/*
 * org.freedesktop.Notifications and the portal's OpenURI on the session bus, and login1 on the system bus for
 * the one question whether the screen is locked. Each connection is made when it is first needed, and anew
 * when it was lost.
 */
#include "daemon/desktop.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/xalloc.h"
#include "daemon/desktop_private.h"
#include "daemon/timer.h"

#define PORTAL                       "org.freedesktop.portal.Desktop"
#define PORTAL_PATH                  "/org/freedesktop/portal/desktop"
#define LOGIND                       "org.freedesktop.login1"
#define OUR_SESSION                  "/org/freedesktop/login1/session/auto"
#define BUTTON_KEY                   "button"
#define URGENT                       2
#define AS_LONG_AS_THE_DESKTOP_LIKES (-1)
#define UNTIL_SOMEONE_ACTS           0

/* A question that is under way; the reply frees it. */
struct asking {
	struct desktop *desktop;
	desktop_fn fn;
	void *userdata;
	sd_event_source *deferred;
};

static struct asking *asking_new(struct desktop *desktop, desktop_fn fn, void *userdata)
{
	struct asking *asking = xcalloc(1, sizeof(*asking));

	*asking = (struct asking){.desktop = desktop, .fn = fn, .userdata = userdata};
	return asking;
}

/* Nothing of asking after this. */
static void answer(struct asking *asking, bool is_so)
{
	const struct asking copy = *asking;

	timer_disarm(&asking->deferred);
	free(asking);
	if (copy.fn)
		copy.fn(is_so, copy.userdata);
}

static int on_nobody_to_ask(sd_event_source *source, void *userdata)
{
	(void)source;
	answer(userdata, false);
	return 0;
}

/* The message could not even be sent. */
static void answer_later(struct asking *asking)
{
	timer_defer(asking->desktop->event, &asking->deferred, on_nobody_to_ask, asking);
}

/* ---- the buses ---- */

static void disconnect(sd_bus **bus)
{
	if (!*bus)
		return;
	sd_bus_detach_event(*bus);
	*bus = sd_bus_close_unref(*bus);
}

/* Whoever is on the other side, a bus that hangs costs us nothing: all that follows is asynchronous. */
static sd_bus *connect_to(struct desktop *desktop, sd_bus **bus, int (*open_bus)(sd_bus **ret))
{
	if (*bus && sd_bus_is_open(*bus) > 0)
		return *bus;
	disconnect(bus);
	if (open_bus(bus) < 0 || sd_bus_attach_event(*bus, desktop->event, SD_EVENT_PRIORITY_NORMAL) < 0)
		disconnect(bus);
	return *bus;
}

/* A signal to us alone gets here whoever sends it: the bus's matches are for those to all. */
static bool is_from_shower(const struct desktop *desktop, sd_bus_message *message)
{
	const char *sender = sd_bus_message_get_sender(message);

	return desktop->shower && sender && strcmp(sender, desktop->shower) == 0;
}

static int on_action(sd_bus_message *message, void *userdata, sd_bus_error *bus_err)
{
	struct desktop *desktop = userdata;
	const char *key;
	uint32_t id;

	(void)bus_err;
	if (sd_bus_message_read(message, "us", &id, &key) < 0)
		return 0;
	desktop_questions_clicked(desktop, sd_bus_message_get_sender(message), id, key);
	if (is_from_shower(desktop, message) && id == desktop->notice_id && id != 0 &&
	    strcmp(key, BUTTON_KEY) == 0 && desktop->clicked)
		desktop->clicked(desktop->notice_userdata);
	return 0;
}

static int on_closed(sd_bus_message *message, void *userdata, sd_bus_error *bus_err)
{
	struct desktop *desktop = userdata;
	uint32_t id, reason;

	(void)bus_err;
	if (sd_bus_message_read(message, "uu", &id, &reason) < 0)
		return 0;
	desktop_questions_closed(desktop, sd_bus_message_get_sender(message), id);
	if (is_from_shower(desktop, message) && id == desktop->notice_id)
		desktop->is_open = false; /* its click may be on the way */
	return 0;
}

static bool watch(struct desktop *desktop, const char *signal_name, sd_bus_message_handler_t fn)
{
	return sd_bus_match_signal_async(desktop->session, NULL, NOTIFICATIONS, NOTIFICATIONS_PATH,
					 NOTIFICATIONS, signal_name, fn, NULL, desktop) >= 0;
}

sd_bus *desktop_session_bus(struct desktop *desktop)
{
	bool was_connected = desktop->session && sd_bus_is_open(desktop->session) > 0;
	sd_bus *bus = connect_to(desktop, &desktop->session, sd_bus_open_user);

	if (!bus || was_connected)
		return bus;
	desktop->notice_id = 0;
	desktop->is_open = false;
	desktop_questions_lost(desktop);
	if (!watch(desktop, "ActionInvoked", on_action) || !watch(desktop, "NotificationClosed", on_closed))
		log_info("clicks on notifications cannot be watched here");
	return bus;
}

/* ---- is someone there? ---- */

/* Where nobody knows whether the screen is locked it counts as open. */
static int on_locked_hint(sd_bus_message *reply, void *userdata, sd_bus_error *bus_err)
{
	int is_locked = 0;

	(void)bus_err;
	if (sd_bus_message_is_method_error(reply, NULL) ||
	    sd_bus_message_read(reply, "v", "b", &is_locked) < 0)
		is_locked = 0;
	answer(userdata, !is_locked);
	return 0;
}

static int on_no_logind(sd_event_source *source, void *userdata)
{
	(void)source;
	answer(userdata, true);
	return 0;
}

bool desktop_find_person(struct desktop *desktop, desktop_fn fn, void *userdata)
{
	struct asking *asking;
	sd_bus *system;

	if (!desktop_session_bus(desktop))
		return false;
	asking = asking_new(desktop, fn, userdata);
	system = connect_to(desktop, &desktop->system, sd_bus_open_system);
	if (!system || sd_bus_call_method_async(system, NULL, LOGIND, OUR_SESSION,
						"org.freedesktop.DBus.Properties", "Get", on_locked_hint,
						asking, "ss", LOGIND ".Session", "LockedHint") < 0)
		timer_defer(desktop->event, &asking->deferred, on_no_logind, asking);
	return true;
}

static int on_capabilities(sd_bus_message *reply, void *userdata, sd_bus_error *bus_err)
{
	const char *name;
	bool has_buttons = false;

	(void)bus_err;
	if (!sd_bus_message_is_method_error(reply, NULL) &&
	    sd_bus_message_enter_container(reply, 'a', "s") >= 0)
		while (sd_bus_message_read(reply, "s", &name) > 0)
			has_buttons = has_buttons || strcmp(name, "actions") == 0;
	answer(userdata, has_buttons);
	return 0;
}

void desktop_find_buttons(struct desktop *desktop, desktop_fn fn, void *userdata)
{
	struct asking *asking = asking_new(desktop, fn, userdata);
	sd_bus *bus = desktop_session_bus(desktop);

	if (!bus || sd_bus_call_method_async(bus, NULL, NOTIFICATIONS, NOTIFICATIONS_PATH, NOTIFICATIONS,
					     "GetCapabilities", on_capabilities, asking, NULL) < 0)
		answer_later(asking);
}

/* ---- a notification ---- */

static void note_shown(struct desktop *desktop, uint32_t id, const char *shower)
{
	xstrdup_to(&desktop->shower, shower);
	desktop->notice_id = id;
	desktop->is_open = true;
}

static int on_shown(sd_bus_message *reply, void *userdata, sd_bus_error *bus_err)
{
	struct asking *asking = userdata;
	uint32_t id = 0;

	(void)bus_err;
	if (!sd_bus_message_is_method_error(reply, NULL) && sd_bus_message_read(reply, "u", &id) >= 0)
		note_shown(asking->desktop, id, sd_bus_message_get_sender(reply));
	else
		log_info("there is nothing here that shows notifications");
	answer(asking, id != 0);
	return 0;
}

int desktop_notify(sd_bus *bus, const struct desktop_notify *notify, sd_bus_message_handler_t fn,
		   void *userdata)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *message = NULL;
	int timeout = notify->is_urgent ? UNTIL_SOMEONE_ACTS : AS_LONG_AS_THE_DESKTOP_LIKES;
	int r = sd_bus_message_new_method_call(bus, &message, NOTIFICATIONS, NOTIFICATIONS_PATH,
					       NOTIFICATIONS, "Notify");

	if (r >= 0)
		r = sd_bus_message_append(message, "susss", "iamic", notify->replaces, "dialog-password",
					  notify->summary, notify->body);
	if (r >= 0)
		r = sd_bus_message_append_strv(message, notify->actions);
	if (r >= 0 && notify->is_urgent)
		r = sd_bus_message_append(message, "a{sv}i", 1, "urgency", "y", URGENT, timeout);
	else if (r >= 0)
		r = sd_bus_message_append(message, "a{sv}i", 0, timeout);
	return r < 0 ? r : sd_bus_call_async(bus, NULL, message, fn, userdata, 0);
}

static int send_notice(struct desktop *desktop, sd_bus *bus, const struct desktop_notice *notice,
		       struct asking *asking)
{
	_cleanup_free_ char *button = xstrdup_or_null(notice->button);
	char *actions[] = {(char[]){BUTTON_KEY}, button, NULL};
	const struct desktop_notify notify = {.replaces = desktop->notice_id,
					      .summary = notice->summary,
					      .body = notice->body,
					      .actions = button ? actions : NULL};

	return desktop_notify(bus, &notify, on_shown, asking);
}

void desktop_show(struct desktop *desktop, const struct desktop_notice *notice)
{
	struct asking *asking = asking_new(desktop, notice->shown, notice->userdata);
	sd_bus *bus = desktop_session_bus(desktop);

	desktop->clicked = notice->clicked;
	desktop->notice_userdata = notice->userdata;
	if (!bus || send_notice(desktop, bus, notice, asking) < 0)
		answer_later(asking);
}

void desktop_close(struct desktop *desktop, uint32_t id)
{
	if (sd_bus_is_open(desktop->session) > 0)
		sd_bus_call_method_async(desktop->session, NULL, NOTIFICATIONS, NOTIFICATIONS_PATH,
					 NOTIFICATIONS, "CloseNotification", NULL, NULL, "u", id);
}

void desktop_withdraw(struct desktop *desktop, const void *userdata)
{
	if (!desktop->is_open || desktop->notice_userdata != userdata)
		return;
	desktop->is_open = false;
	desktop_close(desktop, desktop->notice_id);
}

bool desktop_awaits_click(const struct desktop *desktop)
{
	return desktop->is_open && desktop->clicked && sd_bus_is_open(desktop->session) > 0;
}

/* ---- an address ---- */

static int on_opened(sd_bus_message *reply, void *userdata, sd_bus_error *bus_err)
{
	(void)bus_err;
	answer(userdata, !sd_bus_message_is_method_error(reply, NULL));
	return 0;
}

void desktop_open(struct desktop *desktop, const char *url, desktop_fn opened, void *userdata)
{
	struct asking *asking = asking_new(desktop, opened, userdata);
	sd_bus *bus = desktop_session_bus(desktop);

	if (!bus || sd_bus_call_method_async(bus, NULL, PORTAL, PORTAL_PATH, "org.freedesktop.portal.OpenURI",
					     "OpenURI", on_opened, asking, "ssa{sv}", "", url, 0) < 0)
		answer_later(asking);
}

/* ---- the whole ---- */

struct desktop *desktop_new(sd_event *event)
{
	struct desktop *desktop = xcalloc(1, sizeof(*desktop));

	desktop->event = event;
	list_init(&desktop->questions);
	return desktop;
}
