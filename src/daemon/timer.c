#include "daemon/timer.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "base/log.h"

#define ACCURACY_USEC 1000 /* 0 would mean a quarter of a second */

/* The loop refuses a source only when the process is out of memory: timers_open() has opened what takes a
 * descriptor. */
static void must(int r, const char *what)
{
	if (r < 0) {
		log_error("event loop: cannot add %s", what);
		abort();
	}
}

static int on_never(sd_event_source *source, uint64_t usec, void *userdata)
{
	(void)source;
	(void)usec;
	(void)userdata;
	return 0;
}

bool timers_open(sd_event *event, struct error *err)
{
	sd_event_source *source = NULL;
	int r = sd_event_add_time(event, &source, CLOCK_BOOTTIME, UINT64_MAX, ACCURACY_USEC, on_never, NULL);

	sd_event_source_disable_unref(source);
	if (r >= 0)
		return true;
	errno = -r;
	return error_errno(err, "cannot wait for a moment in time");
}

void timer_arm(sd_event *event, sd_event_source **slot, uint64_t at_usec, sd_event_time_handler_t fn,
	       void *userdata)
{
	timer_disarm(slot);
	must(sd_event_add_time(event, slot, CLOCK_BOOTTIME, at_usec, ACCURACY_USEC, fn, userdata), "a timer");
}

void timer_defer(sd_event *event, sd_event_source **slot, sd_event_handler_t fn, void *userdata)
{
	timer_disarm(slot);
	must(sd_event_add_defer(event, slot, fn, userdata), "a deferred call");
}

void timer_disarm(sd_event_source **slot)
{
	*slot = sd_event_source_disable_unref(*slot);
}
