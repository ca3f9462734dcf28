#include "shim/reply.h"

#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "ipc/error_name.h"
#include "shim/scan.h"

struct wanted {
	const char *name;
	struct span value;
};

/* Finds the wanted members of an object; false when it is none, or has one of them twice. */
static bool find_members(struct span object, struct wanted wanted[], size_t n)
{
	struct scan scan = scan_object(object);
	struct span name, value;

	while (scan_next(&scan, &name, &value)) {
		for (size_t i = 0; i < n; i++) {
			if (!span_is(name, wanted[i].name))
				continue;
			if (wanted[i].value.data)
				return false;
			wanted[i].value = value;
		}
	}
	return scan_is_complete(&scan);
}

static enum reply_state fail(struct reply *reply, enum error_kind kind, const char *before, struct span text,
			     const char *after)
{
	error_fill(&reply->error, kind, "%s%.*s%s", before, (int)text.len, text.data ? text.data : "", after);
	text_make_message(reply->error.message);
	return REPLY_ERROR;
}

static enum reply_state not_understood(struct reply *reply, const char *why)
{
	return fail(reply, ERROR_UNAVAILABLE,
		    "the daemon's reply is not understood, try again: ", (struct span){NULL, 0}, why);
}

/* An SDK that gets less than all of it says something that helps nobody. */
static bool is_whole_document(struct span document)
{
	struct wanted members[] = {{.name = "AccessKeyId"},
				   {.name = "SecretAccessKey"},
				   {.name = "SessionToken"},
				   {.name = "Expiration"},
				   {.name = "Version"}};
	struct span text;

	if (!find_members(document, members, ARRAY_SIZE(members)))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(members) - 1; i++) {
		if (!span_string(members[i].value, &text) || text.len == 0)
			return false;
	}
	return span_is(members[ARRAY_SIZE(members) - 1].value, "1");
}

/* The byte behind the document belongs to the envelope, which has done its work. */
static enum reply_state accept(struct reply *reply, struct span document)
{
	size_t begin = (size_t)(document.data - reply->data);

	if (!is_whole_document(document))
		return not_understood(reply, "it holds no credentials");
	reply->data[begin + document.len] = '\n';
	reply->document = reply->data + begin;
	reply->document_len = document.len + 1;
	return REPLY_CREDENTIALS;
}

static enum reply_state refuse(struct reply *reply, struct span error, struct span parameters)
{
	struct wanted members[] = {{.name = "message"}, {.name = "parameter"}};
	char name[128] = "";
	struct span text;

	if (!span_string(error, &error) || error.len == 0 || error.len >= sizeof(name))
		return not_understood(reply, "its error has no name");
	memcpy(name, error.data, error.len);
	if (parameters.data && !find_members(parameters, members, ARRAY_SIZE(members)))
		return not_understood(reply, "its parameters are no object");
	if (span_string(members[0].value, &text) && text.len > 0)
		return fail(reply, error_kind_of_name(name), "", text, "");
	if (strcmp(name, IAMIC_SERVICE_INTERFACE ".MethodNotFound") == 0)
		return fail(reply, ERROR_UNAVAILABLE, "", (struct span){NULL, 0}, ERROR_NAME_OLDER_DAEMON);
	if (span_string(members[1].value, &text))
		return fail(reply, error_kind_of_name(name), "the daemon does not take this '", text,
			    "': give another");
	return fail(reply, error_kind_of_name(name), "the daemon answered '", error, "': try again");
}

static enum reply_state parse(struct reply *reply, size_t len)
{
	struct wanted members[] = {{.name = "parameters"}, {.name = "error"}};

	if (!utf8_is_valid(reply->data, len))
		return not_understood(reply, "it is not UTF-8");
	if (!find_members((struct span){reply->data, len}, members, ARRAY_SIZE(members)))
		return not_understood(reply, "it is not a JSON object");
	if (members[1].value.data)
		return refuse(reply, members[1].value, members[0].value);
	if (!members[0].value.data || members[0].value.data[0] != '{')
		return not_understood(reply, "it has no parameters");
	return accept(reply, members[0].value);
}

enum reply_state reply_feed(struct reply *reply, const char *data, size_t len)
{
	const char *end = memchr(data, '\0', len);
	size_t n = end ? (size_t)(end - data) : len;

	if (n > IAMIC_CREDENTIALS_MAX - reply->len)
		return not_understood(reply, "it is too long");
	memcpy(reply->data + reply->len, data, n);
	reply->len += n;
	return end ? parse(reply, reply->len) : REPLY_PARTIAL;
}
