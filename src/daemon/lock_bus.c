/*
 *   listen ──► connected ──► matches, an inhibitor ──(PrepareForSleep)──► watcher ──► the inhibitor is let go
 *     ▲            └──(lost)──► a pause ──┐                  awake again ──► another inhibitor
 *     └───────────────────────────────────┘
 */
#include "daemon/lock_bus.h"

#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <systemd/sd-bus.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "daemon/timer.h"

#define LOGIND           "org.freedesktop.login1"
#define LOGIND_PATH      "/org/freedesktop/login1"
#define MANAGER          LOGIND ".Manager"
#define SESSION          LOGIND ".Session"
#define OUR_SESSION      LOGIND_PATH "/session/auto"
#define PROPERTIES       "org.freedesktop.DBus.Properties"
#define LOCAL            "org.freedesktop.DBus.Local"
#define SCREEN_SAVER     ".ScreenSaver" /* of freedesktop, GNOME, Cinnamon, MATE, Xfce */
#define PAUSE_FIRST_USEC (5 * USEC_PER_SEC)
#define PAUSE_MAX_USEC   (300 * USEC_PER_SEC)
#define OF_ALL_SESSIONS  "type='signal',sender='" LOGIND "',path_namespace='" LOGIND_PATH "/session',"
#define OF_SCREEN_SAVERS "type='signal',member='ActiveChanged'"

enum presence { NOT_KNOWN, THERE, MISSING };

struct lock_bus {
	sd_event *event;
	struct lock_bus_watcher watcher;
	bool suspend, screen;     /* are listened for */
	sd_bus *system, *session; /* NULL: not connected */
	enum presence logind, desktop;
	int inhibitor;   /* -1: none */
	bool is_refused; /* one */
	sd_event_source *again;
	uint64_t pause_usec; /* before it */
};

static void connect_both(struct lock_bus *bus);

/* ---- lost, and found again ---- */

static void disconnect(sd_bus **bus)
{
	if (*bus)
		sd_bus_detach_event(*bus);
	*bus = sd_bus_close_unref(*bus);
}

static int on_time_to_look(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct lock_bus *bus = userdata;

	(void)source;
	(void)usec;
	timer_disarm(&bus->again);
	connect_both(bus);
	return 0;
}

/* The pauses double: where there has never been a bus there will hardly be one. */
static void look_again_later(struct lock_bus *bus)
{
	if (bus->again)
		return;
	timer_arm(bus->event, &bus->again, clock_boot_usec() + bus->pause_usec, on_time_to_look, bus);
	bus->pause_usec = bus->pause_usec < PAUSE_MAX_USEC / 2 ? 2 * bus->pause_usec : PAUSE_MAX_USEC;
}

static int on_disconnected(sd_bus_message *message, void *userdata, sd_bus_error *bus_err)
{
	struct lock_bus *bus = userdata;

	(void)bus_err;
	if (sd_bus_message_get_bus(message) == bus->system)
		bus->logind = MISSING;
	else
		bus->desktop = MISSING;
	look_again_later(bus);
	return 0;
}

/*
 * The bus hands on what is said to all only if it comes from whom we listen to. What is said to us alone gets
 * here whoever says it, and on the system bus that is every user of the machine; logind speaks to all.
 */
static bool is_for_all(sd_bus_message *message)
{
	return !sd_bus_message_get_destination(message);
}

/* ---- sleep ---- */

void lock_bus_let_sleep(struct lock_bus *bus)
{
	closep(&bus->inhibitor);
	bus->inhibitor = -1;
}

static int on_inhibited(sd_bus_message *reply, void *userdata, sd_bus_error *bus_err)
{
	struct lock_bus *bus = userdata;
	int fd;

	(void)bus_err;
	bus->is_refused =
		sd_bus_message_is_method_error(reply, NULL) || sd_bus_message_read(reply, "h", &fd) < 0;
	if (bus->is_refused)
		return 0;
	lock_bus_let_sleep(bus);
	bus->inhibitor = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	return 0;
}

