#include "ipc/client.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "iamic/protocol.h"
#include "ipc/connect.h"
#include "ipc/error_name.h"
#include "ipc/message.h"
#include "ipc/socket.h"

#define READ_SIZE      2048 /* at least */
#define SEND_TIMEOUT_S 10

struct client {
	int fd;
	struct buffer received; /* what came after the last reply that was taken */
	size_t searched;        /* bytes of it that hold no NUL */
	json_t *error_parameters;
};

static struct client *client_new(int fd)
{
	struct client *client = xcalloc(1, sizeof(*client));

	*client = (struct client){
		.fd = fd,
		.received = BUFFER_INIT(IAMIC_REPLY_MAX + READ_SIZE, &buffer_heap),
	};
	return client;
}

bool client_open(uint64_t deadline_usec, struct client **ret, struct error *err)
{
	int fd;

	if (!connect_daemon(deadline_usec, &fd, err))
		return false;
	*ret = client_new(fd);
	return true;
}

bool client_open_running(uint64_t deadline_usec, struct client **ret, struct error *err)
{
	int fd;

	if (!connect_running_daemon(deadline_usec, &fd, err))
		return false;
	*ret = client_new(fd);
	return true;
}

struct client *client_close(struct client *client)
{
	if (!client)
		return NULL;
	close(client->fd);
	buffer_clear(&client->received);
	json_decref(client->error_parameters);
	free(client);
	return NULL;
}

int client_fd(const struct client *client)
{
	return client->fd;
}

const json_t *client_error_parameters(const struct client *client)
{
	return client->error_parameters;
}

/* "Status", or a name with its interface. */
static char *qualify(const char *method)
{
	return strchr(method, '.') ? xstrdup(method) : xasprintf("%s.%s", IAMIC_INTERFACE, method);
}

bool client_send(struct client *client, const char *method, json_t *parameters_taken, bool more,
		 struct error *err)
{
	_cleanup_(buffer_clearp) struct buffer message = BUFFER_INIT(IAMIC_REQUEST_MAX + 1, &buffer_heap);
	_cleanup_json_ json_t *parameters = parameters_taken;
	_cleanup_free_ char *name = qualify(method);

	json_decref(TAKE(client->error_parameters));
	if (!message_append_request(&message, name, parameters, more))
		return error_set(err, ERROR_USAGE, "a request has more than %d bytes: name less at once",
				 IAMIC_REQUEST_MAX);
	return socket_send(client->fd, message.data, message.len,
			   clock_boot_usec() + SEND_TIMEOUT_S * USEC_PER_SEC, err);
}

/* One read. */
static bool receive_some(struct client *client, struct error *err)
{
	struct buffer *received = &client->received;
	ssize_t n;

	if (!buffer_reserve(received, READ_SIZE))
		return error_set(err, ERROR_UNAVAILABLE,
				 "the daemon's reply has more than %d bytes: try again", IAMIC_REPLY_MAX);
	n = recv(client->fd, received->data + received->len, buffer_room(received), 0);
	if (n > 0) {
		received->len += (size_t)n;
		received->data[received->len] = '\0';
		return true;
	}
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (n == 0 || errno == ECONNRESET)
		return error_set(err, ERROR_UNAVAILABLE, ERROR_NAME_NO_REPLY);
	error_fill_errno(err, "cannot read the daemon's reply");
	err->kind = ERROR_UNAVAILABLE;
	return false;
}

/* The next whole message is the first *ret_len bytes of what was received. */
static bool receive(struct client *client, uint64_t deadline_usec, size_t *ret_len, struct error *err)
{
	for (;;) {
		struct buffer *received = &client->received;

		if (received->data && message_find_end(received->data + client->searched,
						       received->len - client->searched, ret_len)) {
			*ret_len += client->searched;
			client->searched = 0;
			return true;
		}
		client->searched = received->len;
		if (!socket_wait(client->fd, POLLIN, deadline_usec, "answer", err) ||
		    !receive_some(client, err))
			return false;
	}
}

/* What the daemon said, as an error of ours. */
static void fill_error(const char *name, const json_t *parameters, struct error *err)
{
	const char *message = json_string_value(json_object_get(parameters, "message"));
	const char *parameter = json_string_value(json_object_get(parameters, "parameter"));
	const char *retry_at = json_string_value(json_object_get(parameters, "retryAt"));

	if (message && *message)
		error_fill(err, error_kind_of_name(name), "%s", message);
	else if (strcmp(name, IAMIC_SERVICE_INTERFACE ".MethodNotFound") == 0)
		error_fill(err, ERROR_UNAVAILABLE, "%s", ERROR_NAME_OLDER_DAEMON);
	else if (parameter)
		error_fill(err, error_kind_of_name(name), "the daemon does not take this '%s': give another",
			   parameter);
	else
		error_fill(err, error_kind_of_name(name), "the daemon answered '%s': try again", name);
	text_make_printable(err->message);
	if (retry_at && !rfc3339_parse(retry_at, &err->retry_at))
		err->retry_at = 0;
}

bool client_next(struct client *client, uint64_t deadline_usec, json_t **ret_parameters, bool *ret_continues,
		 struct error *err)
{
	struct message_reply reply;
	size_t len;
	bool ok;

	if (!receive(client, deadline_usec, &len, err))
		return false;
	ok = len <= IAMIC_REPLY_MAX
		     ? message_parse_reply(client->received.data, len, &reply, err)
		     : error_set(err, ERROR_UNAVAILABLE,
				 "the daemon's reply has more than %d bytes: try again", IAMIC_REPLY_MAX);
	buffer_consume(&client->received, len + 1);
	if (!ok)
		return false;
	if (reply.error) {
		fill_error(reply.error, reply.parameters, err);
		client->error_parameters = json_incref(reply.parameters);
	} else {
		*ret_parameters = json_incref(reply.parameters);
		*ret_continues = reply.continues;
	}
	ok = !reply.error;
	message_reply_done(&reply);
	return ok;
}

bool client_call(struct client *client, const char *method, json_t *parameters_taken, uint64_t deadline_usec,
		 json_t **ret_parameters, struct error *err)
{
	json_t *parameters = NULL;
	bool continues;

	if (!client_send(client, method, parameters_taken, false, err) ||
	    !client_next(client, deadline_usec, &parameters, &continues, err))
		return false;
	if (continues) {
		json_decref(parameters);
		return error_set(err, ERROR_UNAVAILABLE,
				 "the daemon answers '%s' in parts, unasked: try again", method);
	}
	*ret_parameters = parameters;
	return true;
}
