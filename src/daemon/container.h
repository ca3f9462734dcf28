#pragma once
/*
 * Endpoints on 127.0.0.1 from which a process gets the credentials of one role, as a container gets its own:
 * they stay fresh for as long as it runs. Each is of one process, ends with it, and answers
 * only who has its token; it serves what is kept, and waits for AWS no longer than SDKs wait for it.
 */
#include <sys/types.h>

#include "aws/target.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/secret.h"
#include "daemon/roles.h"

struct containers;

struct containers_deps {
	sd_event *event;
	struct roles *roles;
	/* What a target means now: the configuration may have changed. */
	bool (*find_role)(void *userdata, const struct target *target, struct role **ret_role,
			  struct session **ret_session, struct error *err);
	void *userdata;
};

struct containers *containers_new(const struct containers_deps *deps);
/* When one was asked last, on the boot clock; 0: never. */
uint64_t containers_used_at(const struct containers *containers);
bool containers_are_open(const struct containers *containers); /* any */

/*
 * The address; what to send as Authorization is borrowed, and good until that process ends. target is what
 * it is, and not what a profile will mean later; that of an assumed role is named by its profile or ARN.
 * allowed: the role that the gate has just let the process have, as a caller that stays.
 */
bool containers_open(struct containers *containers, pid_t pid, const struct target *target,
		     const struct role_key *allowed, char **ret_url, const struct secret **ret_token,
		     struct error *err) MUST_CHECK;