static void hold_up_sleep(struct lock_bus *bus)
{
	sd_bus_call_method_async(bus->system, NULL, LOGIND, LOGIND_PATH, MANAGER, "Inhibit", on_inhibited,
				 bus, "ssss", "sleep", "iamic", "forgets tokens and credentials", "delay");
}

static int on_sleep(sd_bus_message *message, void *userdata, sd_bus_error *bus_err)
{
	struct lock_bus *bus = userdata;
	int is_going;

	(void)bus_err;
	if (!is_for_all(message) || sd_bus_message_read(message, "b", &is_going) < 0)
		return 0;
	if (is_going)
		bus->watcher.going_to_sleep(bus->watcher.userdata);
	else if (bus->inhibitor < 0)
		hold_up_sleep(bus);
	return 0;
}

/* ---- the screen ---- */

/* Of the session that was locked. */
static int on_owner(sd_bus_message *reply, void *userdata, sd_bus_error *bus_err)
{
	struct lock_bus *bus = userdata;
	uint32_t uid;

	(void)bus_err;
	if (!sd_bus_message_is_method_error(reply, NULL) &&
	    sd_bus_message_read(reply, "v", "(uo)", &uid, NULL) >= 0 && uid == getuid())
		bus->watcher.screen_locked(bus->watcher.userdata);
	return 0;
}

/* Everybody's sessions are on one bus. */
static void ask_whose(struct lock_bus *bus, const char *session)
{
	sd_bus_call_method_async(bus->system, NULL, LOGIND, session, PROPERTIES, "Get", on_owner, bus, "ss",
				 SESSION, "User");
}

static int on_lock(sd_bus_message *message, void *userdata, sd_bus_error *bus_err)
{
	(void)bus_err;
	if (is_for_all(message))
		ask_whose(userdata, sd_bus_message_get_path(message));
	return 0;
}

/* Its LockedHint among the properties that have changed. */
static bool has_locked_hint(sd_bus_message *message)
{
	const char *name;
	int is_locked = 0;

	if (sd_bus_message_skip(message, "s") < 0 || sd_bus_message_enter_container(message, 'a', "{sv}") < 0)
		return false;
	while (sd_bus_message_enter_container(message, 'e', "sv") > 0) {
		if (sd_bus_message_read(message, "s", &name) < 0)
			return false;
		if (strcmp(name, "LockedHint") == 0)
			return sd_bus_message_read(message, "v", "b", &is_locked) >= 0 && is_locked;
		if (sd_bus_message_skip(message, "v") < 0 || sd_bus_message_exit_container(message) < 0)
			return false;
	}
	return false;
}

static int on_properties(sd_bus_message *message, void *userdata, sd_bus_error *bus_err)
{
	(void)bus_err;
	if (is_for_all(message) && has_locked_hint(message))
		ask_whose(userdata, sd_bus_message_get_path(message));
	return 0;
}

static int on_hint(sd_bus_message *reply, void *userdata, sd_bus_error *bus_err)
{
	struct lock_bus *bus = userdata;
	int is_locked;

	(void)bus_err;
	if (!sd_bus_message_is_method_error(reply, NULL) &&
	    sd_bus_message_read(reply, "v", "b", &is_locked) >= 0 && is_locked)
		bus->watcher.screen_locked(bus->watcher.userdata);
	return 0;
}

static int on_screen_saver(sd_bus_message *message, void *userdata, sd_bus_error *bus_err)
{
	struct lock_bus *bus = userdata;
	const char *interface = sd_bus_message_get_interface(message);
	const char *end = interface ? strrchr(interface, '.') : NULL;
	int is_active;

	(void)bus_err;
	if (end && strcmp(end, SCREEN_SAVER) == 0 && sd_bus_message_read(message, "b", &is_active) >= 0 &&
	    is_active)
		bus->watcher.screen_locked(bus->watcher.userdata);
	return 0;
}

/* ---- the buses ---- */

