#pragma once
/* The log of iamicd as it grows: the lines that are there, then those that come, in a new file, too. */
#include <jansson.h>

#include "base/cleanup.h"
#include "base/error.h"

struct log_file;

struct log_file *log_file_new(const char *path);
struct log_file *log_file_free(struct log_file *file);
DEFINE_CLEANUP(struct log_file *, log_file_free)

/* Appends what has been written since the last time, an object a line; a line that is none is left out. There
 * need not be a file yet. */
bool log_file_read(struct log_file *file, json_t *lines, struct error *err) MUST_CHECK;
