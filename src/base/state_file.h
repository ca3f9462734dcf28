#pragma once
/*
 * Small files of iamic's own in $XDG_STATE_HOME/iamic, each replaced as a whole. There is no secret in
 * them, and none is needed: where they cannot be kept, what they would have said is found out anew.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"

bool state_file_path(const char *name, char **ret, struct error *err) MUST_CHECK;
/* As fs_read(). */
bool state_file_read(const char *name, struct buffer *ret, bool *ret_exists, struct error *err) MUST_CHECK;
/* In another folder of the person's, absolute and private. */
bool state_file_write_in(const char *folder, const char *name, const char *data, size_t len, bool is_durable,
			 struct error *err) MUST_CHECK;
/* Makes the folder, too. is_durable: outlives a crash of the machine, at the price of an fsync. */
bool state_file_write(const char *name, const char *data, size_t len, bool is_durable,
		      struct error *err) MUST_CHECK;
/* One that is not there is removed. */
bool state_file_remove(const char *name, struct error *err) MUST_CHECK;
