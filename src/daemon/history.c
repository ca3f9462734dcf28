#include "daemon/history.h"

#include "base/json.h"
#include "base/log.h"
#include "base/state_file.h"
#include "base/xalloc.h"

#define FILE_NAME         "history"
#define FILE_MAX          (64 * 1024)
#define LENGTHS_KEPT      3
#define LENGTH_SHORTEST_S 60 /* shorter ones were ended by someone, not by their length */

/* {"corp":{"signedInAt":1764000000,"lengths":[29800,29795,28801],"worked":[27100,27200,26301]},
    "lab":{"isUnanswered":true}} */
struct history {
	json_t *sessions;
	bool is_kept, has_warned;
};

struct history *history_new(bool is_kept)
{
	_cleanup_(buffer_clearp) struct buffer text = BUFFER_INIT(FILE_MAX, &buffer_heap);
	struct history *history = xcalloc(1, sizeof(*history));
	struct error err;
	bool exists;

	history->is_kept = is_kept;
	if (is_kept && state_file_read(FILE_NAME, &text, &exists, &err) && exists &&
	    !json_parse_object(text.data ? text.data : "", text.len, "the history of sign-ins",
			       &history->sessions, &err))
		log_warning("%s: beginning a new one", err.message);
	if (!history->sessions)
		history->sessions = json_object();
	return history;
}

/* Not durable: after a crash of the machine an older foretelling is as good. */
static bool write_file(const struct history *history, struct error *err)
{
	_cleanup_(buffer_clearp) struct buffer text = BUFFER_INIT(FILE_MAX, &buffer_heap);

	if (!json_append(&text, history->sessions))
		return error_set(err, ERROR_INTERNAL, "the history of sign-ins is too long");
	return state_file_write(FILE_NAME, text.data, text.len, false, err);
}

static void keep(struct history *history)
{
	struct error err;

	if (!history->is_kept || write_file(history, &err) || history->has_warned)
		return;
	history->has_warned = true;
	log_warning("%s: how long sessions last is not remembered", err.message);
}

static json_t *entry_of(struct history *history, const char *session)
{
	json_t *entry = json_object_get(history->sessions, session);

	if (!json_is_object(entry)) {
		entry = json_object();
		if (json_object_set_new(history->sessions, session, entry) < 0)
			return NULL; /* a name that is not UTF-8 */
	}
	return entry;
}

void history_signed_in(struct history *history, const char *session, int64_t at)
{
	json_t *entry = entry_of(history, session);

	if (!entry || at <= 0)
		return;
	json_object_set_new(entry, "signedInAt", json_integer(at));
	keep(history);
}

/* The last few of them. */
static void add_length(json_t *entry, const char *name, int64_t length_s)
{
	json_t *lengths = json_object_get(entry, name);

	if (!json_is_array(lengths)) {
		lengths = json_array();
		json_object_set_new(entry, name, lengths);
	}
	json_array_append_new(lengths, json_integer(length_s));
	while (json_array_size(lengths) > LENGTHS_KEPT)
		json_array_remove(lengths, 0);
}

void history_ended(struct history *history, const char *session, int64_t signed_in_at, int64_t worked_at,
		   int64_t at)
{
	json_t *entry = entry_of(history, session);

	if (!entry || signed_in_at <= 0 || at - signed_in_at < LENGTH_SHORTEST_S)
		return;
	add_length(entry, "lengths", at - signed_in_at);
	add_length(entry, "worked", worked_at - signed_in_at);
	keep(history);
}

static const json_t *member_of(const struct history *history, const char *session, const char *name)
{
	return json_object_get(json_object_get(history->sessions, session), name);
}

static const char unanswered[] = "isUnanswered";

bool history_is_unanswered(const struct history *history)
{
	const char *session;
	json_t *entry;

	json_object_foreach (history->sessions, session, entry) {
		if (json_is_true(json_object_get(entry, unanswered)))
			return true;
	}
	return false;
}

void history_unanswered(struct history *history, const char *session)
{
	json_t *entry = entry_of(history, session);

	if (!entry)
		return;
	json_object_set_new(entry, unanswered, json_true());
	keep(history);
}

void history_answered(struct history *history)
{
	const char *session;
	json_t *entry;

	if (!history_is_unanswered(history))
		return;
	json_object_foreach (history->sessions, session, entry)
		json_object_del(entry, unanswered);
	keep(history);
}

static const char reminded_of[] = "remindedOf";

int64_t history_reminded_of(const struct history *history, const char *session)
{
	return json_integer_value(member_of(history, session, reminded_of));
}

void history_reminded(struct history *history, const char *session, int64_t signed_in_at)
{
	json_t *entry = entry_of(history, session);

	if (!entry)
		return;
	json_object_set_new(entry, reminded_of, json_integer(signed_in_at));
	keep(history);
}

int64_t history_length(const struct history *history, const char *session)
{
	const json_t *lengths = member_of(history, session, "lengths");
	int64_t shortest = 0;

	for (size_t i = 0; i < json_array_size(lengths); i++) {
		int64_t length = json_integer_value(json_array_get(lengths, i));

		if (length > 0 && (shortest == 0 || length < shortest))
			shortest = length;
	}
	return shortest;
}

int64_t history_sure_length(const struct history *history, const char *session)
{
	const json_t *lengths = member_of(history, session, "worked");
	int64_t end = history_length(history, session), longest = 0;

	for (size_t i = 0; i < json_array_size(lengths); i++) {
		int64_t length = json_integer_value(json_array_get(lengths, i));

		if (length > longest && length < end)
			longest = length;
	}
	return longest;
}
