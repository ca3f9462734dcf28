/* All connections of the socket: how many there are, whose turn it is to go, and the end of all. */

#include "base/clock.h"
#include "base/log.h"
#include "daemon/connection_private.h"

void connections_init(struct connections *connections, sd_event *event)
{
	*connections = (struct connections){
		.event = sd_event_ref(event),
		.idle_since_usec = clock_boot_usec(),
		.used_usec = clock_boot_usec(),
	};
	list_init(&connections->all);
}

unsigned connections_count(const struct connections *connections)
{
	return connections->count;
}

uint64_t connections_idle_since(const struct connections *connections)
{
	return connections->n_calls ? UINT64_MAX : connections->idle_since_usec;
}

uint64_t connections_used_at(const struct connections *connections)
{
	return connections->n_working ? clock_boot_usec() : connections->used_usec;
}

static bool is_idle(const struct connection *connection)
{
	return !connection->call && !connection->next && connection->out.len == 0 &&
	       connection->secret_out.len == 0;
}

static struct connection *find_idlest(const struct connections *connections, bool is_lent)
{
	struct connection *connection;

	list_for_each (connection, &connections->all, struct connection, link) {
		if (is_idle(connection) && (!is_lent || connection->listener->share))
			return connection;
	}
	return NULL;
}

bool connections_has_idle(const struct connections *connections)
{
	return find_idlest(connections, false) != NULL;
}

static bool close_idlest(struct connections *connections, bool is_lent)
{
	struct connection *connection = find_idlest(connections, is_lent);

	if (!connection)
		return false;
	log_info("%s: pid %d: closed to make room for others", connection->listener->name,
		 (int)connection->pid);
	connection_end(connection);
	return true;
}

void connections_close_idlest(struct connections *connections)
{
	(void)close_idlest(connections, false);
}

bool connections_make_lent_room(struct connections *connections, unsigned max)
{
	return connections->n_lent < max || close_idlest(connections, true);
}

void connections_end_of(struct connections *connections, const struct listener *listener)
{
	struct connection *connection;

	list_for_each (connection, &connections->all, struct connection, link) {
		if (connection->listener == listener)
			connection_end(connection);
	}
}

static bool ends_early(const struct method *method)
{
	return method->kind != METHOD_IS_SEEN_THROUGH && method->kind != METHOD_STANDS;
}

/* A call that ends moves its connection to the end of the list, where it is met again, without one. */
void connections_end_calls(struct connections *connections, const struct error *why)
{
	struct connection *connection;

	list_for_each (connection, &connections->all, struct connection, link) {
		if (connection->secret_out.len > 0)
			connection_end(connection);
		else if (connection->call && ends_early(connection->call->method))
			call_fail(connection->call, why, NULL);
	}
}

void connections_drain(struct connections *connections, void (*fn)(void *userdata), void *userdata)
{
	struct connection *connection;

	connections->is_draining = true;
	list_for_each (connection, &connections->all, struct connection, link) {
		if (is_idle(connection))
			connection_look_once_more(connection);
	}
	if (connections->count == 0) {
		fn(userdata);
		return;
	}
	connections->drained = fn;
	connections->drained_userdata = userdata;
}
