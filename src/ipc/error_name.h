#pragma once
/* The one table that joins enum error_kind (and so the exit status) and the error names of io.iamic.Agent.
 * libc only. */
#include "base/error.h"

/* "io.iamic.Agent.LoginRequired"; ERROR_INTERNAL's for what has no name of its own. */
const char *error_name(enum error_kind kind);
/* Also varlink's own names (MethodNotFound and the like); ERROR_INTERNAL for unknown ones. */
enum error_kind error_kind_of_name(const char *name);

/* What a client says to MethodNotFound: the program was updated, the daemon goes on as it was. */
#define ERROR_NAME_OLDER_DAEMON "the running daemon is older: systemctl --user restart iamicd"
/* What one says whose connection ended without a reply. */
#define ERROR_NAME_NO_REPLY                                                                                  \
	"the daemon ended before it answered: try again; 'iamic status' starts it and says what it has"
