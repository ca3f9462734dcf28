/*
 *   READING ──(a whole request)──► CALLING ──(reply, error)──► WRITING ──(sent)──► READING
 *
 * One connection, one call at a time. What a client sends ahead stays in the socket beyond the first
 * request's worth; what goes out is sent at once as far as the socket takes it, and the rest when it takes
 * more. The next request begins from the loop's next turn and never inside a reply, so that methods are not
 * entered from their own callbacks.
 */
#include "daemon/connection.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "daemon/connection_private.h"
#include "daemon/timer.h"
#include "iamic/protocol.h"
#include "ipc/error_name.h"
#include "ipc/message.h"

#define READ_CHUNK          4096
#define OUT_MAX             (IAMIC_REPLY_MAX + 4096) /* a reply and its envelope */
#define WRITE_DEADLINE_USEC (30 * USEC_PER_SEC)      /* for a client that takes nothing of its reply */

/* ---- one connection ---- */

static bool flush(struct connection *connection);
static void after_flush(struct connection *connection);

void connection_end(struct connection *connection)
{
	struct connections *connections = connection->connections;

	list_remove(&connection->link);
	connections->count--;
	connections->n_lent -= connection->listener->share != NULL;
	if (connection->call)
		call_abandon(connection->call);
	sd_event_source_disable_unref(connection->io);
	timer_disarm(&connection->deadline);
	timer_disarm(&connection->next);
	close(connection->fd);
	buffer_clear(&connection->in);
	buffer_clear(&connection->out);
	buffer_clear(&connection->secret_out);
	free(connection);
	if (connections->drained && connections->count == 0)
		connections->drained(connections->drained_userdata);
}

static bool has_unsent(const struct connection *connection)
{
	return connection->out.len > 0 || connection->secret_out.len > 0;
}

/* A hang-up is always reported; input is wanted only while there is no call. A call that is answered at once
 * is over before it would pay to say so: see on_readable(). */
static void watch(struct connection *connection)
{
	uint32_t events = has_unsent(connection)                 ? EPOLLOUT
			  : connection->call || connection->next ? 0
								 : EPOLLIN;

	sd_event_source_set_io_events(connection->io, events);
	sd_event_source_set_enabled(connection->io, SD_EVENT_ON);
}

/* Says why to a client whose bytes do not become a request, and closes. */
static void refuse(struct connection *connection, const struct error *err)
{
	_cleanup_json_ json_t *parameters = json_pack("{s:s}", "message", err->message);

	log_info("%s: pid %d: closed: %s", connection->listener->name, (int)connection->pid, err->message);
	buffer_clear(&connection->in);
	connection->is_last = true;
	if (!message_append_error(&connection->out, error_name(err->kind), parameters))
		connection_end(connection);
	else if (flush(connection))
		after_flush(connection); /* may end connection: nothing after this line */
}

static int on_deadline(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct connection *connection = userdata;
	struct error err;

	(void)source;
	(void)usec;
	if (!has_unsent(connection)) {
		error_set(&err, ERROR_TIMED_OUT, "the request was not complete within %d s: send it at once",
			  IAMIC_REQUEST_DEADLINE_S);
		refuse(connection, &err); /* nothing after this line */
		return 0;
	}
	log_info("%s: pid %d: closed: it does not take its reply", connection->listener->name,
		 (int)connection->pid);
	connection_end(connection);
	return 0;
}

static void set_deadline(struct connection *connection, uint64_t from_now_usec)
{
	timer_arm(connection->connections->event, &connection->deadline, clock_boot_usec() + from_now_usec,
		  on_deadline, connection);
}

