#pragma once
/*
 * Changing the AWS configuration file.
 *
 * One writer at a time: opening waits for a lock on the file's folder and reads what the file holds then. The
 * new text goes into a file beside it, which takes its place, where the path leads through a symbolic link
 * the place of what that points to; mode and owner stay. What the file held before is kept once, in
 * PATH.iamic-backup. A new file is 0600, in a folder that is made 0700. Nothing is written where nothing
 * changes, into a file that is broken (it is refused with PATH:LINE), or that is read-only.
 */
#include "aws/config.h"
#include "aws/config_edit.h"
#include "base/buffer.h"
#include "base/error.h"

#define CONFIG_FILE_MAX (16 * 1024 * 1024) /* bytes */

struct config_file;

enum config_file_use {
	CONFIG_FILE_LOOK, /* nothing is made, locked or written */
	CONFIG_FILE_CHANGE,
};

bool config_file_open(const char *path, enum config_file_use use, struct config_file **ret,
		      struct error *err) MUST_CHECK;
/* Gives the lock back; the folder, too, where it was made for nothing. */
struct config_file *config_file_close(struct config_file *file);
DEFINE_CLEANUP(struct config_file *, config_file_close)

/* What the file holds; borrowed. */
const struct config *config_file_now(const struct config_file *file);
bool config_file_exists(const struct config_file *file);
const struct buffer *config_file_text(const struct config_file *file);
/* ERROR_CONFIG: it may not be written, as where Nix or stow manage it. */
bool config_file_check_writable(const struct config_file *file, struct error *err) MUST_CHECK;

/* What the file would hold; the same as it does where nothing changes. */
bool config_file_edit(const struct config_file *file, const struct config_edit *edits, size_t n,
		      struct buffer *ret, struct error *err) MUST_CHECK;
/* backup: the text to be kept beside it; NULL: none. */
bool config_file_write(struct config_file *file, const struct buffer *text, const struct buffer *backup,
		       struct error *err) MUST_CHECK;

/* The sections that the edits are about as they stand in text: what to paste into a file that is read-only.
 */
bool config_file_print_sections(const struct config_file *file, const struct buffer *text,
				const struct config_edit *edits, size_t n, struct error *err) MUST_CHECK;
/* As diff -u. On a terminal no byte of the file moves the cursor. */
bool config_file_print_diff(const struct config_file *file, const struct buffer *text,
			    struct error *err) MUST_CHECK;
