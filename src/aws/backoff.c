#include "aws/backoff.h"

#include <stddef.h>

#include "base/clock.h"

#define PAUSE_FIRST_USEC     (100 * USEC_PER_MSEC)
#define PAUSE_MAX_USEC       (20 * USEC_PER_SEC)
#define RETRY_AFTER_MAX_S    300
#define OPEN_AFTER_FAILURES  3
#define OPEN_AFTER_USEC      (5 * USEC_PER_SEC)
#define PROBE_PAUSE_USEC     (1 * USEC_PER_SEC)
#define PROBE_PAUSE_MAX_USEC (30 * USEC_PER_SEC)

static uint64_t longest_pause(unsigned attempt)
{
	uint64_t usec = PAUSE_FIRST_USEC;

	while (attempt-- > 0 && usec < PAUSE_MAX_USEC)
		usec *= 2;
	return usec < PAUSE_MAX_USEC ? usec : PAUSE_MAX_USEC;
}

uint64_t backoff_pause_usec(unsigned attempt, uint32_t random, int64_t retry_after_s)
{
	uint64_t pause = (longest_pause(attempt) + 1) * random >> 32;
	uint64_t least = 0;

	if (retry_after_s > 0)
		least = (uint64_t)(retry_after_s < RETRY_AFTER_MAX_S ? retry_after_s : RETRY_AFTER_MAX_S) *
			USEC_PER_SEC;
	return pause > least ? pause : least;
}

bool circuit_is_open(const struct circuit *circuit)
{
	return circuit->pause_usec != 0;
}

bool circuit_admits(struct circuit *circuit, uint64_t now_usec, uint64_t *ret_probe_at_usec)
{
	if (!circuit_is_open(circuit))
		return true;
	if (circuit->is_probing) {
		/* If that fails; if it succeeds, at once. */
		*ret_probe_at_usec = now_usec + circuit->pause_usec;
		return false;
	}
	if (now_usec < circuit->probe_at_usec) {
		*ret_probe_at_usec = circuit->probe_at_usec;
		return false;
	}
	circuit->is_probing = true;
	return true;
}

void circuit_succeeded(struct circuit *circuit)
{
	*circuit = (struct circuit){0};
}

static void open_for(struct circuit *circuit, uint64_t now_usec, uint64_t pause_usec)
{
	circuit->pause_usec = pause_usec < PROBE_PAUSE_MAX_USEC ? pause_usec : PROBE_PAUSE_MAX_USEC;
	circuit->probe_at_usec = now_usec + circuit->pause_usec;
	circuit->is_probing = false;
}

/* Open and no probe under way: one that was admitted before it opened, and says nothing new. */
void circuit_failed(struct circuit *circuit, uint64_t now_usec)
{
	if (circuit_is_open(circuit)) {
		if (circuit->is_probing)
			open_for(circuit, now_usec, circuit->pause_usec * 2);
		return;
	}
	if (circuit->failures++ == 0)
		circuit->first_failure_usec = now_usec;
	if (circuit->failures >= OPEN_AFTER_FAILURES ||
	    now_usec - circuit->first_failure_usec >= OPEN_AFTER_USEC)
		open_for(circuit, now_usec, PROBE_PAUSE_USEC);
}

/* The next ask may be the probe. */
void circuit_withdrawn(struct circuit *circuit)
{
	circuit->is_probing = false;
}
