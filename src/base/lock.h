#pragma once
/* One writer at a time. */
#include <stdbool.h>

/*
 * flock() that gives up: false, EINTR, after that many seconds. Held until the descriptor is closed. Uses
 * SIGALRM, and leaves it with a handler.
 */
bool lock_wait(int fd, unsigned patience_s);
