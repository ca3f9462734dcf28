#include "cli/used_roles.h"

#include <stdint.h>
#include <string.h>

#include "base/json.h"
#include "cli/agent.h"
#include "cli/log_file.h"

#define LINES_MAX 1000 /* of the log, from its end: weeks of work */

/* The last line first. */
static void add_newest_first(json_t *used, const json_t *lines)
{
	size_t n = json_array_size(lines);

	for (size_t i = n; i > 0 && n - i < LINES_MAX; i--)
		json_array_append(used, json_array_get(lines, i - 1));
}

static void add_log(json_t *used, struct client *client)
{
	_cleanup_(log_file_freep) struct log_file *file = NULL;
	_cleanup_json_ json_t *reply = NULL, *lines = json_array();
	const char *path;
	struct error ignored;

	if (!agent_call(client, "Log", json_object(), &reply, &ignored))
		return;
	path = agent_text(reply, "file");
	file = path ? log_file_new(path) : NULL;
	if (file && log_file_read(file, lines, &ignored))
		add_newest_first(used, lines);
}

json_t *used_roles_list(struct client *client, const json_t *status)
{
	json_t *used = json_array();

	json_array_extend(used, json_object_get(status, "roles"));
	add_log(used, client);
	return used;
}

static bool is_text(const json_t *row, const char *member, const char *wanted)
{
	const char *text = agent_text(row, member);

	return text && strcmp(text, wanted) == 0;
}

size_t used_roles_place(const json_t *used, const char *session, const char *account_id,
			const char *role_name)
{
	const json_t *row;
	size_t i;

	json_array_foreach (used, i, row) {
		if (is_text(row, "roleName", role_name) && is_text(row, "accountId", account_id) &&
		    is_text(row, "session", session))
			return i;
	}
	return SIZE_MAX;
}
