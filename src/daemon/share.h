#pragma once
/*
 * What is lent to a container, another machine or another user: some roles, on a socket of its own that
 * gives their credentials and nothing else (methods_share.c).
 *
 * What a profile means is decided when it is lent; it may be changed afterwards, and what was lent stays what
 * it was. A lending ends when its time is over, or when it is freed; with it go its socket and all
 * connections.
 */
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <systemd/sd-event.h>

#include "aws/target.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "daemon/aws_clock.h"
#include "daemon/server.h"
#include "daemon/session.h"

#define SHARES_MAX         16
#define SHARE_PROFILES_MAX 64

struct shares;
struct share;

struct shares_deps { /* all are main's */
	sd_event *event;
	struct server *server;
	/* What is offered on the sockets; the userdata of its methods is share_open()'s. */
	const struct method *methods;
	size_t n_methods;
	void (*refuse)(struct call *call, const char *method);
};

struct shares *shares_new(const struct shares_deps *deps);

struct lent_role {
	char *profile;
	struct role *role;
	struct session *session; /* sessions' */
};
void lent_role_done(struct lent_role *lent);

struct share_terms {
	const char *path;
	const char *name; /* NULL: the last part of the path */
	uid_t uid;        /* who may use it */
	uint64_t length_s;
	struct lent_role *roles_taken; /* by profile, n of them; taken when it returns true */
	size_t n;
};
/* Once, from the loop: its time is over, or iamicd is leaving (err). It is freed by then. */
typedef void (*share_fn)(const struct error *err, void *userdata);

bool share_open(struct shares *shares, const struct share_terms *terms, share_fn fn, void *userdata,
		struct share **ret, struct error *err) MUST_CHECK;
struct share *share_free(struct share *share);

const char *share_name(const struct share *share);
int64_t share_until(const struct share *share, const struct aws_clock *clock); /* by AWS's clock */
const struct lent_role *share_roles(const struct share *share, size_t *ret_n);
/* Which of them is asked for: by its profile's name, or by account and role. ERROR_DENIED: it is not lent. */
const struct lent_role *share_find(const struct share *share, const struct target *target, struct error *err);

typedef void (*share_visit_fn)(const struct share *share, void *userdata);
void shares_visit(const struct shares *shares, share_visit_fn fn, void *userdata);
/* iamicd is leaving. */
void shares_end(struct shares *shares);
