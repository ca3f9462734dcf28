#include "ipc/message.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/xalloc.h"

/* NULL without the member, and where it is null: some clients write all members that there may be. */
static json_t *get_member(const json_t *message, const char *name)
{
	json_t *value = json_object_get(message, name);

	return json_is_null(value) ? NULL : value;
}

/* *ret is false without the member; the call fails when it is there and no boolean. */
static bool get_boolean(const json_t *message, const char *name, bool *ret, struct error *err)
{
	const json_t *value = get_member(message, name);

	if (value && !json_is_boolean(value))
		return error_set(err, ERROR_UNAVAILABLE, "'%s' of a message is not true or false: try again",
				 name);
	*ret = json_is_true(value);
	return true;
}

/* A reference of the caller's to the parameters; an empty object without them. */
static bool get_parameters(const json_t *message, json_t **ret, struct error *err)
{
	json_t *value = get_member(message, "parameters");

	if (value && !json_is_object(value))
		return error_set(err, ERROR_UNAVAILABLE,
				 "the parameters of a message are not an object: try again");
	*ret = value ? json_incref(value) : json_object();
	return *ret ? true : error_set(err, ERROR_UNAVAILABLE, "no memory for a message: try again");
}

bool message_parse_request(const char *data, size_t len, struct message_request *ret, struct error *err)
{
	struct message_request request = {.more = false};
	_cleanup_json_ json_t *message = NULL;
	const char *method;

	if (!json_parse_object(data, len, "the request", &message, err))
		return false;
	method = json_string_value(json_object_get(message, "method"));
	if (!method || !*method)
		return error_set(err, ERROR_UNAVAILABLE, "the request names no method: name one");
	if (!get_boolean(message, "more", &request.more, err) ||
	    !get_boolean(message, "oneway", &request.oneway, err) ||
	    !get_parameters(message, &request.parameters, err))
		return false;
	request.method = xstrdup(method);
	*ret = request;
	return true;
}

void message_request_done(struct message_request *request)
{
	free(request->method);
	json_decref(request->parameters);
	*request = (struct message_request){.more = false};
}

/* A reply may hold credentials: they are kept where secrets are, and what is malformed is not quoted. */
bool message_parse_reply(const char *data, size_t len, struct message_reply *ret, struct error *err)
{
	struct message_reply reply = {.continues = false};
	_cleanup_json_ json_t *message = NULL;
	const json_t *error;

	if (!json_parse_secret(data, len, "the daemon's reply", &message, err))
		return error_set(err, ERROR_UNAVAILABLE,
				 "the daemon's reply is not a JSON object: try again, or end the daemon");
	error = get_member(message, "error");
	if (error && (!json_is_string(error) || !*json_string_value(error)))
		return error_set(err, ERROR_UNAVAILABLE,
				 "the error in the daemon's reply has no name: try again");
	if (!get_boolean(message, "continues", &reply.continues, err))
		return false;
	if (error && reply.continues)
		return error_set(err, ERROR_UNAVAILABLE,
				 "the daemon's reply is an error that continues: try again");
	if (!get_parameters(message, &reply.parameters, err))
		return false;
	reply.error = xstrdup_or_null(json_string_value(error));
	*ret = reply;
	return true;
}

void message_reply_done(struct message_reply *reply)
{
	free(reply->error);
	json_decref(reply->parameters);
	*reply = (struct message_reply){.continues = false};
}

/* Undoes a half-written message, and erases it: it may hold a secret. */
static bool cut(struct buffer *buffer, size_t len)
{
	if (len == 0) {
		buffer_clear(buffer);
	} else {
		explicit_bzero(buffer->data + len, buffer->len - len);
		buffer->len = len;
	}
	return false;
}

/* Names of methods and errors are made of letters, digits, dots and dashes: nothing in them needs escaping.
 */
static bool append_name(struct buffer *out, const char *name)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-";

	return *name && name[strspn(name, allowed)] == '\0' && buffer_append(out, "\"", 1) &&
	       buffer_append_text(out, name) && buffer_append(out, "\"", 1);
}

static bool append_parameters(struct buffer *out, const json_t *parameters)
{
	return buffer_append_text(out, "\"parameters\":") &&
	       (parameters ? json_append(out, parameters) : buffer_append_text(out, "{}"));
}

/* What closes the message, and its NUL. */
static bool append_end(struct buffer *out, const char *flag)
{
	return buffer_append_text(out, flag) && buffer_append(out, "}", 2);
}

bool message_append_request(struct buffer *out, const char *method, const json_t *parameters, bool more)
{
	size_t before = out->len;

	return (buffer_append_text(out, "{\"method\":") && append_name(out, method) &&
		buffer_append(out, ",", 1) && append_parameters(out, parameters) &&
		append_end(out, more ? ",\"more\":true" : "")) ||
	       cut(out, before);
}

/* The parameters come first, and alone unless there is more: so the shim can cut them out. */
bool message_append_reply(struct buffer *out, const json_t *parameters, bool continues)
{
	size_t before = out->len;

	return (buffer_append(out, "{", 1) && append_parameters(out, parameters) &&
		append_end(out, continues ? ",\"continues\":true" : "")) ||
	       cut(out, before);
}

bool message_append_error(struct buffer *out, const char *name, const json_t *parameters)
{
	size_t before = out->len;

	return (buffer_append_text(out, "{\"error\":") && append_name(out, name) &&
		buffer_append(out, ",", 1) && append_parameters(out, parameters) && append_end(out, "")) ||
	       cut(out, before);
}

bool message_find_end(const char *data, size_t len, size_t *ret_len)
{
	const char *end = len ? memchr(data, '\0', len) : NULL;

	if (!end)
		return false;
	*ret_len = (size_t)(end - data);
	return true;
}
