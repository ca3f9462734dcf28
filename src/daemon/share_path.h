#pragma once
/*
 * Where a lending has its socket: in a folder in which nobody else could put another one in its place, and
 * never in the place of what is not a left-over socket of the person's own.
 */
#include <stdbool.h>

#include "base/error.h"

/* is_for_others: any uid may connect, and is looked at then. ERROR_CONFIG says what is wrong there. */
bool share_path_listen(const char *path, bool is_for_others, int *ret_fd, struct error *err) MUST_CHECK;
