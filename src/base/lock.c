#include "base/lock.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/file.h>
#include <sys/time.h>

static void on_alarm(int number)
{
	(void)number;
}

/* An alarm that repeats, for the first one may come before flock() has begun. Whoever started us may have
 * blocked it. */
static void set_alarm(time_t first_s)
{
	const struct sigaction action = {.sa_handler = on_alarm}; /* no SA_RESTART */
	const struct itimerval timer = {.it_value = {.tv_sec = first_s},
					.it_interval = {.tv_sec = first_s > 0}};

	sigset_t alarm_only;

	sigemptyset(&alarm_only);
	sigaddset(&alarm_only, SIGALRM);
	sigaction(SIGALRM, &action, NULL);
	sigprocmask(SIG_UNBLOCK, &alarm_only, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
}

bool lock_wait(int fd, unsigned patience_s)
{
	int status, why;

	set_alarm((time_t)patience_s);
	status = flock(fd, LOCK_EX);
	why = errno;
	set_alarm(0);
	errno = why;
	return status == 0;
}
