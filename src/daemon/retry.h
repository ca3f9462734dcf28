#pragma once
/*
 * A request to AWS, asked again for as long as that can help: the one place that repeats requests.
 *
 * Connection failures, resets, cut-off replies, 5xx and throttling are repeated with exponential backoff and
 * full jitter, obeying Retry-After, within the deadline. Each host has a circuit (aws/backoff.h): while AWS
 * is known to be away a new request is answered at once; one that is under way waits and is the next probe.
 *
 * Each attempt is signed anew, by AWS's clock; one that was refused for its date is made once more by the
 * date of the refusal.
 *
 * A retry is owned by whoever started it. Its callback runs exactly once, from the event loop and never from
 * inside retry_start(), and only while the retry is alive: freeing it is how to cancel it.
 */
#include <stdbool.h>
#include <stdint.h>

#include <systemd/sd-event.h>

#include "aws/request.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "daemon/upstream.h"

struct retry;

/*
 * reply is the last that came: any status, 429 and 5xx too when time ran out. NULL when none came, then err
 * says why. Both are gone when the callback returns.
 */
typedef void (*retry_fn)(const struct aws_reply *reply, const struct error *err, void *userdata);

/* Takes the contents of *request_taken. deadline_usec is on the boot clock. */
struct retry *retry_start(struct upstream *upstream, struct aws_request *request_taken,
			  uint64_t deadline_usec, retry_fn fn, void *userdata);
/* Someone else waits for it as well, and longer. */
void retry_extend(struct retry *retry, uint64_t deadline_usec);
struct retry *retry_free(struct retry *retry);
/* After resume, a change of network or of the configuration: no old connection, and no old verdict on a host,
 * is worth anything; what has failed is tried again at once. */
void upstream_network_changed(struct upstream *upstream);
