#pragma once
/* The daemon as the verbs talk to it: calls that end in time, and lists that come a page at a time. */
#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "aws/target.h"
#include "base/error.h"
#include "ipc/client.h"

/* Starts the daemon where there is none. */
bool agent_open(struct client **ret, struct error *err) MUST_CHECK;
bool agent_call(struct client *client, const char *method, json_t *parameters_taken, json_t **ret,
		struct error *err) MUST_CHECK;
/* What the daemon is and has. */
bool agent_status(struct client *client, json_t **ret, struct error *err) MUST_CHECK;
/*
 * Once the store has said what it holds, of that session or, for NULL, of all: a daemon that has just been
 * started learns it a moment later. As things are when max_usec have passed.
 */
bool agent_status_loaded(struct client *client, const char *session, uint64_t max_usec, json_t **ret,
			 struct error *err) MUST_CHECK;
/* The session of that name in a reply to Status, or NULL. */
const json_t *agent_find_session(const json_t *status, const char *name);
/* Is one of its sessions in that state? */
bool agent_has_state(const json_t *status, const char *state);
/* The reply to the last agent_status() that had one, not the caller's; or NULL. */
const json_t *agent_last_status(void);
/* What state a session was in then; NULL: it is not known. */
const char *agent_session_state(const char *name);
/* Warnings of the daemon's, such as a configuration that is not in force. */
void agent_print_warnings(const json_t *status);
/* Adds to what the daemon's error says what a person can do about it at a command line. */
void agent_explain(const struct client *client, struct error *err);

/*
 * How a call names its session, to be added to: name NULL is the only one; proposal describes one that no
 * file has yet, or is NULL.
 */
json_t *agent_session_parameters(const char *name, const struct session_proposal *proposal);

/* What is assigned changes with the next sign-in, as a rule: till then an hour is not old for who chooses. */
#define AGENT_LIST_MAX_AGE_S 3600

/* Called for each page as it arrives; false ends the list with err. */
typedef bool (*page_fn)(const json_t *page, void *userdata, struct error *err);
/* Appends the rows of all pages, which stand in the member of that name; not more than fit into memory. */
bool agent_list_rows(struct client *client, const char *method, const char *name, json_t *parameters_taken,
		     json_t *rows, struct error *err) MUST_CHECK;
/* Likewise those of a list that client_send() has begun. */
bool agent_receive_rows(struct client *client, const char *name, json_t *rows, struct error *err) MUST_CHECK;
bool agent_list(struct client *client, const char *method, json_t *parameters_taken, page_fn on_page,
		void *userdata, struct error *err) MUST_CHECK;

/* Members of a reply. A text that is missing, null or no text is NULL. */
const char *agent_text(const json_t *reply, const char *name);
/* Likewise a time, in seconds since the epoch. */
bool agent_time(const json_t *reply, const char *name, int64_t *ret);
/* The time now by the clock that the reply's times are of: AWS's, as the daemon knows it. */
int64_t agent_now(const json_t *reply);
