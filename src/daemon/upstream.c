#include "daemon/upstream.h"

#include <stdlib.h>
#include <string.h>

#include "aws/endpoint.h"
#include "base/clock.h"
#include "base/xalloc.h"
#include "daemon/http.h"
#include "daemon/upstream_private.h"

#define HOSTS_MAX 64

struct upstream *upstream_new(sd_event *event, struct http *http, struct aws_clock *clock)
{
	struct upstream *upstream = xcalloc(1, sizeof(*upstream));

	upstream->event = sd_event_ref(event);
	upstream->http = http;
	upstream->clock = clock;
	list_init(&upstream->hosts);
	list_init(&upstream->retries);
	return upstream;
}

/* Callers may name regions and addresses as they like: what is known of hosts has an end. */
static void make_room(struct upstream *upstream)
{
	struct host *host;

	if (upstream->n_hosts < HOSTS_MAX)
		return;
	list_for_each (host, &upstream->hosts, struct host, link) {
		if (host->n_retries > 0)
			continue;
		list_remove(&host->link);
		upstream->n_hosts--;
		free(host->origin);
		free(host);
		return;
	}
}

/* The one that was asked for last is last. */
struct host *upstream_host(struct upstream *upstream, const char *url)
{
	_cleanup_free_ char *origin = url_origin(url);
	struct host *host;

	list_for_each (host, &upstream->hosts, struct host, link) {
		if (strcmp(host->origin, origin ? origin : "") != 0)
			continue;
		list_remove(&host->link);
		list_append(&upstream->hosts, &host->link);
		return host;
	}
	make_room(upstream);
	host = xcalloc(1, sizeof(*host));
	host->origin = origin ? TAKE(origin) : xstrdup("");
	list_append(&upstream->hosts, &host->link);
	upstream->n_hosts++;
	return host;
}

void upstream_forget_connections(struct upstream *upstream)
{
	http_forget_connections(upstream->http);
}

void host_explain_away(const struct host *host, uint64_t probe_at_usec, struct error *err)
{
	uint64_t now = clock_boot_usec();
	int64_t wait_s = probe_at_usec > now ? (int64_t)((probe_at_usec - now) / USEC_PER_SEC) + 1 : 1;

	*err = host->last_error;
	err->kind = ERROR_UNAVAILABLE;
	err->retry_at = clock_wall_s() + wait_s;
}

void upstream_explain_silence(struct upstream *upstream, const char *url, struct error *err)
{
	_cleanup_free_ char *proxy = http_proxy_for(upstream->http, url);
	const struct host *host = upstream_host(upstream, url);

	if (host->circuit.failures > 0)
		host_explain_away(host, host->circuit.probe_at_usec, err);
	else
		error_set(err, ERROR_TIMED_OUT, "%s: no answer in time%s%.100s: try again, or wait longer",
			  host->origin, proxy ? " through the proxy " : "", proxy ? proxy : "");
}

/* Looks without taking the place of the next probe. */
bool upstream_is_away(struct upstream *upstream, const char *url, struct error *err)
{
	struct host *host = upstream_host(upstream, url);

	if (!circuit_is_open(&host->circuit))
		return false;
	if (!host->circuit.is_probing && host->circuit.probe_at_usec <= clock_boot_usec())
		return false;
	host_explain_away(host, host->circuit.probe_at_usec, err);
	return true;
}
