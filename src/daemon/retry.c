/*
 *   start ──► ASKING ──(answered, or no use)──► done
 *               ▲ │
 *               │ └─(failed, 429, 5xx)──► PAUSING ──(deadline)──► done
 *               └──────────(pause over)──────┘
 */
#include "daemon/retry.h"

#include <stdlib.h>

#include "aws/reply.h"
#include "aws/sigv4.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "base/xalloc.h"
#include "daemon/http.h"
#include "daemon/timer.h"
#include "daemon/upstream_private.h"

#define ATTEMPT_TIMEOUT_USEC (15 * USEC_PER_SEC) /* then a new connection is the better bet */
#define SIGNED_AMISS_S       240                 /* AWS takes signatures that are 5 minutes off, or 15 */
#define TELLING_SILENCE_USEC (5 * USEC_PER_SEC)  /* a shorter one is a caller's hurry, and no sign of AWS's */

/* Why nothing is asked for a while: the host is not there, or wants it so. */
enum pause { PAUSE_AWAY, PAUSE_ASKED_FOR };

struct retry {
	struct list link;          /* in upstream.retries */
	struct upstream *upstream; /* main's */
	struct host *host;         /* the upstream's */
	struct aws_request request;
	struct http_request *attempt; /* ASKING */
	sd_event_source *timer;       /* PAUSING */
	bool awaits_network;          /* in that pause, which another network ends */
	unsigned n_failed;
	bool was_sent;       /* at least once: from then on an open circuit is waited for */
	uint64_t began_usec; /* the attempt, */
	bool is_probe;       /* which looks whether its host is back */
	bool began_so;       /* the first attempt did */
	int64_t signed_at_s; /* by AWS's clock, as far as it was known */
	bool was_signed_anew;
	bool was_moved; /* to another network, in the middle of an attempt */
	uint64_t deadline_usec;
	struct error err; /* of the last attempt */
	retry_fn fn;
	void *userdata;
};

static void finish(struct retry *retry, const struct aws_reply *reply, const struct error *err)
{
	timer_disarm(&retry->timer);
	retry->fn(reply, err, retry->userdata); /* may free retry: nothing after this line */
}

static int on_given_up(sd_event_source *source, void *userdata)
{
	struct retry *retry = userdata;

	(void)source;
	finish(retry, NULL, &retry->err); /* nothing after this line */
	return 0;
}

static void attempt(struct retry *retry, bool is_fresh);

static int on_pause_over(sd_event_source *source, uint64_t usec, void *userdata)
{
	(void)source;
	(void)usec;
	attempt(userdata, false);
	return 0;
}

/* An attempt over a connection of the old network may never end. Only what just reads is asked again, and
 * once: networks change by the second where containers come and go. */
static void move(struct retry *retry)
{
	if (retry->request.is_post || !retry->request.is_idempotent || retry->was_moved)
		return;
	retry->was_moved = true;
	retry->attempt = http_request_free(retry->attempt);
	attempt(retry, true);
}

void upstream_network_changed(struct upstream *upstream)
{
	struct retry *retry;
	struct host *host;

	http_forget_connections(upstream->http);
	list_for_each (host, &upstream->hosts, struct host, link)
		circuit_succeeded(&host->circuit);
	list_for_each (retry, &upstream->retries, struct retry, link) {
		if (retry->awaits_network)
			timer_arm(upstream->event, &retry->timer, clock_boot_usec(), on_pause_over, retry);
		else if (retry->attempt)
			move(retry);
	}
}

/* False when the deadline comes first. */
static bool pause_until(struct retry *retry, uint64_t at_usec, enum pause why)
{
	if (at_usec >= retry->deadline_usec)
		return false;
	timer_arm(retry->upstream->event, &retry->timer, at_usec, on_pause_over, retry);
	retry->awaits_network = why == PAUSE_AWAY;
	return true;
}

/* An attempt that says nothing of its host; if it was the probe, the next may go out. */
static void withdraw(const struct retry *retry)
{
	if (retry->is_probe)
		circuit_withdrawn(&retry->host->circuit);
}

/* A request that ran out of time while the host answered others has only stood in their queue. */
static void count_silence(const struct retry *retry, uint64_t now)
{
	struct host *host = retry->host;

	if (host->answered_usec >= retry->began_usec) {
		withdraw(retry);
		return;
	}
	http_forget_connections(retry->upstream->http);
	if (now - retry->began_usec < TELLING_SILENCE_USEC) {
		withdraw(retry);
		return;
	}
	if (!circuit_is_open(&host->circuit)) /* it failed all that time, not only at its end */
		circuit_failed(&host->circuit, retry->began_usec);
	circuit_failed(&host->circuit, now);
}

/* It was let through to look whether its host is back. It is not, and nobody waits for that. */
static void finish_away(struct retry *retry)
{
	host_explain_away(retry->host, retry->host->circuit.probe_at_usec, &retry->err);
	finish(retry, NULL, &retry->err); /* nothing after this line */
}

static void on_failed(struct retry *retry, const struct http_result *result)
{
	struct host *host = retry->host;
	uint64_t now = clock_boot_usec();
	bool may_have_arrived = result->failure == HTTP_BROKEN || result->failure == HTTP_TIMED_OUT;

	retry->err = host->last_error = result->err;
	if (result->failure == HTTP_BROKEN && result->was_connection_reused && retry->request.is_idempotent) {
		withdraw(retry); /* the server closed an idle connection: that says nothing of AWS */
		attempt(retry, true);
		return;
	}
	if (result->failure == HTTP_TIMED_OUT)
		count_silence(retry, now);
	else
		circuit_failed(&host->circuit, now);
	if (retry->began_so) {
		finish_away(retry); /* nothing after this line */
		return;
	}
	if (retry->request.is_poll || result->failure == HTTP_REFUSED ||
	    (may_have_arrived && !retry->request.is_idempotent) ||
	    !pause_until(retry, now + backoff_pause_usec(retry->n_failed++, random_u32(), -1), PAUSE_AWAY))
		finish(retry, NULL, &retry->err); /* nothing after this line */
}

