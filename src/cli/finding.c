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

#define INDENT 9

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
	if (vasprintf(&text, format, args) < 0)
		text = xstrdup("");
	va_end(args);
	json_array_append_new(findings, json_pack("{s:s, s:s, s:o, s:o, s:o}", "id", id, "status",
						  kinds[status].name, "object", json_text(object), "text",
						  json_text(text), "fix", json_text(fix)));
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

static void print_finding(const json_t *finding)
{
	const char *fix = agent_text(finding, "fix"), *shown = kinds[status_of(finding)].shown;
	_cleanup_free_ char *line =
		xasprintf("%s: %s", agent_text(finding, "object"), agent_text(finding, "text"));

	print_styled(kinds[status_of(finding)].style, shown);
	printf("%*s", (int)(INDENT - strlen(shown)), "");
	print_styled_words(STYLE_PLAIN, line, INDENT, INDENT);
	if (!fix)
		return;
	printf("%*s", INDENT, "");
	_cleanup_free_ char *advice = xasprintf("to do: %s", fix);
	print_styled_words(STYLE_PLAIN, advice, INDENT, INDENT);
}

void findings_print(const json_t *findings)
{
	const json_t *finding;
	size_t i;

	json_array_foreach (findings, i, finding)
		print_finding(finding);
}
