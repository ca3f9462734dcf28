#include "daemon/loopback.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/secret.h"
#include "base/wsl.h"
#include "base/xalloc.h"
#include "daemon/loopback_peer.h"
#include "daemon/loopback_visitor.h"
#include "daemon/timer.h"

#define BACKLOG           16
#define RESPONSE_MAX      (64 * 1024)
#define ACCEPT_PAUSE_USEC (100 * USEC_PER_MSEC)
#define HOST_SIZE         sizeof("127.0.0.1:65535")

struct loopback {
	sd_event *event;
	struct loopback_watcher watcher;
	int fd, port;
	char *path, host[HOST_SIZE];
	struct loopback_tables tables;
	sd_event_source *accepting, *pause;
	struct visitors visitors;
};

/* A page of another name that a browser was made to look up as 127.0.0.1 has another Host. Of the programs,
 * those that stand on AWS's libraries for C leave the port out. */
static bool has_own_host(const struct loopback *loopback, const struct http_head *head)
{
	const char *host = http_head_get(head, "Host");

	return host && (strcmp(host, loopback->host) == 0 ||
			(loopback->watcher.respond && strcmp(host, "127.0.0.1") == 0));
}

static const struct loopback *home_of(const struct visitor *visitor)
{
	return visitor->visitors->userdata;
}

/*
 * The address that a browser was opened with stands in its arguments for every user to read. Behind WSL's
 * loopback there are programs of Windows, which no table of ours knows.
 */
static bool is_of_this_user(const struct visitor *visitor)
{
	const struct loopback *loopback = home_of(visitor);

	if (loopback->watcher.is_for_all_users)
		return true;
	switch (loopback_owner_of(&loopback->tables, visitor->fd)) {
	case LOOPBACK_OWNER_OURS:
		return true;
	case LOOPBACK_OWNER_OTHER:
		return false;
	case LOOPBACK_OWNER_UNKNOWN:
		break;
	}
	return wsl_is_here();
}

/* Of one who asks where only programs are answered, this says why not. */
static const struct loopback_page *judge(const struct visitor *visitor, const struct http_head *head)
{
	const struct loopback *loopback = home_of(visitor);
	static const struct loopback_page pages[] = {
		{421, "Not here", "This address serves a sign-in of iamic under its own name only."},
		{405, "Not like this", "A browser that comes back from a sign-in sends a GET."},
		{404, "Nothing here", "Only a browser that comes back from a sign-in of iamic is awaited."},
		{403, "Not yours",
		 "This browser runs as another user than iamic does: use one of your own. To sign in, there "
		 "is 'iamic-login --device', too."},
	};

	if (!has_own_host(loopback, head))
		return &pages[0];
	if (loopback->watcher.respond)
		return &pages[3];
	if (strcmp(head->method, "GET") != 0)
		return &pages[1];
	if (strcmp(head->path, loopback->path) != 0)
		return &pages[2];
	if (!is_of_this_user(visitor))
		return &pages[3];
	return loopback->watcher.judge(head->query, loopback->watcher.userdata);
}

/* False: not yet. */
static bool try_to_respond(struct visitor *visitor, const struct http_head *head, bool is_last)
{
	const struct loopback_watcher *watcher = &home_of(visitor)->watcher;
	_cleanup_(buffer_clearp) struct buffer out = BUFFER_INIT(RESPONSE_MAX, &secret_memory);

	if (watcher->respond(head, is_last, &out, watcher->userdata))
		visitor_send(visitor, &out);
	else if (is_last)
		visitor_free(visitor);
	else
		return false;
	return true;
}

static int on_wait_over(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct visitor *visitor = userdata;

	(void)source;
	(void)usec;
	(void)try_to_respond(visitor, visitor->waiting, true);
	return 0;
}

static void respond(struct visitor *visitor, const struct http_head *head)
{
	if (try_to_respond(visitor, head, false))
		return;
	visitor->waiting = xcalloc(1, sizeof(*visitor->waiting));
	*visitor->waiting = *head;
	timer_arm(visitor->visitors->event, &visitor->deadline, clock_boot_usec() + LOOPBACK_WAIT_USEC,
		  on_wait_over, visitor);
}

void loopback_ask_again(struct loopback *loopback)
{
	struct visitor *visitor;

	list_for_each (visitor, &loopback->visitors.all, struct visitor, link) {
		if (visitor->waiting)
			(void)try_to_respond(visitor, visitor->waiting, false); /* may free visitor alone */
	}
}

