#pragma once
/*
 * When to ask AWS again: the decisions of daemon/retry.c as pure functions over CLOCK_BOOTTIME microseconds.
 */
#include <stdbool.h>
#include <stdint.h>

/*
 * Exponential with full jitter: uniformly within [0, min(20 s, 100 ms · 2^attempt)], attempt counted from 0.
 * random is any 32-bit value. retry_after_s (or -1) from the server is obeyed: the result is never less, and
 * at most 5 minutes.
 */
uint64_t backoff_pause_usec(unsigned attempt, uint32_t random, int64_t retry_after_s);

/*
 * One host's circuit. Closed until 3 requests in a row failed, or for 5 s every one did; then open: asks are
 * answered at once, except one probe at a time, 1 s after it opened, then after pauses that double up to 30
 * s.
 */
struct circuit {
	unsigned failures;           /* in a row */
	uint64_t first_failure_usec; /* of that row */
	uint64_t pause_usec;         /* 0: closed */
	uint64_t probe_at_usec;
	bool is_probing;
};

/* May a request go out now? While open, *ret_probe_at_usec says when the next may. */
bool circuit_admits(struct circuit *circuit, uint64_t now_usec, uint64_t *ret_probe_at_usec);
void circuit_succeeded(struct circuit *circuit);
void circuit_failed(struct circuit *circuit, uint64_t now_usec);
/* An admitted request was withdrawn without an outcome. */
void circuit_withdrawn(struct circuit *circuit);
bool circuit_is_open(const struct circuit *circuit);
