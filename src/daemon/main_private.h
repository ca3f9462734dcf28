#pragma once
/* What the main_*.c share: iamicd as a whole. */
#include <systemd/sd-event.h>

#include "base/error.h"
#include "daemon/aws_clock.h"
#include "daemon/main_socket.h"
#include "daemon/methods.h"

struct iamicd {
	sd_event *event;
	struct aws_clock clock;
	struct http *http;
	struct server *server;
	struct main_socket *socket;
	struct watch *watch;
	struct agent agent;
	sd_event_source *leaving, *idle;
	int lock;
};

/* main_agent.c: event and socket are there. */
void iamicd_make_agent(struct iamicd *iamicd);

/* main_leave.c */
bool iamicd_catch_signals(struct iamicd *iamicd, struct error *err) MUST_CHECK;
/* Once it is known what it depends on, and whenever that has changed. */
void iamicd_arm_idle_exit(struct iamicd *iamicd);
/* No new calls, the open ones end or time out. userdata: iamicd. */
void iamicd_begin_to_leave(void *userdata);
