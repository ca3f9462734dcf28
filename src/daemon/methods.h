#pragma once
/*
 * The methods of io.iamic.Agent and org.varlink.service on the main socket: each reads its parameters, asks
 * the modules that do the work, and writes the reply. What they work with is one struct agent, main's.
 */
#include <stddef.h>
#include <stdint.h>

#include <systemd/sd-event.h>

#include "aws/endpoint.h"
#include "daemon/configuration.h"
#include "daemon/container.h"
#include "daemon/identity.h"
#include "daemon/link_door.h"
#include "daemon/roles.h"
#include "daemon/server.h"
#include "daemon/sessions.h"
#include "daemon/share.h"
#include "daemon/store.h"

struct lock_watch;
struct locking;

struct agent {
	sd_event *event;
	struct configuration *configuration;
	struct endpoint_options endpoints;
	struct session_deps deps;
	struct sessions *sessions;
	struct ledger *ledger;
	struct roles *roles;
	struct list_memory *lists;
	struct identities *identities;
	struct containers *containers;
	struct shares *shares;
	struct link_doors *doors;
	struct server *server;
	struct locking *locking;
	struct lock_watch *lock_watch;
	const char *socket_path;
	unsigned n_waiting_credentials;
	unsigned n_logouts;                 /* under way, also those whose client has gone */
	void (*logged_out)(void *userdata); /* or NULL; called when the last of them is over */
	void *logged_out_userdata;
};

/* What a target means, and its session. Looks at the files again before it says that something is not there.
 */
bool agent_role(struct agent *agent, const struct target *target, struct role **ret_role,
		struct session **ret_session, struct error *err) MUST_CHECK;

extern const struct method agent_methods[];
extern const size_t agent_n_methods;

/* What is lent, and what there is on sockets that are. The server must be there by then. */
struct shares *agent_shares_new(struct agent *agent);