/* AWS refuses what was signed by a clock that is wrong, and the refusal says what time it is. */
static bool was_signed_amiss(const struct retry *retry, const struct http_result *result)
{
	return retry->request.sign_with && !retry->was_signed_anew && result->date_s &&
	       result->reply.status >= 400 && result->reply.status < 500 &&
	       llabs(result->date_s - retry->signed_at_s) > SIGNED_AMISS_S;
}

static void on_answered(struct retry *retry, const struct http_result *result)
{
	struct host *host = retry->host;
	uint64_t now = clock_boot_usec(), pause;

	host->answered_usec = now;
	if (result->date_s && !retry->request.is_elsewhere)
		aws_clock_observe(retry->upstream->clock, result->date_s);
	if (result->reply.status >= 500) {
		error_set(&host->last_error, ERROR_UNAVAILABLE, "%s: answers HTTP %ld: try again later",
			  host->origin, result->reply.status);
		circuit_failed(&host->circuit, now);
		if (retry->began_so) {
			finish_away(retry); /* nothing after this line */
			return;
		}
	} else {
		circuit_succeeded(&host->circuit);
	}
	if (was_signed_amiss(retry, result)) {
		retry->was_signed_anew = true;
		attempt(retry, false);
		return;
	}
	if (retry->request.is_poll || (result->reply.status < 500 && !reply_is_throttled(&result->reply))) {
		finish(retry, &result->reply, NULL); /* nothing after this line */
		return;
	}
	error_set(&retry->err, ERROR_UNAVAILABLE, "%s: answers HTTP %ld: try again later", host->origin,
		  result->reply.status);
	pause = backoff_pause_usec(retry->n_failed++, random_u32(), result->retry_after_s);
	if (!pause_until(retry, now + pause, PAUSE_ASKED_FOR))
		finish(retry, &result->reply, NULL); /* nothing after this line */
}

static void on_result(const struct http_result *result, void *userdata)
{
	struct retry *retry = userdata;
	/* Its reply lives as long as the attempt; whatever follows may start the next one. */
	struct http_request *attempted = TAKE(retry->attempt);

	log_debug("%s: %s", retry->request.operation,
		  result->failure == HTTP_ANSWERED ? "answered" : result->err.message);
	/* The callback below may free retry, so the attempt that is being reported is ours to free. */
	if (result->failure == HTTP_ANSWERED)
		on_answered(retry, result);
	else
		on_failed(retry, result);
	http_request_free(attempted);
}

static void attempt(struct retry *retry, bool is_fresh)
{
	uint64_t now = clock_boot_usec(), left, probe_at_usec;

	timer_disarm(&retry->timer);
	retry->awaits_network = false;
	if (!circuit_admits(&retry->host->circuit, now, &probe_at_usec)) {
		host_explain_away(retry->host, probe_at_usec, &retry->err);
		if (!retry->was_sent ||
		    !pause_until(retry, probe_at_usec > now ? probe_at_usec : now + USEC_PER_SEC, PAUSE_AWAY))
			timer_defer(retry->upstream->event, &retry->timer, on_given_up, retry);
		return;
	}
	left = retry->deadline_usec > now ? retry->deadline_usec - now : USEC_PER_MSEC;
	retry->is_probe = circuit_is_open(&retry->host->circuit);
	retry->began_so = retry->is_probe && (retry->began_so || !retry->was_sent);
	retry->was_sent = true;
	retry->began_usec = now;
	if (retry->request.sign_with) {
		retry->signed_at_s = aws_clock_now(retry->upstream->clock);
		sigv4_sign(&retry->request, retry->signed_at_s);
	}
	/* libcurl by itself repeats what a reused connection has swallowed, so what must not be repeated gets
	 * a new one. */
	retry->attempt = http_start(retry->upstream->http, &retry->request,
				    left < ATTEMPT_TIMEOUT_USEC ? left : ATTEMPT_TIMEOUT_USEC,
				    is_fresh || !retry->request.is_idempotent, on_result, retry);
}

struct retry *retry_start(struct upstream *upstream, struct aws_request *request_taken,
			  uint64_t deadline_usec, retry_fn fn, void *userdata)
{
	struct retry *retry = xcalloc(1, sizeof(*retry));

	retry->upstream = upstream;
	retry->request = *request_taken;
	*request_taken = (struct aws_request){.body = BUFFER_INIT(0, &buffer_heap)};
	retry->host = upstream_host(upstream, retry->request.url);
	retry->deadline_usec = deadline_usec;
	retry->fn = fn;
	retry->userdata = userdata;
	retry->host->n_retries++;
	list_append(&upstream->retries, &retry->link);
	attempt(retry, false);
	return retry;
}

void retry_extend(struct retry *retry, uint64_t deadline_usec)
{
	if (deadline_usec > retry->deadline_usec)
		retry->deadline_usec = deadline_usec;
}

struct retry *retry_free(struct retry *retry)
{
	if (!retry)
		return NULL;
	list_remove(&retry->link);
	retry->host->n_retries--;
	if (retry->attempt)
		withdraw(retry);
	http_request_free(retry->attempt);
	timer_disarm(&retry->timer);
	aws_request_done(&retry->request);
	free(retry);
	return NULL;
}
