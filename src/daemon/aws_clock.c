#include "daemon/aws_clock.h"

#include <stdlib.h>

#include "base/clock.h"

#define MOVED_S 60 /* a Date is in whole seconds, and replies take time */

void aws_clock_observe(struct aws_clock *clock, int64_t date_s)
{
	int64_t expected = aws_clock_now(clock);

	clock->date_s = date_s;
	clock->observed_usec = clock_boot_usec();
	if (llabs(date_s - expected) >= MOVED_S && clock->moved)
		clock->moved(clock->userdata);
}

int64_t aws_clock_now(const struct aws_clock *clock)
{
	if (clock->date_s == 0)
		return clock_wall_s();
	return clock->date_s + (int64_t)((clock_boot_usec() - clock->observed_usec) / USEC_PER_SEC);
}

int64_t aws_clock_ahead_s(const struct aws_clock *clock)
{
	int64_t ahead = aws_clock_now(clock) - clock_wall_s();

	return (ahead + (ahead < 0 ? -30 : 30)) / 60 * 60;
}

uint64_t aws_clock_boot_usec_of(const struct aws_clock *clock, int64_t s)
{
	int64_t left = s - aws_clock_now(clock);

	return clock_boot_usec() + (left > 0 ? (uint64_t)left * USEC_PER_SEC : 0);
}
