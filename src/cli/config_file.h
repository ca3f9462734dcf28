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
	CONFIG_FILE_LOOK,  /* nothing is made, locked or written */
	CONFIG_FILE_PRINT, /* likewise */
	CONFIG_FILE_CHANGE,
};

bool config_file_open(const char *path, enum config_file_use use, struct config_file **ret,
		      struct error *err) MUST_CHECK;
/* Gives the lock back; the folder, too, where it was made for nothing. */
struct config_file *config_file_close(struct config_file *file);
DEFINE_CLEANUP(struct config_file *, config_file_close)

/* What the file holds; borrowed. */
const struct config *config_file_now(const struct config_file *file);

enum config_file_outcome {
	CONFIG_FILE_SAME,  /* there was nothing to do */
	CONFIG_FILE_SHOWN, /* because nothing is to be written */
	CONFIG_FILE_WRITTEN,
};

/*
 * Puts the edits into what the file holds. A file that was opened to LOOK is left alone: the difference is
 * printed as diff -u has it; one to PRINT, likewise: the sections are printed as they would be. ERROR_CONFIG
 * for a file that is read-only: then the sections as they should be are printed, to be pasted where the file
 * is made.
 */
bool config_file_save(struct config_file *file, const struct config_edit *edits, size_t n,
		      enum config_file_outcome *ret, struct error *err) MUST_CHECK;
