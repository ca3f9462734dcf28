#pragma once
/*
 * One-shot moments on the event loop. A slot holds at most one; arming replaces, and a slot that fired is
 * armed again like a fresh one. Times are CLOCK_BOOTTIME, so that suspended hours count.
 */
#include <stdbool.h>
#include <stdint.h>

#include <systemd/sd-event.h>

#include "base/error.h"

/* Before all else: the loop's timers share a descriptor, which could not be had later when there are none
 * left. */
bool timers_open(sd_event *event, struct error *err) MUST_CHECK;

void timer_arm(sd_event *event, sd_event_source **slot, uint64_t at_usec, sd_event_time_handler_t fn,
	       void *userdata);
/* From the loop's next turn: how an operation that is decided already reports, for it must not do so from
 * x_new(). */
void timer_defer(sd_event *event, sd_event_source **slot, sd_event_handler_t fn, void *userdata);
void timer_disarm(sd_event_source **slot);
