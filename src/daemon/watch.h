#pragma once
/*
 * Notices that the world has moved: the network has changed, the machine has slept, somebody has set the
 * clock. Each makes old connections, and old verdicts on who can be reached, worthless.
 */
#include <systemd/sd-event.h>

struct watch;

/* moved: from the loop, once for a burst of changes. */
struct watch *watch_new(sd_event *event, void (*moved)(const char *what, void *userdata), void *userdata);
