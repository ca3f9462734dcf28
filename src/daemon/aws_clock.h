#pragma once
/*
 * AWS's time, by which expiry is judged: the last Date header plus the boot time elapsed since; the machine's
 * own clock before the first reply. A laptop with a wrong clock thus neither refreshes for ever nor hands out
 * dead credentials.
 */
#include <stdint.h>

struct aws_clock {
	int64_t date_s;         /* 0: none seen yet */
	uint64_t observed_usec; /* boot time at that moment */
	/* A Date was not the one that was expected: timers that were armed before are wrong. May be NULL. */
	void (*moved)(void *userdata);
	void *userdata;
};

void aws_clock_observe(struct aws_clock *clock, int64_t date_s);
int64_t aws_clock_now(const struct aws_clock *clock);
/* By how much AWS's clock is ahead of this machine's, in whole minutes; 0 before the first reply. */
int64_t aws_clock_ahead_s(const struct aws_clock *clock);
/* The boot time at which AWS's clock will show s; now, if it is past. */
uint64_t aws_clock_boot_usec_of(const struct aws_clock *clock, int64_t s);
