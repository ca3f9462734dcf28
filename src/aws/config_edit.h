#pragma once
/*
 * AWS's configuration file with some keys of it changed: the file's text in, its new text out. Pure.
 *
 * What is not named stays as it is, byte for byte: comments, order, blank lines, how keys are indented and
 * spelt, line ends (LF or CRLF), a missing one at the end. A value that is the same already is no change. A
 * file that the reader (aws/config_reader.h) refuses is refused here in the same words; and what was written
 * is read again before it is given out: it must hold the changes and nothing else that was not there before.
 */
#include "aws/config.h"
#include "base/buffer.h"
#include "base/error.h"

struct config_change {
	const char *key;   /* in lower-case; each at most once in a section */
	const char *value; /* NULL: the key is taken away */
};

/* One section; each at most once in a list. One that is not there is added at the end, with what is set. */
struct config_edit {
	enum config_kind kind;
	const char *name;
	bool removes; /* the whole section, with the comments between its keys */
	const struct config_change *changes;
	size_t n_changes;
};

/*
 * Appends the new text to ret. path is for messages only. ERROR_CONFIG: the file is broken (PATH:LINE), or a
 * name or value cannot be written (aws/config_word.h).
 */
bool config_edit(const char *path, const char *data, size_t len, const struct config_edit *edits,
		 size_t n_edits, struct buffer *ret, struct error *err) MUST_CHECK;
