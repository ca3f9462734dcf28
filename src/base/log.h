#pragma once
/*
 * Diagnostics of a program on stderr; with journald behind it, with its priority prefixes.
 *
 * Only daemon/ and cli/ log; libraries return errors. One event is one line, written where it is handled; the
 * line names the object first: "session 'corp': token refreshed, next in 52 min". State changes are info,
 * requests are debug. No secret has a form that could be printed here.
 */
#include <stdbool.h>

enum log_level { LOG_LEVEL_ERROR = 3, LOG_LEVEL_WARNING = 4, LOG_LEVEL_INFO = 6, LOG_LEVEL_DEBUG = 7 };

/* journal: put "<3>" and the like in front of each line ($JOURNAL_STREAM names our stderr). */
void log_open(const char *program, bool journal);
void log_set_level(enum log_level level);
bool log_level_parse(const char *text, enum log_level *ret_level);

void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));
#define log_error(...)   log_line(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_line(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...)    log_line(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...)   log_line(LOG_LEVEL_DEBUG, __VA_ARGS__)
