#pragma once
/*
 * What all requests to AWS share: connections, AWS's clock, and what is known of each host. A host has a
 * circuit (aws/backoff.h) that opens when it fails.
 */
#include <stdbool.h>
#include <stdint.h>

#include <systemd/sd-event.h>

#include "base/error.h"
#include "daemon/aws_clock.h"

struct http;
struct upstream;

struct upstream *upstream_new(sd_event *event, struct http *http, struct aws_clock *clock);
/* What comes from now on goes over new connections: after a logout nothing of the old ones is to stay. */
void upstream_forget_connections(struct upstream *upstream);
/* Is this address's host known to be away? Then err says since what, and retry_at when it is asked again. */
bool upstream_is_away(struct upstream *upstream, const char *url, struct error *err);
/* For whoever gives up waiting for this address's host: what went wrong with it last, or only its silence. */
void upstream_explain_silence(struct upstream *upstream, const char *url, struct error *err);