static void on_head(struct visitor *visitor, const struct http_head *head, void *userdata)
{
	struct loopback *loopback = userdata;
	const struct loopback_page *page;

	if (loopback->watcher.respond && has_own_host(loopback, head) && is_of_this_user(visitor)) {
		respond(visitor, head);
		return;
	}
	page = judge(visitor, head);
	if (page) {
		visitor_show(visitor, page);
		return;
	}
	visitor_stay(visitor);
	loopback->watcher.on_back(loopback->watcher.userdata); /* may free loopback: nothing after this line
								*/
}

static int on_pause_over(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct loopback *loopback = userdata;

	(void)source;
	(void)usec;
	timer_disarm(&loopback->pause);
	sd_event_source_set_enabled(loopback->accepting, SD_EVENT_ON);
	return 0;
}

/* Out of descriptors the listener would stay readable: looking away for a moment keeps the loop from
 * spinning. */
static int on_connecting(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct loopback *loopback = userdata;
	int peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)revents;
	if (peer >= 0) {
		visitors_welcome(&loopback->visitors, peer);
	} else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
		sd_event_source_set_enabled(source, SD_EVENT_OFF);
		timer_arm(loopback->event, &loopback->pause, clock_boot_usec() + ACCEPT_PAUSE_USEC,
			  on_pause_over, loopback);
	}
	return 0;
}

static bool listen_on(int port, int *ret_fd, int *ret_port, struct error *err)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	_cleanup_close_ int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	socklen_t len = sizeof(address);
	const int on = 1;

	if (fd < 0)
		return error_errno(err, "cannot listen on 127.0.0.1");
	/* Not for two listeners at once: for a port that a moment ago was another sign-in's. */
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (const struct sockaddr *)&address, len) < 0 || listen(fd, BACKLOG) < 0) {
		if (errno != EADDRINUSE && errno != EACCES)
			return error_errno(err, "cannot listen on port %d of 127.0.0.1", port);
		return error_set(err, ERROR_CONFIG,
				 "port %d of 127.0.0.1 %s: choose another with --port or sso_redirect_port, "
				 "or none",
				 port, errno == EACCES ? "is not for you to use" : "is in use");
	}
	if (getsockname(fd, (struct sockaddr *)&address, &len) < 0)
		return error_errno(err, "cannot listen on 127.0.0.1");
	*ret_port = ntohs(address.sin_port);
	*ret_fd = fd;
	fd = -1;
	return true;
}

bool loopback_open(sd_event *event, int port, const char *path, const struct loopback_watcher *watcher,
		   struct loopback **ret, struct error *err)
{
	struct loopback *loopback;
	int fd, chosen;

	if (!listen_on(port, &fd, &chosen, err))
		return false;
	loopback = xcalloc(1, sizeof(*loopback));
	loopback->event = sd_event_ref(event);
	loopback->watcher = *watcher;
	loopback->fd = fd;
	loopback->port = chosen;
	loopback->path = xstrdup(path);
	loopback->tables =
		watcher->is_for_all_users ? (struct loopback_tables){-1, -1} : loopback_tables_open();
	snprintf(loopback->host, sizeof(loopback->host), "127.0.0.1:%d", chosen);
	loopback->visitors =
		(struct visitors){.event = loopback->event, .on_head = on_head, .userdata = loopback};
	list_init(&loopback->visitors.all);
	if (sd_event_add_io(event, &loopback->accepting, fd, EPOLLIN, on_connecting, loopback) < 0) {
		loopback_free(loopback);
		return error_set(err, ERROR_INTERNAL, "cannot watch port %d of 127.0.0.1", chosen);
	}
	*ret = loopback;
	return true;
}

int loopback_port(const struct loopback *loopback)
{
	return loopback->port;
}

void loopback_answer(struct loopback *loopback, const struct loopback_page *page)
{
	struct visitor *visitor;

	list_for_each (visitor, &loopback->visitors.all, struct visitor, link) {
		if (visitor->is_staying) {
			visitor_show(visitor, page);
			return;
		}
	}
}

struct loopback *loopback_free(struct loopback *loopback)
{
	if (!loopback)
		return NULL;
	visitors_done(&loopback->visitors);
	sd_event_source_disable_unref(loopback->accepting);
	timer_disarm(&loopback->pause);
	close(loopback->fd);
	loopback_tables_close(&loopback->tables);
	sd_event_unref(loopback->event);
	free(loopback->path);
	free(loopback);
	return NULL;
}
