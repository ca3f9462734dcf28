#pragma once
/*
 * One-shot moments on the event loop. A slot holds at most one; arming replaces, and a slot that fired is
 * armed again like a fresh one. Times are CLOCK_BOOTTIME, so that suspended hours count.
 */
#include <stdint.h>

#include <systemd/sd-event.h>

void timer_arm(sd_event *event, sd_event_source **slot, uint64_t at_usec, sd_event_time_handler_t fn,
	       void *userdata);
/* From the loop's next turn: how an operation that is decided already reports, for it must not do so from
 * x_new(). */
void timer_defer(sd_event *event, sd_event_source **slot, sd_event_handler_t fn, void *userdata);
void timer_disarm(sd_event_source **slot);
