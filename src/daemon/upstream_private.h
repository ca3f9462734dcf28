#pragma once
/* What upstream.c and retry.c share. */
#include "aws/backoff.h"
#include "base/error.h"
#include "base/list.h"
#include "daemon/upstream.h"

struct host {
	struct list link; /* in upstream.hosts */
	char *origin;
	struct circuit circuit;
	struct error last_error;
	uint64_t answered_usec; /* when it last did, in whatever way */
	unsigned n_retries;     /* that ask it */
};

struct upstream {
	sd_event *event;
	struct http *http;       /* main's */
	struct aws_clock *clock; /* main's */
	struct list hosts;       /* struct host, by .link */
	unsigned n_hosts;
	struct list retries; /* struct retry, by .link */
};

/* Kept as long as retries ask it. */
struct host *upstream_host(struct upstream *upstream, const char *url);
/* What went wrong with it last, and when it is asked again. */
void host_explain_away(const struct host *host, uint64_t probe_at_usec, struct error *err);
