/* Accepting: who is let in, and how many. A connection's own life stands in connection.c. */
#include "daemon/server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/list.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "daemon/connection.h"
#include "daemon/timer.h"
#include "ipc/socket.h"

#define CONNECTIONS_MAX   2048
#define LENT_MAX          512 /* of them: whoever is lent something cannot keep its owner out */
#define DESCRIPTORS_KEPT  64  /* for AWS, the store and files */
#define ACCEPT_PAUSE_USEC (100 * USEC_PER_MSEC)
#define ACCEPTS_A_TURN    64

struct accepting {
	struct list link; /* in server.accepting */
	struct server *server;
	struct listener listener;
	sd_event_source *source;
	sd_event_source *pause;       /* of this one alone */
	bool has_turned_someone_away; /* and that has been said */
};

struct server {
	sd_event *event;
	struct list accepting; /* struct accepting, by .link */
	struct connections connections;
	sd_event_source *pause; /* out of descriptors: nobody is accepted until it ends */
	unsigned max;
	bool is_draining;
	bool is_short; /* of descriptors, and that has been said */
};

static unsigned connections_max(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur <= DESCRIPTORS_KEPT)
		return DESCRIPTORS_KEPT;
	limit.rlim_cur -= DESCRIPTORS_KEPT;
	return limit.rlim_cur < CONNECTIONS_MAX ? (unsigned)limit.rlim_cur : CONNECTIONS_MAX;
}

struct server *server_new(sd_event *event)
{
	struct server *server = xcalloc(1, sizeof(*server));

	server->event = sd_event_ref(event);
	server->max = connections_max();
	list_init(&server->accepting);
	connections_init(&server->connections, event);
	return server;
}

static void set_accepting(struct server *server, bool on)
{
	struct accepting *accepting;

	list_for_each (accepting, &server->accepting, struct accepting, link)
		sd_event_source_set_enabled(accepting->source, on ? SD_EVENT_ON : SD_EVENT_OFF);
}

static int on_pause_over(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct server *server = userdata;

	(void)source;
	(void)usec;
	timer_disarm(&server->pause);
	set_accepting(server, !server->is_draining);
	return 0;
}

/* A listening socket stays readable while we cannot accept: looking away for a moment keeps the loop from
 * spinning. Who connects waits in the kernel's queue. */
static void pause_accepting(struct server *server, const char *why)
{
	if (!server->is_short)
		log_warning("no connection can be accepted for the moment: %s", why);
	server->is_short = true;
	set_accepting(server, false);
	timer_arm(server->event, &server->pause, clock_boot_usec() + ACCEPT_PAUSE_USEC, on_pause_over,
		  server);
}

static int on_own_pause_over(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct accepting *accepting = userdata;

	(void)source;
	(void)usec;
	timer_disarm(&accepting->pause);
	sd_event_source_set_enabled(accepting->source,
				    accepting->server->is_draining ? SD_EVENT_OFF : SD_EVENT_ON);
	return 0;
}

static bool has_lent_room(struct accepting *accepting)
{
	struct server *server = accepting->server;

	if (!accepting->listener.share || connections_make_lent_room(&server->connections, LENT_MAX))
		return true;
	sd_event_source_set_enabled(accepting->source, SD_EVENT_OFF);
	timer_arm(server->event, &accepting->pause, clock_boot_usec() + ACCEPT_PAUSE_USEC, on_own_pause_over,
		  accepting);
	return false;
}

static bool is_transient(int error)
{
	return error == ECONNABORTED || error == EINTR || error == EPROTO || error == EPERM;
}

static bool is_full(const struct server *server)
{
	return connections_count(&server->connections) >= server->max;
}

/* A socket that is lent may be open to everyone on the machine: they are not to fill the log. */
static void turn_away(struct accepting *accepting, int fd, uid_t uid)
{
	if (!accepting->listener.share || !accepting->has_turned_someone_away)
		log_warning("%s: a process of uid %u was turned away", accepting->listener.name,
			    (unsigned)uid);
	accepting->has_turned_someone_away = true;
	connection_turn_away(&accepting->listener, fd, uid);
}

/* False when there is nobody left to accept. */
static bool accept_one(struct accepting *accepting)
{
	struct server *server = accepting->server;
	uid_t uid = (uid_t)-1;
	pid_t pid = 0;
	int fd;

	if (is_full(server) && !connections_has_idle(&server->connections)) {
		pause_accepting(server, "all that there may be have an open call");
		return false;
	}
	if (!has_lent_room(accepting))
		return false;
	fd = accept4(accepting->listener.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0) {
		if (is_transient(errno))
			return true;
		if (errno != EAGAIN)
			pause_accepting(server, strerror(errno));
		return false;
	}
	server->is_short = false;
	if (!socket_peer(fd, &uid, &pid) || uid != accepting->listener.uid) {
		turn_away(accepting, fd, uid);
		return true;
	}
	if (is_full(server))
		connections_close_idlest(&server->connections);
	connection_new(&server->connections, &accepting->listener, fd, pid);
	return true;
}

static int on_connecting(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	(void)source;
	(void)fd;
	(void)revents;
	for (int i = 0; i < ACCEPTS_A_TURN; i++) {
		if (!accept_one(userdata))
			break;
	}
	return 0;
}

struct accepting *server_listen(struct server *server, const struct listener *listener)
{
	struct accepting *accepting = xcalloc(1, sizeof(*accepting));

	accepting->server = server;
	accepting->listener = *listener;
	list_append(&server->accepting, &accepting->link);
	if (sd_event_add_io(server->event, &accepting->source, listener->fd, EPOLLIN, on_connecting,
			    accepting) < 0)
		abort();
	return accepting;
}

struct accepting *server_stop_listening(struct accepting *accepting)
{
	if (!accepting)
		return NULL;
	list_remove(&accepting->link);
	connections_end_of(&accepting->server->connections, &accepting->listener);
	sd_event_source_disable_unref(accepting->source);
	timer_disarm(&accepting->pause);
	close(accepting->listener.fd);
	free(accepting);
	return NULL;
}

void server_drain(struct server *server, void (*fn)(void *userdata), void *userdata)
{
	struct accepting *accepting;

	list_for_each (accepting, &server->accepting, struct accepting, link) {
		while (!accepting->listener.outlives_us && accept_one(accepting))
			;
	}
	server->is_draining = true;
	set_accepting(server, false);
	connections_drain(&server->connections, fn, userdata); /* may not come back */
}

void server_end_calls(struct server *server, const struct error *why)
{
	connections_end_calls(&server->connections, why);
}

uint64_t server_idle_since(const struct server *server)
{
	return connections_idle_since(&server->connections);
}

uint64_t server_used_at(const struct server *server)
{
	return connections_used_at(&server->connections);
}
