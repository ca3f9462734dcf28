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
	unsigned n_lent; /* of count: on sockets that are lent */
	uint64_t idle_since_usec;
	unsigned n_working; /* of the calls: those that do not only look */
	uint64_t used_usec; /* when the last of them ended */
	bool is_draining;
	void (*drained)(void *userdata); /* the last connection has ended; NULL: nobody wants to know */
	void *drained_userdata;
};

void connections_init(struct connections *connections, sd_event *event);
unsigned connections_count(const struct connections *connections);
uint64_t connections_idle_since(const struct connections *connections);
/* server_used_at() */
uint64_t connections_used_at(const struct connections *connections);
/* Is there one without an open call? */
bool connections_has_idle(const struct connections *connections);
/* Of those, the one that is longest without a request. */
void connections_close_idlest(struct connections *connections);
/* So that there can be one more of the lent ones; false: all that there may be have an open call. */
bool connections_make_lent_room(struct connections *connections, unsigned max);
/* Ends those of that listener. */
void connections_end_of(struct connections *connections, const struct listener *listener);
/* Those that have asked by now are closed when their reply is out, the others at once; fn is called after the
 * last. */
void connections_drain(struct connections *connections, void (*fn)(void *userdata), void *userdata);

/* server_end_calls() */
void connections_end_calls(struct connections *connections, const struct error *why);

/* Takes the descriptor; listener is the server's. */
void connection_new(struct connections *connections, const struct listener *listener, int fd, pid_t pid);
/* Tells a peer of another uid why, as far as its socket takes it at once, and closes. */
void connection_turn_away(const struct listener *listener, int fd, uid_t uid);
