#pragma once
/*
 * Files of one person that must be whole at any instant: read only if they are theirs alone, replaced by a
 * rename, durable when the call returns.
 *
 * The folder of a path has been made by fs_make_private_dir(). Writers hold the lock; readers need none, for
 * a rename leaves them the old file or the new one.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"

/* A regular file of ours with mode 0600 or less, and no symlink: else an error that says what to do. */
bool private_file_read(const char *path, struct buffer *ret, bool *ret_exists, struct error *err) MUST_CHECK;
/* By PATH.new, which a writer that was killed may leave, and the next one takes away. */
bool private_file_replace(const char *path, const struct buffer *data, struct error *err) MUST_CHECK;
/* The same where nothing is there yet; nothing is ever overwritten. */
bool private_file_create(const char *path, const struct buffer *data, struct error *err) MUST_CHECK;
/* Gives the file the first free one of the names PATH.SUFFIX, PATH.SUFFIX.2, … */
bool private_file_set_aside(const char *path, const char *suffix, char **ret_path,
			    struct error *err) MUST_CHECK;
/* Waits some seconds for PATH.lock, no longer. Held until the descriptor is closed. */
bool private_file_lock(const char *path, int *ret_fd, struct error *err) MUST_CHECK;
