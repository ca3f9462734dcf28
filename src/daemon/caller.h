#pragma once
/* Who asks for credentials: what the gate may decide by, and what it logs. */
#include <stdbool.h>
#include <sys/types.h>

struct caller {
	bool is_iamicd; /* itself */
	pid_t pid;      /* 0 also where it cannot be seen from here: in another PID namespace */
	const char *listener;
	const char *share;    /* the lending through which it asks, the listener's; NULL: none */
	bool stays;           /* it will ask again for as long as it runs, or opens an endpoint for that */
	const void *endpoint; /* the one through which it does; or NULL */
};
