#pragma once
/* The sessions that were asked for so far, one for each name at one set of addresses. They live as long as
 * the daemon. */
#include "aws/endpoint.h"
#include "daemon/session.h"

struct sessions;

/* options: main's. */
struct sessions *sessions_new(const struct session_deps *deps, const struct endpoint_options *options);

/* The session of that definition, made and loaded if it is new. Takes the definition. */
bool sessions_get(struct sessions *sessions, struct sso_session *definition_taken, struct session **ret,
		  struct error *err) MUST_CHECK;
/*
 * A person has unlocked the store: what could not be loaded is loaded now, and what could not be kept is
 * kept.
 */
void sessions_store_unlocked(struct sessions *sessions);
/* What the store has refused is offered to it once more: there will be no other time. */
void sessions_keep_unsaved(struct sessions *sessions);
/* Something else is known of when they end. */
void sessions_foretell_again(struct sessions *sessions);
/* What failed for want of a network, or waits for a time that the clock has jumped over, has its turn now. */
void sessions_try_again(struct sessions *sessions);
/* The store is another one: it gets what is known of each sign-in now. */
void sessions_store_moved(struct sessions *sessions);
/* Does one of them wait for a person? */
bool sessions_are_signing_in(const struct sessions *sessions);

/* session_lock(), session_unlock() of all. */
void sessions_lock(struct sessions *sessions);
void sessions_unlock(struct sessions *sessions);
/* Those that locking has signed out. */
void sessions_visit_lost(const struct sessions *sessions, void (*fn)(const char *name, void *userdata),
			 void *userdata);
