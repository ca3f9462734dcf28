#pragma once
/* Whether a configuration differs from what it was by some edits and by nothing else. Pure. */
#include "aws/config_edit.h"

bool config_edit_holds(const struct config *before, const struct config *after,
		       const struct config_edit *edits, size_t n_edits);
