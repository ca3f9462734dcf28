#pragma once
/*
 * How long portal sessions have lasted: no reply of AWS names the end of one, but its length is a setting of
 * the company, so the last ones foretell the next. Kept in $XDG_STATE_HOME/iamic/history: session names and
 * times, no secret. Where that cannot be written it is known for as long as the daemon runs.
 */
#include <stdbool.h>
#include <stdint.h>

struct history;

/* is_kept: on disk as well. */
struct history *history_new(bool is_kept);

/* A person signed in at that time. */
void history_signed_in(struct history *history, const char *session, int64_t at);
/* The portal session that began at signed_in_at was found to have ended; at worked_at it had not yet. */
void history_ended(struct history *history, const char *session, int64_t signed_in_at, int64_t worked_at,
		   int64_t at);
/* The shortest of the last three, in seconds; 0: none is known. */
int64_t history_length(const struct history *history, const char *session);
/*
 * For how long the next one will work: an end is found some time after it happened. As long as any of the
 * last three was seen to work, unless another had ended by then. 0: none is known.
 */
int64_t history_sure_length(const struct history *history, const char *session);

/* Is there a sign-in, to whatever session, that began unasked, and no person has acted since? */
bool history_is_unanswered(const struct history *history);
void history_unanswered(struct history *history, const char *session);
void history_answered(struct history *history);

/* Which sign-in, named by its time, a person was last told of that it ends soon; 0: none. */
int64_t history_reminded_of(const struct history *history, const char *session);
void history_reminded(struct history *history, const char *session, int64_t signed_in_at);
