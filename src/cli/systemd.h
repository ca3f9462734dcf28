#pragma once
/*
 * The person's service manager and iamicd's unit, by way of systemd's own tools: iamic links none of its
 * libraries.
 */
#include <stdbool.h>

#include "base/clock.h"

#define SYSTEMD_PATIENCE (10 * USEC_PER_SEC)

struct systemd {
	char *why_not;    /* one line: there is no service manager to be asked; NULL: there is */
	unsigned version; /* of the one that runs */
	bool is_loaded;   /* it knows iamicd.service */
	bool is_enabled;  /* iamicd.socket listens with every login */
	bool is_strict;   /* the unit has a user namespace of its own, as strict.conf wants it */
	long long pid;    /* of the service that runs; 0: none does */
	char *unit;       /* the files that the unit is made of, as text */
};

void systemd_look(struct systemd *ret);
void systemd_done(struct systemd *systemd);
