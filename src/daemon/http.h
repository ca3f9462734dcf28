#pragma once
/*
 * HTTPS requests on the event loop. Only retry.c starts them: whether to ask again is decided there and
 * nowhere else.
 *
 * A request is owned by whoever started it. Its callback runs exactly once, from the event loop and never
 * from inside http_start(), and only while the request is alive: freeing a request is how to cancel it, also
 * inside the callback.
 */
#include <stdbool.h>
#include <stdint.h>

#include <systemd/sd-event.h>

#include "aws/request.h"
#include "base/cleanup.h"
#include "base/error.h"

struct http;
struct http_request;

/* Strings are copied; NULL: the system's CA bundle, no proxy. Open connections are not used again. */
struct http_options {
	const char *ca_bundle;
	const char *proxy;
	const char *no_proxy;
};

enum http_failure {
	HTTP_ANSWERED = 0,
	HTTP_UNREACHABLE, /* never got as far as sending: name, connection, proxy */
	HTTP_BROKEN,      /* reset or cut off after that */
	HTTP_TIMED_OUT,
	HTTP_REFUSED, /* asking again cannot help: TLS, too large, address not allowed */
};

struct http_result {
	enum http_failure failure;
	struct aws_reply reply; /* if HTTP_ANSWERED; gone when the callback returns */
	int64_t date_s;         /* of the Date header, or 0 */
	int64_t retry_after_s;  /* of the Retry-After header, or -1 */
	bool was_connection_reused;
	struct error err; /* if not HTTP_ANSWERED */
};

typedef void (*http_fn)(const struct http_result *result, void *userdata);

struct http *http_new(sd_event *event, const struct http_options *options);
void http_configure(struct http *http, const struct http_options *options);
/* Through which proxy that address is reached, without user name and password; NULL: through none. */
char *http_proxy_for(const struct http *http, const char *url);
/* After resume, a change of network, a timeout, a logout: connections that exist now carry no further
 * request. */
void http_forget_connections(struct http *http);

/* request is borrowed until the http_request is freed. is_fresh: on a new connection. */
struct http_request *http_start(struct http *http, const struct aws_request *request, uint64_t timeout_usec,
				bool is_fresh, http_fn fn, void *userdata);
struct http_request *http_request_free(struct http_request *request);
