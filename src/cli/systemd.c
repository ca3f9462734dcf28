#include "cli/systemd.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "cli/tool.h"

#define SERVICE "iamicd.service"
#define SOCKET  "iamicd.socket"

static bool ask(const char *command, struct tool_answer *ret)
{
	tool_ask(command, NULL, SYSTEMD_PATIENCE, ret);
	return ret->status == 0;
}

/* The value in a line "NAME=value" of systemctl show, to be freed; NULL: it has none. */
static char *property(const struct tool_answer *answer, const char *name)
{
	size_t len = strlen(name);

	for (const char *line = answer->text; *line;) {
		size_t line_len = strcspn(line, "\n");

		if (line_len > len && strncmp(line, name, len) == 0 && line[len] == '=')
			return xstrndup(line + len + 1, line_len - len - 1);
		line += line_len + (line[line_len] == '\n');
	}
	return NULL;
}

static bool property_is(const struct tool_answer *answer, const char *name, const char *wanted)
{
	_cleanup_free_ char *value = property(answer, name);

	return value && strcmp(value, wanted) == 0;
}

static bool look_at_manager(struct systemd *systemd)
{
	_cleanup_(tool_answer_done) struct tool_answer answer;
	_cleanup_free_ char *version = NULL;

	if (ask("systemctl --user show --property=Version", &answer))
		version = property(&answer, "Version");
	if (version) {
		systemd->version = (unsigned)strtoul(version, NULL, 10);
		return true;
	}
	systemd->why_not = answer.status == TOOL_NOT_THERE ? xstrdup("there is no systemctl")
			   : answer.status == TOOL_SILENT  ? xstrdup("systemctl --user does not answer")
							   : tool_last_line(&answer);
	return false;
}

static void look_at_service(struct systemd *systemd)
{
	_cleanup_(tool_answer_done) struct tool_answer answer;
	_cleanup_free_ char *pid = NULL;

	if (!ask("systemctl --user show --property=LoadState,PrivateUsers,MainPID " SERVICE, &answer))
		return;
	pid = property(&answer, "MainPID");
	systemd->is_loaded = property_is(&answer, "LoadState", "loaded");
	systemd->is_strict = property_is(&answer, "PrivateUsers", "yes");
	systemd->pid = pid ? strtoll(pid, NULL, 10) : 0;
}

static void look_at_files(struct systemd *systemd)
{
	_cleanup_(tool_answer_done) struct tool_answer answer, unit;

	systemd->is_enabled = ask("systemctl --user is-enabled --quiet " SOCKET, &answer);
	systemd->unit = xstrdup(ask("systemctl --user cat " SERVICE, &unit) ? unit.text : "");
}

void systemd_look(struct systemd *ret)
{
	*ret = (struct systemd){0};
	if (!look_at_manager(ret))
		return;
	look_at_service(ret);
	look_at_files(ret);
}

void systemd_done(struct systemd *systemd)
{
	free(systemd->why_not);
	free(systemd->unit);
}
