#pragma once
/*
 * iamic's own configuration files, by inih, with what Debian's inih would lose in silence refused instead:
 * lines over 198 bytes, names of sections over 49, text behind " ;" in a value. Also refused are bytes that
 * are not UTF-8, and lines that are neither comment, [section] nor key. Indented lines are lines like any
 * other. Every error is ERROR_CONFIG and says PATH:LINE. No file is opened here.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct ini_entry {
	const char *section; /* "" before the first */
	unsigned section_line;
	const char *name, *value; /* trimmed */
	unsigned line;
};

typedef bool (*ini_entry_fn)(const struct ini_entry *entry, void *userdata, struct error *err);

/* Calls fn for each key in order, until it returns false. path is for messages. */
bool ini_read(const char *path, const char *data, size_t len, ini_entry_fn fn, void *userdata,
	      struct error *err) MUST_CHECK;
