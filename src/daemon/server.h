#pragma once
/*
 * The socket: who may connect, one connection's life, framing, limits and deadlines. It knows no method: a
 * listener brings its table, and with it what may be asked there.
 *
 * A connection carries one call at a time; what a client sends ahead waits in its buffer. A call belongs to
 * its connection and lives until call_reply(), call_fail() or the end of the connection, whichever comes
 * first; then, exactly once, the release function that the method has left with call_hold() is called, which
 * cancels whatever the method has begun.
 */
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <jansson.h>
#include <systemd/sd-event.h>

#include "base/buffer.h"
#include "base/error.h"

struct server;
struct accepting;
struct call;

enum method_kind {
	METHOD_WORKS,
	METHOD_LOOKS,           /* at how things are: nobody works with iamic by that */
	METHOD_IS_SEEN_THROUGH, /* server_end_calls() leaves it alone */
	METHOD_STANDS,          /* for as long as its client likes: likewise, and nobody works by that */
};

struct method {
	const char *name; /* qualified: "io.iamic.Agent.Status" */
	void (*handle)(struct call *call, const json_t *parameters);
	enum method_kind kind;
};

/* One socket and what it offers: the main one, and one for each lending. */
struct listener {
	const char *name; /* for logs */
	int fd;           /* the server's to close */
	uid_t uid;        /* whose processes may connect, and no others */
	const struct method *methods;
	size_t n_methods;
	void (*refuse)(struct call *call, const char *method); /* any other method; NULL: it is unknown */
	void *userdata;                                        /* what its methods work with */
	const char *share; /* the name of the lending; NULL: the main one */
	bool outlives_us;  /* who waits in its queue is served by whoever gets it after us */
};

struct server *server_new(sd_event *event);
struct accepting *server_listen(struct server *server, const struct listener *listener);
/* Ends its connections, too: not to be called on behalf of one of them. */
struct accepting *server_stop_listening(struct accepting *accepting);
/*
 * Who has connected and asked by now is answered, and nobody later; fn is called when the last reply is out.
 */
void server_drain(struct server *server, void (*fn)(void *userdata), void *userdata);
/*
 * Open calls fail with that, but for those of methods that are seen through; a reply that holds a secret and
 * was not taken in full ends with its connection.
 */
void server_end_calls(struct server *server, const struct error *why);
/* When the last call ended, on the boot clock; UINT64_MAX while one is open. */
uint64_t server_idle_since(const struct server *server);
/* When someone last worked with iamic (enum method_kind), on that clock: now while such a call is open. */
uint64_t server_used_at(const struct server *server);

/* ---- for methods ---- */

void *call_userdata(const struct call *call); /* the listener's */
const char *call_listener(const struct call *call);
const char *call_share(const struct call *call);
pid_t call_pid(const struct call *call);
bool call_wants_more(const struct call *call);

/* What the method has under way. */
void call_hold(struct call *call, void (*release)(void *held), void *held);
void *call_held(const struct call *call);
/* fn is called at that moment of the boot clock unless the call has ended by then; it must end the call. */
void call_set_deadline(struct call *call, uint64_t at_usec, void (*fn)(struct call *call));

/* Takes the reference. Over IAMIC_REPLY_MAX it becomes Unavailable. The call is gone when it returns. */
void call_reply(struct call *call, json_t *parameters_taken);
/* One of several, to a call that wants more; the call goes on. */
void call_continue(struct call *call, json_t *parameters_taken);
/* Has the client taken so much of the replies so far that another one may be made? */
bool call_has_room(const struct call *call);
/* fn is called once it has, unless the call has ended by then. */
void call_await_room(struct call *call, void (*fn)(struct call *call));
/* Bytes of a whole message's parameters, an object, sent through secret memory. The call is gone when it
 * returns. */
void call_reply_secret(struct call *call, const char *parameters, size_t len);
/* err's kind as an error of the interface, with its message, and extra members; the call is gone when it
 * returns. */
void call_fail(struct call *call, const struct error *err, json_t *extra_taken);
/* An error by name, as varlink's own are. */
void call_fail_named(struct call *call, const char *name, json_t *parameters_taken);
