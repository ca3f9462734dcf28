#pragma once
/*
 * What the machine says of itself: logind, on the system bus, that it is about to sleep; logind and the
 * desktop, on the session bus, that the screen is locked. Sleep is held up for as long as the watcher needs,
 * within what logind allows (5 s, unless it is told otherwise).
 *
 * Nothing here waits: a bus that is away is looked for again, now and then.
 */
#include <stdbool.h>

#include <systemd/sd-event.h>

struct lock_bus;

/* From the loop. */
struct lock_bus_watcher {
	void (*going_to_sleep)(void *userdata); /* lock_bus_let_sleep() is the answer */
	void (*screen_locked)(void *userdata);
	void *userdata;
};

struct lock_bus *lock_bus_new(sd_event *event, const struct lock_bus_watcher *watcher);
/* What is to be listened for; with neither there is no connection. */
void lock_bus_listen(struct lock_bus *bus, bool suspend, bool screen);
void lock_bus_let_sleep(struct lock_bus *bus);
/* Is it known that nobody would say so? */
bool lock_bus_is_deaf_to_suspend(const struct lock_bus *bus);
/* Has logind refused to hold up sleep? */
bool lock_bus_may_be_late(const struct lock_bus *bus);
bool lock_bus_is_deaf_to_screen(const struct lock_bus *bus);
