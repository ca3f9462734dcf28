/* One call: from a whole request to its last reply, or to the end of its connection. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "daemon/connection_private.h"
#include "daemon/timer.h"
#include "iamic/protocol.h"
#include "ipc/error_name.h"
#include "ipc/message.h"

#define ROOM (256 * 1024) /* with more than that unsent, what could be sent next can wait */

void *call_userdata(const struct call *call)
{
	return call->connection->listener->userdata;
}

const char *call_listener(const struct call *call)
{
	return call->connection->listener->name;
}

const char *call_share(const struct call *call)
{
	return call->connection->listener->share;
}

pid_t call_pid(const struct call *call)
{
	return call->connection->pid;
}

bool call_wants_more(const struct call *call)
{
	return call->wants_more;
}

void call_hold(struct call *call, void (*release)(void *held), void *held)
{
	call->release = release;
	call->held = held;
}

/* Whoever is lent something does not keep open what is not theirs. */
static bool is_work(const struct call *call)
{
	return call->method && call->method->kind != METHOD_LOOKS && call->method->kind != METHOD_STANDS &&
	       !call->connection->listener->share;
}

static void call_free(struct call *call)
{
	struct connections *connections = call->connection->connections;

	if (is_work(call)) {
		connections->n_working--;
		connections->used_usec = clock_boot_usec();
	}
	if (call->release)
		call->release(call->held);
	timer_disarm(&call->deadline);
	free(call);
}

void call_abandon(struct call *call)
{
	call->connection->call = NULL;
	call->connection->connections->n_calls--;
	call->connection->connections->idle_since_usec = clock_boot_usec();
	call_free(call);
}

static void finish(struct call *call)
{
	struct connection *connection = call->connection;

	call_free(call);
	connection_call_ended(connection); /* may end connection: nothing after this line */
}

void *call_held(const struct call *call)
{
	return call->held;
}

static int on_deadline(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct call *call = userdata;

	(void)source;
	(void)usec;
	call->on_deadline(call);
	return 0;
}

void call_set_deadline(struct call *call, uint64_t at_usec, void (*fn)(struct call *call))
{
	call->on_deadline = fn;
	timer_arm(call->connection->connections->event, &call->deadline, at_usec, on_deadline, call);
}

/* ---- replies ---- */

void call_fail_named(struct call *call, const char *name, json_t *parameters_taken)
{
	_cleanup_json_ json_t *parameters = parameters_taken;

	if (!call->is_oneway && !message_append_error(&call->connection->out, name, parameters)) {
		log_warning("an error did not fit into its connection: closing");
		call->connection->is_last = true;
	}
	finish(call); /* nothing after this line */
}

void call_fail(struct call *call, const struct error *err, json_t *extra_taken)
{
	json_t *parameters = json_object();
	char message[sizeof(err->message)], time[RFC3339_SIZE];

	memcpy(message, err->message, sizeof(message));
	text_make_message(message);
	json_object_set_new(parameters, "message", json_string(message));
	if (extra_taken)
		json_object_update(parameters, extra_taken);
	json_decref(extra_taken);
	if (err->retry_at)
		json_object_set_new(parameters, "retryAt", json_string(rfc3339_format(err->retry_at, time)));
	call_fail_named(call, error_name(err->kind), parameters); /* nothing after this line */
}

static void fail_too_large(struct call *call)
{
	struct error err;

	error_set(&err, ERROR_UNAVAILABLE, "the reply has more than %d MiB: ask for it page by page ('more')",
		  IAMIC_REPLY_MAX / (1024 * 1024));
	call_fail(call, &err, NULL); /* nothing after this line */
}

/* What is beyond IAMIC_REPLY_MAX in the buffer is kept for an error. */
static bool append_reply(struct call *call, const json_t *parameters, bool continues)
{
	struct buffer *out = &call->connection->out;
	size_t before = out->len;

	if (call->is_oneway)
		return true;
	if (!message_append_reply(out, parameters, continues))
		return false;
	if (out->len <= IAMIC_REPLY_MAX + 1)
		return true;
	out->len = before;
	return false;
}

