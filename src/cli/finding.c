#include "cli/finding.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "cli/agent.h"
#include "cli/output.h"
#include "cli/terminal.h"

#define INDENT        9
#define INDENT_NARROW 2
#define NARROW        40 /* columns: for less, words stand below their status */

static const struct {
	const char *name, *shown;
	enum style style;
} kinds[] = {
	[FINDING_OK] = {"ok", "ok", STYLE_GOOD},
	[FINDING_UNKNOWN] = {"unknown", "unknown", STYLE_PLAIN},
	[FINDING_WARN] = {"warn", "warning", STYLE_WAITING},
	[FINDING_FAIL] = {"fail", "FAILED", STYLE_BAD},
};

static json_t *json_text(const char *text)
{
	json_t *json = text ? json_string(text) : json_null();

	return json ? json : json_string("?"); /* a path that is not UTF-8 */
}

void finding_add(json_t *findings, const char *id, enum finding_status status, const char *object,
		 const char *fix, const char *format, ...)
{
	_cleanup_free_ char *text = NULL;
	va_list args;

	va_start(args, format);
	text = xvasprintf(format, args);
	va_end(args);
	json_array_append_new(findings, json_pack("{s:s, s:s, s:o, s:o, s:o}", "id", id, "status",
						  kinds[status].name, "object", json_text(object), "text",
						  json_text(text), "fix", json_text(fix)));
}

void finding_add_error(json_t *findings, const char *id, enum finding_status status, const char *object,
		       const char *fix, const struct error *err)
{
	_cleanup_free_ char *text = xstrdup(err->message);
	char *advice = NULL;

	for (char *p = text; (p = strstr(p, ": ")); p += 2)
		advice = p;
	if (advice)
		*advice = '\0';
	finding_add(findings, id, status, object, fix || !advice ? fix : advice + 2, "%s", text);
}

static enum finding_status status_of(const json_t *finding)
{
	const char *name = agent_text(finding, "status");

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (strcmp(kinds[i].name, name) == 0)
			return (enum finding_status)i;
	}
	return FINDING_UNKNOWN;
}

bool findings_have(const json_t *findings, enum finding_status status)
{
	const json_t *finding;
	size_t i;

	json_array_foreach (findings, i, finding) {
		if (status_of(finding) == status)
			return true;
	}
	return false;
}

/* Commands keep their lines, so that they can be copied, however wide the terminal is. */
static void print_fix(const char *label, const char *fix, size_t indent)
{
	bool is_long = strchr(fix, '\n') != NULL;
	_cleanup_free_ char *lines = xstrdup(fix), *first = NULL;
	char *rest = lines, *line;

	first = is_long ? xasprintf("%s:", label) : xasprintf("%s: %s", label, fix);
	printf("%*s", (int)indent, "");
	print_styled_words(STYLE_PLAIN, first, indent, indent);
	while (is_long && (line = strsep(&rest, "\n"))) {
		_cleanup_free_ char *clean = printable(line);

		printf("%*s%s\n", (int)indent + 2, "", clean);
	}
}

static void print_finding(const json_t *finding)
{
	const char *fix = agent_text(finding, "fix"), *shown = kinds[status_of(finding)].shown;
	bool is_narrow = terminal_is_smart() && terminal_columns() < NARROW;
	size_t indent = is_narrow ? INDENT_NARROW : INDENT;
	_cleanup_free_ char *line =
		xasprintf("%s: %s", agent_text(finding, "object"), agent_text(finding, "text"));

	print_styled(kinds[status_of(finding)].style, shown);
	if (is_narrow)
		printf("\n%*s", INDENT_NARROW, "");
	else
		printf("%*s", (int)(INDENT - strlen(shown)), "");
	print_styled_words(STYLE_PLAIN, line, indent, indent);
	if (fix)
		print_fix(status_of(finding) == FINDING_OK ? "if you want it" : "to do", fix, indent);
}

void findings_print(const json_t *findings)
{
	const json_t *finding;
	size_t i;

	json_array_foreach (findings, i, finding)
		print_finding(finding);
}
