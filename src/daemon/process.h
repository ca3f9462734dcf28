#pragma once
/* What the process is allowed and made to be, before it touches a secret; and how it tells that it is ready.
 */
#include <stdbool.h>

#include "base/error.h"

/* Before anything is opened or allocated: descriptors 0 to 2, no dumps, no new privileges, limits, wiping
 * allocators, the arena. */
bool process_harden(struct error *err) MUST_CHECK;
/* $JOURNAL_STREAM names our stderr. */
bool process_logs_to_journal(void);
/* From now on nobody's pipe is held open: stdio is /dev/null, for a daemon that a client started. */
void process_let_go_of_stdio(void);
