#pragma once
/* What connection.c and call.c share: the bytes of a connection, and the call that it carries. */
#include "base/secret.h"
#include "daemon/connection.h"

struct connection {
	struct list link; /* in connections.all */
	struct connections *connections;
	const struct listener *listener; /* the server's */
	int fd;
	pid_t pid;
	sd_event_source *io, *deadline, *next;
	struct buffer in;
	struct buffer out, secret_out; /* at most one of them has bytes */
	struct call *call;             /* CALLING, or NULL */
	bool is_last; /* once the reply is out it is closed: what came in cannot be trusted, or we are leaving
		       */
};

struct call {
	struct connection *connection;
	const struct method *method; /* the listener's; NULL before it is found */
	bool wants_more, is_oneway;
	void (*release)(void *held);
	void *held;
	sd_event_source *deadline;
	void (*on_deadline)(struct call *call);
	void (*on_room)(struct call *call); /* or NULL */
};

/* call.c: answers one whole request, now or later. */
void call_begin(struct connection *connection, const char *message, size_t len);
/* Some of what the connection had to send is gone. May end the call, and the connection. */
void call_look_for_room(struct call *call);
/* Releases what the method holds; nothing is sent. */
void call_abandon(struct call *call);

/* connection.c: ends its call, and closes it. */
void connection_end(struct connection *connection);
/* For one that has no call: what has come by now may be a whole request, and is the last. */
void connection_look_once_more(struct connection *connection);
/* Sends what out and secret_out hold, as far as the socket takes it. May end the connection. */
void connection_flush(struct connection *connection);
/* The call is over: once all is sent the next request has its turn, from the loop. May end the connection. */
void connection_call_ended(struct connection *connection);
