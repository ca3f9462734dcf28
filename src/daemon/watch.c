/*
 * The kernel tells both: addresses and routes over a netlink socket, and a jump of the wall clock, which a
 * resume is as well, by cancelling a timer that was armed to be cancelled by it (timerfd_create(2),
 * TFD_TIMER_CANCEL_ON_SET).
 */
#include "daemon/watch.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "daemon/timer.h"

#define SETTLE_USEC (1 * USEC_PER_SEC) /* a network comes up in many small steps */

struct watch {
	sd_event *event;
	int netlink, clock; /* -1: not to be had */
	sd_event_source *netlink_source, *clock_source, *settling;
	void (*moved)(const char *what, void *userdata);
	void *userdata;
};

/* ---- the network ---- */

static int on_settled(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct watch *watch = userdata;

	(void)source;
	(void)usec;
	timer_disarm(&watch->settling);
	watch->moved("the network has changed", watch->userdata);
	return 0;
}

/* What exactly changed is of no interest; a full buffer is a change too. */
static int on_netlink(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct watch *watch = userdata;
	char message[8192];

	(void)source;
	(void)revents;
	while (recv(fd, message, sizeof(message), MSG_DONTWAIT) > 0 || errno == ENOBUFS)
		errno = 0;
	if (!watch->settling)
		timer_arm(watch->event, &watch->settling, clock_boot_usec() + SETTLE_USEC, on_settled, watch);
	return 0;
}

static void watch_network(struct watch *watch)
{
	struct sockaddr_nl address = {
		.nl_family = AF_NETLINK,
		.nl_groups = RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE,
	};

	watch->netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
	if (watch->netlink < 0 || bind(watch->netlink, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    sd_event_add_io(watch->event, &watch->netlink_source, watch->netlink, EPOLLIN, on_netlink,
			    watch) < 0)
		log_info("changes of the network cannot be watched here");
}

/* ---- the clock ---- */

static void arm_clock(struct watch *watch)
{
	const struct itimerspec never = {.it_value.tv_sec = INT64_C(8000000000)};

	timerfd_settime(watch->clock, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL);
}

static int on_clock(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct watch *watch = userdata;
	uint64_t expirations;
	ssize_t n = read(fd, &expirations, sizeof(expirations));

	(void)source;
	(void)revents;
	if (n < 0 && errno != ECANCELED)
		return 0;
	arm_clock(watch);
	watch->moved("the machine has slept, or its clock was set", watch->userdata);
	return 0;
}

static void watch_clock(struct watch *watch)
{
	watch->clock = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	if (watch->clock < 0 ||
	    sd_event_add_io(watch->event, &watch->clock_source, watch->clock, EPOLLIN, on_clock, watch) < 0)
		log_info("jumps of the clock cannot be watched here");
	else
		arm_clock(watch);
}

/* ---- the whole ---- */

struct watch *watch_new(sd_event *event, void (*moved)(const char *what, void *userdata), void *userdata)
{
	struct watch *watch = xcalloc(1, sizeof(*watch));

	*watch = (struct watch){
		.event = sd_event_ref(event),
		.netlink = -1,
		.clock = -1,
		.moved = moved,
		.userdata = userdata,
	};
	watch_network(watch);
	watch_clock(watch);
	return watch;
}