/* False when the connection is gone. */
static bool send_some(struct connection *connection, struct buffer *out)
{
	while (out->len > 0) {
		ssize_t n = send(connection->fd, out->data, out->len, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			break;
		if (n < 0) {
			connection_end(connection);
			return false;
		}
		buffer_consume(out, (size_t)n);
		if (out->len > 0)
			set_deadline(connection, WRITE_DEADLINE_USEC);
	}
	return true;
}

static bool flush(struct connection *connection)
{
	if (!send_some(connection, &connection->out) || !send_some(connection, &connection->secret_out))
		return false;
	if (has_unsent(connection) && !connection->deadline)
		set_deadline(connection, WRITE_DEADLINE_USEC);
	else if (!has_unsent(connection))
		timer_disarm(&connection->deadline);
	watch(connection);
	return true;
}

void connection_flush(struct connection *connection)
{
	if (flush(connection))
		after_flush(connection);
}

/* ---- requests ---- */

static void take_request(struct connection *connection);

static int on_next(sd_event_source *source, void *userdata)
{
	struct connection *connection = userdata;

	(void)source;
	timer_disarm(&connection->next);
	if (connection->connections->is_draining)
		connection_end(connection);
	else
		take_request(connection);
	return 0;
}

static void after_flush(struct connection *connection)
{
	if (connection->call) {
		call_look_for_room(connection->call); /* nothing after this line */
		return;
	}
	if (has_unsent(connection))
		return;
	if (connection->is_last || connection->connections->is_draining) {
		connection_end(connection);
		return;
	}
	if (connection->in.len > 0) /* the client has sent ahead */
		timer_defer(connection->connections->event, &connection->next, on_next, connection);
	watch(connection);
}

void connection_call_ended(struct connection *connection)
{
	struct connections *connections = connection->connections;

	connection->call = NULL;
	connections->n_calls--;
	connections->idle_since_usec = clock_boot_usec();
	list_remove(&connection->link); /* the last to have had a request is the last to be closed */
	list_append(&connections->all, &connection->link);
	if (flush(connection))
		after_flush(connection);
}

/* Input is wanted, unless we are leaving: then there is nothing more to wait for. */
static void await_request(struct connection *connection)
{
	if (connection->connections->is_draining)
		connection_end(connection);
	else
		watch(connection);
}

/* Begins the next call if a whole request is there; refuses what can never become one. */
static void take_request(struct connection *connection)
{
	struct error err;
	size_t len;

	if (connection->in.len > 0 && message_find_end(connection->in.data, connection->in.len, &len)) {
		struct buffer message = BUFFER_INIT(IAMIC_REQUEST_MAX + 1, &buffer_heap);

		timer_disarm(&connection->deadline);
		if (!buffer_append(&message, connection->in.data, len))
			abort(); /* in has the same maximum */
		buffer_consume(&connection->in, len + 1);
		connection->connections->n_calls++;
		call_begin(connection, message.data,
			   message.len); /* may end the connection: nothing of it after this */
		buffer_clear(&message);
		return;
	}
	if (connection->in.len > IAMIC_REQUEST_MAX) {
		error_set(&err, ERROR_UNAVAILABLE, "the request has more than %d bytes: ask for less at once",
			  IAMIC_REQUEST_MAX);
		refuse(connection, &err); /* nothing after this line */
		return;
	}
	if (connection->in.len > 0 && !connection->deadline)
		set_deadline(connection, IAMIC_REQUEST_DEADLINE_S * USEC_PER_SEC);
	await_request(connection);
}

static void on_readable(struct connection *connection)
{
	size_t room = IAMIC_REQUEST_MAX + 1 - connection->in.len;
	ssize_t n;

	if (connection->call || connection->next) { /* one request at a time: what comes now can wait */
		watch(connection);
		return;
	}
	if (!buffer_reserve(&connection->in, room < READ_CHUNK ? room : READ_CHUNK))
		abort(); /* room is what is left */
	n = recv(connection->fd, connection->in.data + connection->in.len,
		 room < READ_CHUNK ? room : READ_CHUNK, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
		await_request(connection);
		return;
	}
	if (n <= 0) {
		connection_end(connection);
		return;
	}
	connection->in.len += (size_t)n;
	connection->in.data[connection->in.len] = '\0';
	take_request(connection);
}

/* We are leaving: what has come by now may be a whole request. */
static int on_last_look(sd_event_source *source, void *userdata)
{
	struct connection *connection = userdata;

	(void)source;
	timer_disarm(&connection->next);
	on_readable(connection);
	return 0;
}

void connection_look_once_more(struct connection *connection)
{
	timer_defer(connection->connections->event, &connection->next, on_last_look, connection);
}

/* Nobody is left to hear a reply. What wants none is still done, and what was sent behind it. */
static void on_hang_up(struct connection *connection)
{
	bool goes_on = connection->call ? connection->call->is_oneway : connection->next != NULL;

	if (goes_on)
		sd_event_source_set_enabled(connection->io,
					    SD_EVENT_OFF); /* until watch(): it is said once */
	else
		connection_end(connection);
}

static int on_io(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct connection *connection = userdata;

	(void)source;
	(void)fd;
	if (revents & EPOLLOUT) {
		if (flush(connection))
			after_flush(connection);
	} else if (revents & EPOLLIN) {
		on_readable(connection);
	} else if (revents & (EPOLLHUP | EPOLLERR)) {
		on_hang_up(connection);
	}
	return 0;
}

void connection_new(struct connections *connections, const struct listener *listener, int fd, pid_t pid)
{
	struct connection *connection = xcalloc(1, sizeof(*connection));

	connection->connections = connections;
	connection->listener = listener;
	connection->fd = fd;
	connection->pid = pid;
	connection->in = BUFFER_INIT(IAMIC_REQUEST_MAX + 1, &buffer_heap);
	connection->out = BUFFER_INIT(OUT_MAX, &buffer_heap);
	connection->secret_out = BUFFER_INIT(IAMIC_CREDENTIALS_MAX, &secret_memory);
	list_append(&connections->all, &connection->link);
	connections->count++;
	connections->n_lent += listener->share != NULL;
	if (sd_event_add_io(connections->event, &connection->io, fd, EPOLLIN, on_io, connection) < 0) {
		log_warning("%s: pid %d: closed: it cannot be watched", listener->name, (int)pid);
		connection_end(connection); /* the kernel allows each user so many */
	}
}

void connection_turn_away(const struct listener *listener, int fd, uid_t uid)
{
	_cleanup_(buffer_clearp) struct buffer out = BUFFER_INIT(1024, &buffer_heap);
	_cleanup_json_ json_t *parameters = NULL;
	struct error err;

	if (listener->share)
		error_set(&err, ERROR_UNAVAILABLE,
			  "this socket is lent to uid %u only, and you are uid %u: run as uid %u, or have it "
			  "lent with --uid %u",
			  (unsigned)listener->uid, (unsigned)uid, (unsigned)listener->uid, (unsigned)uid);
	else
		error_set(&err, ERROR_UNAVAILABLE,
			  "this iamicd serves uid %u only, and you are uid %u: run as uid %u",
			  (unsigned)listener->uid, (unsigned)uid, (unsigned)listener->uid);
	parameters = json_pack("{s:s}", "message", err.message);
	if (message_append_error(&out, error_name(err.kind), parameters))
		(void)send(fd, out.data, out.len, MSG_NOSIGNAL | MSG_DONTWAIT);
	close(fd);
}