void call_reply(struct call *call, json_t *parameters_taken)
{
	_cleanup_json_ json_t *parameters = parameters_taken;

	if (append_reply(call, parameters, false))
		finish(call); /* nothing after this line */
	else
		fail_too_large(call); /* nothing after this line */
}

void call_continue(struct call *call, json_t *parameters_taken)
{
	_cleanup_json_ json_t *parameters = parameters_taken;

	if (append_reply(call, parameters, true))
		connection_flush(call->connection); /* may end connection: nothing after this line */
	else
		fail_too_large(call); /* nothing after this line */
}

bool call_has_room(const struct call *call)
{
	return call->connection->out.len < ROOM;
}

void call_await_room(struct call *call, void (*fn)(struct call *call))
{
	call->on_room = fn;
}

void call_look_for_room(struct call *call)
{
	void (*fn)(struct call * call) = call->on_room;

	if (!fn || !call_has_room(call))
		return;
	call->on_room = NULL;
	fn(call); /* nothing after this line */
}

void call_reply_secret(struct call *call, const char *parameters, size_t len)
{
	static const char head[] = "{\"parameters\":";
	struct buffer *out = &call->connection->secret_out;
	struct error err;

	if (call->is_oneway ||
	    (buffer_append(out, head, sizeof(head) - 1) && buffer_append(out, parameters, len) &&
	     buffer_append(out, "}", sizeof("}")))) {
		finish(call); /* nothing after this line */
		return;
	}
	buffer_clear(out);
	error_set(&err, ERROR_UNAVAILABLE, "too many credentials are in use at the moment: try again");
	call_fail(call, &err, NULL); /* nothing after this line */
}

/* ---- requests ---- */

static bool has_interface(const struct listener *listener, const char *method)
{
	size_t n = (size_t)(strrchr(method, '.') - method);

	for (size_t i = 0; i < listener->n_methods; i++) {
		const char *name = listener->methods[i].name;

		if (strncmp(name, method, n) == 0 && strrchr(name, '.') == name + n)
			return true;
	}
	return false;
}

static void fail_unknown(struct call *call, const char *method)
{
	const char *dot = strrchr(method, '.');

	if (dot && has_interface(call->connection->listener, method))
		call_fail_named(call, IAMIC_SERVICE_INTERFACE ".MethodNotFound",
				json_pack("{s:s}", "method", method));
	else
		call_fail_named(call, IAMIC_SERVICE_INTERFACE ".InterfaceNotFound",
				json_pack("{s:s%}", "interface", method,
					  dot ? (size_t)(dot - method) : strlen(method)));
}

static void dispatch(struct call *call, const struct message_request *request)
{
	const struct listener *listener = call->connection->listener;

	for (size_t i = 0; i < listener->n_methods; i++) {
		if (strcmp(listener->methods[i].name, request->method) == 0) {
			call->method = &listener->methods[i];
			call->connection->connections->n_working += is_work(call);
			listener->methods[i].handle(
				call, request->parameters); /* nothing of call after this line */
			return;
		}
	}
	if (listener->refuse)
		listener->refuse(call, request->method); /* nothing of call after this line */
	else
		fail_unknown(call, request->method);
}

void call_begin(struct connection *connection, const char *message, size_t len)
{
	struct call *call = xcalloc(1, sizeof(*call));
	struct message_request request;
	struct error err;

	call->connection = connection;
	connection->call = call;
	if (!message_parse_request(message, len, &request, &err)) {
		connection->is_last = true;
		call_fail(call, &err, NULL); /* nothing of call after this line */
		return;
	}
	call->wants_more = request.more;
	call->is_oneway = request.oneway;
	dispatch(call, &request);
	message_request_done(&request);
}
