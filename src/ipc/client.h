#pragma once
/*
 * Blocking calls to the daemon, for the command line. One connection, one call at a time; a reply over
 * IAMIC_REPLY_MAX, or one that is not varlink, is ERROR_UNAVAILABLE. An error reply becomes err with its kind
 * and its message; "the running daemon is older: systemctl --user restart iamicd" for a method that it does
 * not know.
 */
#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "base/error.h"

struct client;

/* Starts the daemon where there is none. */
bool client_open(uint64_t deadline_usec, struct client **ret, struct error *err) MUST_CHECK;
/* Starts none: ERROR_UNAVAILABLE where none runs. */
bool client_open_running(uint64_t deadline_usec, struct client **ret, struct error *err) MUST_CHECK;
struct client *client_close(struct client *client);
DEFINE_CLEANUP(struct client *, client_close)
/* For poll() beside a terminal or a signal, once client_next() has timed out: replies that came together have
 * been read together. */
int client_fd(const struct client *client);

/* method is the last part: "Status". parameters_taken may be NULL. */
bool client_call(struct client *client, const char *method, json_t *parameters_taken, uint64_t deadline_usec,
		 json_t **ret_parameters, struct error *err) MUST_CHECK;
/* Begins a call with "more"; then client_next() until *ret_continues is false. */
bool client_send(struct client *client, const char *method, json_t *parameters_taken, bool more,
		 struct error *err) MUST_CHECK;
/* deadline UINT64_MAX: none. ERROR_TIMED_OUT when it passes, and the call can go on being waited for. */
bool client_next(struct client *client, uint64_t deadline_usec, json_t **ret_parameters, bool *ret_continues,
		 struct error *err) MUST_CHECK;
/* The last error reply's own parameters (openUrl, code, retryAt), or NULL; borrowed. */
const json_t *client_error_parameters(const struct client *client);
