#pragma once
/*
 * Who was given the credentials of which role: $XDG_STATE_HOME/iamic/log, a line of JSON each, no secret.
 *
 * Whoever waits for credentials does not wait for a disk: lines gather in memory, a bounded number of them,
 * and are written a moment later, all at once and without fsync. What is lost when the disk is full is
 * counted, and said in the file.
 */
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <systemd/sd-event.h>

#include "base/error.h"

struct ledger;

struct handout {
	const char *session, *account_id, *role_name;
	pid_t pid;         /* who got them */
	const char *share; /* through which lending; or NULL */
};

/* is_kept: else nothing is recorded. */
struct ledger *ledger_new(sd_event *event, bool is_kept);
void ledger_add(struct ledger *ledger, const struct handout *handout);
/* Now; false when some lines are still in memory alone. */
bool ledger_write(struct ledger *ledger, struct error *err) MUST_CHECK;
/* NULL: nothing is recorded. */
const char *ledger_path(const struct ledger *ledger);
