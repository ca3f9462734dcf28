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
};

void aws_clock_observe(struct aws_clock *clock, int64_t date_s);
int64_t aws_clock_now(const struct aws_clock *clock);
/* The boot time at which AWS's clock will show s; now, if it is past. */
uint64_t aws_clock_boot_usec_of(const struct aws_clock *clock, int64_t s);
