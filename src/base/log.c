#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

#define LINE_MAX_BYTES 1024

static const char *log_program = "iamic";
static bool log_journal;
static enum log_level log_level = LOG_LEVEL_INFO;

void log_open(const char *program, bool journal)
{
	log_program = program;
	log_journal = journal;
}

void log_set_level(enum log_level level)
{
	log_level = level;
}

bool log_level_parse(const char *text, enum log_level *ret_level)
{
	static const struct {
		const char *name;
		enum log_level level;
	} names[] = {
		{"error", LOG_LEVEL_ERROR},
		{"warning", LOG_LEVEL_WARNING},
		{"info", LOG_LEVEL_INFO},
		{"debug", LOG_LEVEL_DEBUG},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(text, names[i].name) == 0) {
			*ret_level = names[i].level;
			return true;
		}
	}
	return false;
}

/* One write() a line, so that lines of several processes do not mix. */
void log_line(enum log_level level, const char *format, ...)
{
	char line[LINE_MAX_BYTES];
	ssize_t ignored;
	va_list args;
	size_t n, room = sizeof(line) - 1;

	if (level > log_level)
		return;
	n = (size_t)(log_journal ? snprintf(line, room, "<%d>", level)
				 : snprintf(line, room, "%s: ", log_program));
	va_start(args, format);
	vsnprintf(line + n, room - n, format, args);
	va_end(args);
	text_make_printable(line);
	n = strlen(line);
	line[n++] = '\n';
	ignored = write(STDERR_FILENO, line, n);
	(void)ignored;
}
