#pragma once
/* Files and folders of one person: where they are, and that they are theirs alone. */
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/buffer.h"
#include "base/error.h"

/* $HOME, which must be an absolute path; ERROR_CONFIG otherwise (we never ask the user database: libc only).
 */
bool fs_home(const char **ret_home, struct error *err) MUST_CHECK;
/* $VARIABLE if it is an absolute path, else $HOME/FALLBACK ("XDG_STATE_HOME", ".local/state"). */
bool fs_xdg(const char *variable, const char *fallback, char **ret_path, struct error *err) MUST_CHECK;
/*
 * Makes path, and parents that lack, 0700. What is there already must be a folder of ours that no one else
 * can write, and not a symlink: otherwise ERROR_CONFIG says which, and what to do.
 */
bool fs_make_private_dir(const char *path, struct error *err) MUST_CHECK;
/* Whole file, or ERROR_CONFIG when it has more than buffer's maximum. ret_exists false and true returned:
 * there is none. */
bool fs_read(const char *path, struct buffer *buffer, bool *ret_exists, struct error *err) MUST_CHECK;
/* What is left of an open one; path is for messages. */
bool fs_read_rest(int fd, const char *path, struct buffer *buffer, struct error *err) MUST_CHECK;
/* To remove a link would leave what it leads to; and that may be another program's. */
bool fs_is_link(const char *path);

void closep(int *fd);
#define _cleanup_close_ _cleanup_(closep)
