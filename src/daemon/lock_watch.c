#include "daemon/lock_watch.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/xalloc.h"
#include "daemon/lock_bus.h"
#include "daemon/lock_state.h"
#include "daemon/locking.h"
#include "daemon/methods.h"
#include "daemon/timer.h"

struct lock_watch {
	struct agent *agent; /* main's */
	struct lock_bus *bus;
	struct locking_wait *going_to_sleep; /* the machine waits until nothing secret is left */
	uint64_t idle_usec;                  /* 0: never */
	sd_event_source *idle;
};

/* ---- what the machine says ---- */

static void on_nothing_left(void *userdata)
{
	struct lock_watch *watch = userdata;

	watch->going_to_sleep = locking_wait_free(watch->going_to_sleep);
	lock_bus_let_sleep(watch->bus);
}

static void on_going_to_sleep(void *userdata)
{
	struct lock_watch *watch = userdata;

	locking_lock(watch->agent->locking, "the machine went to sleep");
	locking_wait_free(watch->going_to_sleep);
	watch->going_to_sleep = locking_wait(watch->agent->locking, on_nothing_left, watch);
}

static void on_screen_locked(void *userdata)
{
	struct lock_watch *watch = userdata;

	locking_lock(watch->agent->locking, "the screen was locked");
}

/* ---- nobody asks ---- */

static char *why_idle(uint64_t idle_usec)
{
	unsigned long long s = idle_usec / USEC_PER_SEC;

	if (s % 3600 == 0)
		return xasprintf("nothing was asked of it for %llu h", s / 3600);
	if (s % 60 == 0)
		return xasprintf("nothing was asked of it for %llu min", s / 60);
	return xasprintf("nothing was asked of it for %llu s", s);
}

/* Whoever looks at how things are does not use iamic by that; a program with an endpoint of its own does. */
static uint64_t used_at(const struct lock_watch *watch)
{
	const struct agent *agent = watch->agent;
	uint64_t socket = server_used_at(agent->server), endpoint = containers_used_at(agent->containers);

	if (lock_state_is_locked(agent->deps.lock))
		return clock_boot_usec();
	return socket > endpoint ? socket : endpoint;
}

static int on_idle_check(sd_event_source *source, uint64_t usec, void *userdata);

static void arm(struct lock_watch *watch)
{
	timer_disarm(&watch->idle);
	if (watch->idle_usec > 0)
		timer_arm(watch->agent->event, &watch->idle, used_at(watch) + watch->idle_usec, on_idle_check,
			  watch);
}

static int on_idle_check(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct lock_watch *watch = userdata;
	_cleanup_free_ char *why = why_idle(watch->idle_usec);
	uint64_t used = used_at(watch);

	(void)source;
	(void)usec;
	if (clock_boot_usec() - used >= watch->idle_usec)
		locking_lock(watch->agent->locking, why);
	arm(watch);
	return 0;
}

/* ---- the whole ---- */

void lock_watch_configure(struct lock_watch *watch)
{
	const struct settings *settings;
	const struct config *config;
	struct error ignored;

	if (!configuration_get(watch->agent->configuration, &config, &settings, &ignored))
		return;
	watch->idle_usec = (uint64_t)settings->lock_on.idle_s * USEC_PER_SEC;
	lock_bus_listen(watch->bus, settings->lock_on.suspend, settings->lock_on.screen);
	arm(watch);
}

const char *lock_watch_warning(const struct lock_watch *watch)
{
	if (lock_bus_is_deaf_to_suspend(watch->bus))
		return "lock_on = suspend has no effect: there is no logind here that would say so";
	if (lock_bus_may_be_late(watch->bus))
		return "lock_on = suspend may take effect only after the sleep: logind does not let iamic "
		       "hold "
		       "it up";
	if (lock_bus_is_deaf_to_screen(watch->bus))
		return "lock_on = screen has no effect: there is neither logind nor a desktop that would say "
		       "so";
	return NULL;
}

struct lock_watch *lock_watch_new(struct agent *agent)
{
	struct lock_watch *watch = xcalloc(1, sizeof(*watch));

	watch->agent = agent;
	watch->bus = lock_bus_new(agent->event, &(struct lock_bus_watcher){
							.going_to_sleep = on_going_to_sleep,
							.screen_locked = on_screen_locked,
							.userdata = watch,
						});
	lock_watch_configure(watch);
	return watch;
}
