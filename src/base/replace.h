#pragma once
/*
 * A file that is whole at any instant: new text goes into a file beside it, which is then given its name.
 * Everything here is durable when it returns. False: errno says why, and nothing has changed.
 */
#include <stdbool.h>
#include <sys/stat.h>

#include "base/buffer.h"

/*
 * fresh is the name of the file beside it: what stands there, which a writer that was killed may have left,
 * is taken away. like: whose mode, and owner where that can be, the new file gets; NULL: ours, 0600.
 */
bool replace_file(const char *path, const char *fresh, const struct buffer *data,
		  const struct stat *like) MUST_CHECK;
/* The same where nothing may be there yet: EEXIST. */
bool replace_nothing(const char *path, const char *fresh, const struct buffer *data) MUST_CHECK;
/* Renames to a name that nothing may have yet: EEXIST. */
bool replace_rename_to_nothing(const char *from, const char *to) MUST_CHECK;
