/* Who was given credentials: iamicd writes it down, and whose it is reads it. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "cli/agent.h"
#include "cli/command.h"
#include "cli/log_file.h"
#include "cli/output.h"
#include "iamic/protocol.h"

#define FOLLOW_INTERVAL_MS 250
#define TIME_SIZE          32

struct log_values {
	bool json, follow;
	int64_t lines;
};

static const struct option log_options[] = {
	{.name = "lines",
	 .value = "N",
	 .offset = offsetof(struct log_values, lines),
	 .parse = option_count,
	 .help = "only the last N"},
	{.name = "follow",
	 .offset = offsetof(struct log_values, follow),
	 .help = "go on, and show what comes, until Ctrl-C"},
	{.name = "json", .offset = offsetof(struct log_values, json), .help = "print JSON, an object a line"},
};

/* ---- for people ---- */

static const char *local_time(const json_t *line, char text[static TIME_SIZE])
{
	struct tm local;
	int64_t at;
	time_t s;

	if (!agent_time(line, "time", &at))
		return NULL;
	s = at;
	localtime_r(&s, &local);
	return strftime(text, TIME_SIZE, "%Y-%m-%d %H:%M:%S", &local) ? text : NULL;
}

/* Of the program that it was for, without folders: "aws (4321)", "aws (4321), lent to ci". */
static char *who(const json_t *line)
{
	const char *program = agent_text(line, "program"), *share = agent_text(line, "share"), *slash;
	_cleanup_free_ char *first = xstrdup(program ? program : "-");
	char *chain = strstr(first, " > ");

	if (chain)
		*chain = '\0';
	slash = strrchr(first, '/');
	return xasprintf("%s (%lld)%s%s", slash ? slash + 1 : first,
			 (long long)json_integer_value(json_object_get(line, "pid")),
			 share ? ", lent to " : "", share ? share : "");
}

static void print_lost(const char *time, json_int_t n)
{
	printf("%s  %lld more, which could not be recorded\n", time, (long long)n);
}

/* Fits the columns, then prints them: two passes over the same lines. */
static void print_for_people(const json_t *lines, struct table *table)
{
	const json_t *line;
	size_t i;

	for (int pass = 0; pass < 2; pass++) {
		json_array_foreach (lines, i, line) {
			char time[TIME_SIZE] = "-";
			_cleanup_free_ char *program = who(line);
			const char *cells[] = {local_time(line, time), agent_text(line, "session"),
					       agent_text(line, "accountId"), agent_text(line, "roleName"),
					       program};
			json_int_t lost = json_integer_value(json_object_get(line, "lost"));

			if (pass == 0 && !lost)
				table_fit(table, cells);
			else if (pass == 1 && !lost)
				table_row(table, cells);
			else if (pass == 1)
				print_lost(time, lost);
		}
	}
}

/* ---- for programs ---- */

/* The members that are promised; the number of those that were lost is for people. */
static bool print_for_programs(const json_t *lines, struct error *err)
{
	static const char *const members[] = {"time", "session", "accountId", "roleName",
					      "pid",  "program", "share"};
	const json_t *line;
	size_t i;

	json_array_foreach (lines, i, line) {
		_cleanup_json_ json_t *out = json_object();
		json_int_t lost = json_integer_value(json_object_get(line, "lost"));

		if (lost)
			log_warning("warning: %d more, which could not be recorded", (int)lost);
		for (size_t k = 0; k < ARRAY_SIZE(members) && !lost; k++) {
			json_t *value = json_object_get(line, members[k]);

			json_object_set_new(out, members[k], value ? json_incref(value) : json_null());
		}
		if (!lost && !print_json(out, true, err))
			return false;
	}
	return true;
}

/* ---- */

/* Where it is, once all of it is there; NULL: nothing is recorded. */
static bool find_file(char **ret, struct error *err)
{
	_cleanup_(client_closep) struct client *client = NULL;
	_cleanup_json_ json_t *reply = NULL;
	const char *problem, *path;

	if (!agent_open(&client, err) || !agent_call(client, "Log", json_object(), &reply, err))
		return false;
	problem = agent_text(reply, "problem");
	path = agent_text(reply, "file");
	if (problem)
		log_warning("warning: %s: what happened since is not in the log", problem);
	if (!path)
		log_warning("nothing is recorded: store = memory keeps no files");
	*ret = xstrdup_or_null(path);
	return true;
}

static bool print(const json_t *lines, const struct log_values *values, struct table *table,
		  struct error *err)
{
	if (values->json)
		return print_for_programs(lines, err) && output_flush(err);
	print_for_people(lines, table);
	return output_flush(err);
}

static void keep_last(json_t *lines, size_t n)
{
	json_t *last = json_array();

	for (size_t i = json_array_size(lines) - n; i < json_array_size(lines); i++)
		json_array_append(last, json_array_get(lines, i));
	json_array_clear(lines);
	json_array_extend(lines, last);
	json_decref(last);
}

static bool show(struct log_file *file, const struct log_values *values, struct error *err)
{
	struct table table = {.n_columns = 5};
	_cleanup_json_ json_t *lines = json_array();

	if (!log_file_read(file, lines, err))
		return false;
	if (values->lines && json_array_size(lines) > (size_t)values->lines)
		keep_last(lines, (size_t)values->lines);
	if (!print(lines, values, &table, err))
		return false;
	while (values->follow && !output_has_lost_reader(FOLLOW_INTERVAL_MS)) {
		json_array_clear(lines);
		if (!log_file_read(file, lines, err) || !print(lines, values, &table, err))
			return false;
	}
	return true;
}

static int run(const void *userdata, char *const *words)
{
	const struct log_values *values = userdata;
	_cleanup_(log_file_freep) struct log_file *file = NULL;
	_cleanup_free_ char *path = NULL;
	struct error err;

	(void)words;
	if (!find_file(&path, &err))
		return command_fail(&err);
	if (!path)
		return IAMIC_EXIT_OK;
	file = log_file_new(path);
	return show(file, values, &err) ? IAMIC_EXIT_OK : command_fail(&err);
}

const struct command command_log = {
	.name = "log",
	.words = "",
	.summary = "show which programs were given credentials",
	.description = "Shows when which program was given the credentials of which role, or had them\n"
		       "used for it, the last one last.",
	.example = "iamic log --lines 20 --follow",
	.options = log_options,
	.n_options = ARRAY_SIZE(log_options),
	.values_size = sizeof(struct log_values),
	.run = run,
};
