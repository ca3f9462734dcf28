#pragma once
/* Connections of the socket, as server.c sees them; calls, as methods see them, are in server.h. */
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <systemd/sd-event.h>

#include "base/list.h"
#include "daemon/server.h"

struct connections {
	sd_event *event;
	struct list all; /* struct connection, by .link; the one longest without a request first */
	unsigned count, n_calls;
	uint64_t idle_since_usec;
	bool is_draining;
	void (*ended)(void *userdata); /* a call or a connection has */
	void *userdata;
};

void connections_init(struct connections *connections, sd_event *event, void (*ended)(void *userdata),
		      void *userdata);
void connections_done(struct connections *connections);
unsigned connections_count(const struct connections *connections);
unsigned connections_n_calls(const struct connections *connections);
uint64_t connections_idle_since(const struct connections *connections);
/* Of those without an open call; if all have one, nothing is closed. */
void connections_close_idlest(struct connections *connections);
/* Idle ones are closed now, the others when their call has ended. */
void connections_drain(struct connections *connections);

/* Takes the descriptor; listener is the server's. */
void connection_new(struct connections *connections, const struct listener *listener, int fd, pid_t pid);
/* Tells a peer of another uid why, as far as its socket takes it at once, and closes. */
void connection_turn_away(int fd, uid_t uid);
