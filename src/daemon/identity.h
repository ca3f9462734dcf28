#pragma once
/*
 * Who came back from a sign-in: the user name at the end of the STS ARN of a role in use, else of the first
 * one listed.
 *
 * However many follow one sign-in, AWS is asked once; nobody waits longer than 5 s, and then, or when AWS
 * does not say, the answer is NULL. An ask is owned by whoever began it; its callback runs once, from the
 * event loop.
 */
#include "aws/endpoint.h"
#include "base/cleanup.h"
#include "daemon/roles.h"
#include "daemon/session.h"

struct identities;
struct identity_ask;

typedef void (*identity_fn)(const char *user, void *userdata);

struct identities *identities_new(const struct session_deps *deps, struct roles *roles,
				  const struct endpoint_options *options);

struct identity_ask *identity_ask(struct identities *identities, struct session *session, identity_fn fn,
				  void *userdata);
struct identity_ask *identity_ask_free(struct identity_ask *ask);
/* What is being asked is given up: whoever waits hears that nothing is known. */
void identities_stop(struct identities *identities);
/* What is known without asking, or NULL. */
const char *identity_known(const struct identities *identities, const struct session *session);
