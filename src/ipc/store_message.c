#include "ipc/store_message.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "base/xalloc.h"

static const char *const state_names[] = {
	[STORE_REPLY_OK] = "ok",
	[STORE_REPLY_ABSENT] = "absent",
	[STORE_REPLY_LOCKED] = "locked",
	[STORE_REPLY_FAILED] = "failed",
};

/* Adds a member that may be left out; bytes that are not UTF-8 cannot be said in JSON. */
static bool add_text(json_t *object, const char *name, const char *text, size_t len)
{
	json_t *string = json_stringn(text, len);

	return string && json_object_set_new(object, name, string) == 0;
}

static bool add_bytes(json_t *object, const char *name, const struct buffer *bytes)
{
	return bytes->len == 0 || add_text(object, name, bytes->data, bytes->len);
}

static bool take_bytes(const json_t *object, const char *name, const struct buffer_memory *memory,
		       struct buffer *ret)
{
	const json_t *string = json_object_get(object, name);

	*ret = BUFFER_INIT(STORE_MESSAGE_MAX, memory);
	return !string || json_is_null(string) ||
	       (json_is_string(string) &&
		buffer_append(ret, json_string_value(string), json_string_length(string)));
}

/* ---- requests ---- */

void store_request_done(struct store_request *request)
{
	free(request->name);
	free(request->start_url);
	free(request->region);
	free(request->key_source);
	buffer_clear(&request->secret);
	buffer_clear(&request->key);
	*request = (struct store_request){
		.secret = BUFFER_INIT(0, &buffer_heap),
		.key = BUFFER_INIT(0, &buffer_heap),
	};
}

bool store_request_append(struct buffer *out, const struct store_request *request)
{
	_cleanup_json_ json_t *object = json_pack_secret(
		"{s:i, s:s, s:s, s:s, s:I}", "version", STORE_MESSAGE_VERSION, "name",
		request->name ? request->name : "", "startUrl", request->start_url ? request->start_url : "",
		"region", request->region ? request->region : "", "generation",
		(json_int_t)request->generation);

	return object && add_bytes(object, "secret", &request->secret) &&
	       add_bytes(object, "key", &request->key) &&
	       (!request->key_source ||
		add_text(object, "keySource", request->key_source, strlen(request->key_source))) &&
	       json_append(out, object);
}

bool store_request_parse(const char *data, size_t len, const struct buffer_memory *memory,
			 struct store_request *ret, struct error *err)
{
	_cleanup_(store_request_donep) struct store_request request = {
		.secret = BUFFER_INIT(0, &buffer_heap),
		.key = BUFFER_INIT(0, &buffer_heap),
	};
	const char *name, *start_url, *region, *key_source = "auto";
	_cleanup_json_ json_t *object = NULL;
	json_int_t generation = 0;
	int version;

	if (!json_parse_secret(data, len, "the request", &object, err))
		return false;
	if (json_unpack(object, "{s:i, s:s, s:s, s:s, s?I, s?s}", "version", &version, "name", &name,
			"startUrl", &start_url, "region", &region, "generation", &generation, "keySource",
			&key_source) < 0)
		return error_set(err, ERROR_INTERNAL,
				 "the request lacks a member, or has one of the wrong type");
	if (version != STORE_MESSAGE_VERSION)
		return error_set(err, ERROR_INTERNAL, "version %d of the protocol is not known here",
				 version);
	if (!take_bytes(object, "secret", memory, &request.secret) ||
	    !take_bytes(object, "key", memory, &request.key))
		return error_set(err, ERROR_INTERNAL, "the request's secret or key is not text, or too long");
	request.name = xstrdup(name);
	request.start_url = xstrdup(start_url);
	request.region = xstrdup(region);
	request.key_source = xstrdup(key_source);
	request.generation = generation;
	*ret = request;
	request = (struct store_request){.secret = BUFFER_INIT(0, &buffer_heap),
					 .key = BUFFER_INIT(0, &buffer_heap)};
	return true;
}

/* ---- replies ---- */

void store_reply_done(struct store_reply *reply)
{
	buffer_clear(&reply->secret);
	buffer_clear(&reply->key);
	free(reply->message);
	free(reply->protects);
	*reply = (struct store_reply){
		.state = STORE_REPLY_FAILED,
		.secret = BUFFER_INIT(0, &buffer_heap),
		.key = BUFFER_INIT(0, &buffer_heap),
	};
}

bool store_reply_append(struct buffer *out, const struct store_reply *reply)
{
	_cleanup_json_ json_t *object = json_pack_secret("{s:s}", "state", state_names[reply->state]);

	return object && add_bytes(object, "secret", &reply->secret) &&
	       add_bytes(object, "key", &reply->key) &&
	       (!reply->generation ||
		json_object_set_new(object, "generation", json_integer(reply->generation)) == 0) &&
	       (!reply->message || add_text(object, "message", reply->message, strlen(reply->message))) &&
	       (!reply->protects || add_text(object, "protects", reply->protects, strlen(reply->protects))) &&
	       json_append(out, object);
}

static bool find_state(const char *name, enum store_reply_state *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(state_names); i++) {
		if (strcmp(state_names[i], name) == 0) {
			*ret = (enum store_reply_state)i;
			return true;
		}
	}
	return false;
}

static char *printable_copy(const char *text)
{
	char *copy = xstrdup_or_null(text);

	if (copy)
		text_make_message(copy);
	return copy;
}

bool store_reply_parse(const char *data, size_t len, const struct buffer_memory *memory,
		       struct store_reply *ret, struct error *err)
{
	_cleanup_(store_reply_donep) struct store_reply reply = {
		.secret = BUFFER_INIT(0, &buffer_heap),
		.key = BUFFER_INIT(0, &buffer_heap),
	};
	const char *state, *message = NULL, *protects = NULL;
	_cleanup_json_ json_t *object = NULL;
	json_int_t generation = 0;

	if (!json_parse_secret(data, len, "its reply", &object, err))
		return false;
	if (json_unpack(object, "{s:s, s?I, s?s, s?s}", "state", &state, "generation", &generation, "message",
			&message, "protects", &protects) < 0 ||
	    !find_state(state, &reply.state))
		return error_set(err, ERROR_STORE, "its reply has no state that is known here");
	if (!take_bytes(object, "secret", memory, &reply.secret) ||
	    !take_bytes(object, "key", memory, &reply.key))
		return error_set(err, ERROR_STORE,
				 "its reply's secret or key is not text, or there is no room for it");
	reply.generation = generation;
	reply.message = printable_copy(message);
	reply.protects = printable_copy(protects);
	*ret = reply;
	reply = (struct store_reply){.secret = BUFFER_INIT(0, &buffer_heap),
				     .key = BUFFER_INIT(0, &buffer_heap)};
	return true;
}
