#include "cli/seen.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "base/state_file.h"
#include "base/xalloc.h"
#include "cli/agent.h"

#define FILE_NAME "seen"
#define FILE_MAX  (16UL << 20)

struct seen {
	json_t *sessions; /* the whole file */
	json_t *before;   /* of this session and these rows, borrowed; NULL: none yet */
	json_t *now;
	char *session, *rows;
};

/* One that was cut short or came from elsewhere is no reason to show nothing. */
static json_t *read_file(void)
{
	_cleanup_(buffer_clearp) struct buffer text = BUFFER_INIT(FILE_MAX, &buffer_heap);
	json_t *sessions = NULL;
	struct error err;
	bool exists = false;

	if (!state_file_read(FILE_NAME, &text, &exists, &err) ||
	    (exists && !json_parse_object(text.data ? text.data : "", text.len, "the file '" FILE_NAME "'",
					  &sessions, &err)))
		log_warning("warning: %s: what you have seen before is not known", err.message);
	return sessions ? sessions : json_object();
}

struct seen *seen_open(const char *session, const char *rows)
{
	struct seen *seen = xcalloc(1, sizeof(*seen));

	seen->session = xstrdup(session);
	seen->rows = xstrdup(rows);
	seen->sessions = read_file();
	seen->before = json_object_get(json_object_get(seen->sessions, session), rows);
	seen->now = json_object();
	return seen;
}

struct seen *seen_free(struct seen *seen)
{
	if (!seen)
		return NULL;
	json_decref(seen->sessions);
	json_decref(seen->now);
	free(seen->session);
	free(seen->rows);
	free(seen);
	return NULL;
}

/* "111122223333", or "111122223333/Admin". */
static char *key_of(const json_t *row)
{
	const char *account_id = agent_text(row, "accountId"), *role_name = agent_text(row, "roleName");

	return xasprintf("%s%s%s", account_id ? account_id : "", role_name ? "/" : "",
			 role_name ? role_name : "");
}

bool seen_add(struct seen *seen, const json_t *row)
{
	_cleanup_free_ char *key = key_of(row);

	json_object_set_new(seen->now, key, json_true());
	return !json_object_get(seen->before, key);
}

/* What was seen of other accounts stays seen. */
static void add_others(const struct seen *seen, const char *account_id, json_t *rows)
{
	size_t len = strlen(account_id);
	const char *key;
	json_t *value;

	json_object_foreach (seen->before, key, value) {
		if (strncmp(key, account_id, len) != 0 || key[len] != '/')
			json_object_set_new(rows, key, json_true());
	}
}

bool seen_keep(const struct seen *seen, const char *account_id, struct error *err)
{
	_cleanup_(buffer_clearp) struct buffer text = BUFFER_INIT(FILE_MAX, &buffer_heap);
	json_t *rows = json_copy(seen->now), *session = json_object_get(seen->sessions, seen->session);

	if (account_id)
		add_others(seen, account_id, rows);
	if (!json_is_object(session)) {
		session = json_object();
		json_object_set_new(seen->sessions, seen->session, session);
	}
	if (json_equal(rows, seen->before)) {
		json_decref(rows);
		return true;
	}
	json_object_set_new(session, seen->rows, rows);
	if (!json_append(&text, seen->sessions))
		return error_set(err, ERROR_INTERNAL, "iamic's file '%s' would have more than %lu bytes",
				 FILE_NAME, FILE_MAX);
	return state_file_write(FILE_NAME, text.data, text.len, false, err);
}