static bool connect_to(struct lock_bus *bus, sd_bus **slot, int (*open_bus)(sd_bus **ret))
{
	disconnect(slot);
	return open_bus(slot) >= 0 && sd_bus_attach_event(*slot, bus->event, SD_EVENT_PRIORITY_NORMAL) >= 0 &&
	       sd_bus_match_signal_async(*slot, NULL, LOCAL, NULL, LOCAL, "Disconnected", on_disconnected,
					 NULL, bus) >= 0;
}

static int on_logind(sd_bus_message *reply, void *userdata, sd_bus_error *bus_err)
{
	struct lock_bus *bus = userdata;

	(void)bus_err;
	bus->logind = sd_bus_message_is_method_error(reply, NULL) ? MISSING : THERE;
	bus->pause_usec = PAUSE_FIRST_USEC;
	return 0;
}

static bool listen_to_logind(struct lock_bus *bus)
{
	if (!connect_to(bus, &bus->system, sd_bus_open_system) ||
	    sd_bus_call_method_async(bus->system, NULL, LOGIND, LOGIND_PATH, PROPERTIES, "Get", on_logind,
				     bus, "ss", MANAGER, "PreparingForSleep") < 0)
		return false;
	if (bus->suspend) {
		sd_bus_match_signal_async(bus->system, NULL, LOGIND, LOGIND_PATH, MANAGER, "PrepareForSleep",
					  on_sleep, NULL, bus);
		hold_up_sleep(bus);
	}
	if (bus->screen) {
		sd_bus_add_match_async(bus->system, NULL,
				       OF_ALL_SESSIONS "interface='" SESSION "',member='Lock'", on_lock, NULL,
				       bus);
		sd_bus_add_match_async(bus->system, NULL,
				       OF_ALL_SESSIONS "interface='" PROPERTIES
						       "',member='PropertiesChanged',arg0='" SESSION "'",
				       on_properties, NULL, bus);
		sd_bus_call_method_async(bus->system, NULL, LOGIND, OUR_SESSION, PROPERTIES, "Get", on_hint,
					 bus, "ss", SESSION, "LockedHint");
	}
	return true;
}

static bool listen_to_desktop(struct lock_bus *bus)
{
	return connect_to(bus, &bus->session, sd_bus_open_user) &&
	       sd_bus_add_match_async(bus->session, NULL, OF_SCREEN_SAVERS, on_screen_saver, NULL, bus) >= 0;
}

static void connect_both(struct lock_bus *bus)
{
	if (sd_bus_is_open(bus->system) <= 0) {
		bus->logind = listen_to_logind(bus) ? NOT_KNOWN : MISSING;
		if (bus->logind == MISSING)
			look_again_later(bus);
	}
	if (bus->screen && sd_bus_is_open(bus->session) <= 0) {
		bus->desktop = listen_to_desktop(bus) ? THERE : MISSING;
		if (bus->desktop == MISSING)
			look_again_later(bus);
	}
}

void lock_bus_listen(struct lock_bus *bus, bool suspend, bool screen)
{
	if (bus->suspend == suspend && bus->screen == screen)
		return;
	bus->suspend = suspend;
	bus->screen = screen;
	bus->pause_usec = PAUSE_FIRST_USEC;
	timer_disarm(&bus->again);
	lock_bus_let_sleep(bus);
	disconnect(&bus->system);
	disconnect(&bus->session);
	if (suspend || screen)
		connect_both(bus);
}

bool lock_bus_is_deaf_to_suspend(const struct lock_bus *bus)
{
	return bus->suspend && bus->logind == MISSING;
}

bool lock_bus_may_be_late(const struct lock_bus *bus)
{
	return bus->suspend && bus->logind == THERE && bus->is_refused;
}

bool lock_bus_is_deaf_to_screen(const struct lock_bus *bus)
{
	return bus->screen && bus->logind == MISSING && bus->desktop == MISSING;
}

struct lock_bus *lock_bus_new(sd_event *event, const struct lock_bus_watcher *watcher)
{
	struct lock_bus *bus = xcalloc(1, sizeof(*bus));

	*bus = (struct lock_bus){.event = event, .watcher = *watcher, .inhibitor = -1};
	return bus;
}
