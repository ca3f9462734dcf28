/*
 * A visitor:   READING ──(a whole head)──► judged ──► [STAYING ──(loopback_answer)] ──► LEAVING ──► gone
 *                 └──(5 s, or room is needed for others)──────────────────────────────────▲
 *
 * LEAVING: the page is in the socket and our side is shut down; the visitor is gone when it has closed its
 * side, too, or after 5 s. To close with bytes unread would take the page away from it again.
 */
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
#include "base/list.h"
#include "base/secret.h"
#include "base/wsl.h"
#include "base/xalloc.h"
#include "daemon/http_head.h"
#include "daemon/loopback_page.h"
#include "daemon/loopback_peer.h"
#include "daemon/timer.h"

#define VISITORS_MAX      16
#define BACKLOG           16
#define READ_CHUNK        4096
#define RESPONSE_MAX      (64 * 1024)
#define VISIT_USEC        (5 * USEC_PER_SEC) /* to send a head, and to take a page */
#define ACCEPT_PAUSE_USEC (100 * USEC_PER_MSEC)
#define HOST_SIZE         sizeof("127.0.0.1:65535")

struct loopback {
	sd_event *event;
	struct loopback_watcher watcher;
	int fd, port;
	char *path, host[HOST_SIZE];
	struct loopback_tables tables;
	sd_event_source *accepting, *pause;
	struct list visitors; /* struct visitor, by .link; the one who came first is first */
	unsigned n_visitors;
	struct visitor *staying; /* of them, or NULL */
};

struct visitor {
	struct list link;
	struct loopback *loopback;
	int fd;
	sd_event_source *io, *deadline;
	struct buffer in;
	bool is_leaving;
	struct http_head
		*waiting; /* what it asked, of in; or NULL: nothing that respond() has not answered */
};

/* What is left unread when a socket is closed would take back what was sent on it. */
static bool throw_away(int fd)
{
	char data[4096];
	ssize_t n = recv(fd, data, sizeof(data), MSG_DONTWAIT);

	explicit_bzero(data, sizeof(data));
	return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

static struct visitor *visitor_free(struct visitor *visitor)
{
	struct loopback *loopback = visitor->loopback;

	list_remove(&visitor->link);
	loopback->n_visitors--;
	if (loopback->staying == visitor)
		loopback->staying = NULL;
	sd_event_source_disable_unref(visitor->io);
	timer_disarm(&visitor->deadline);
	throw_away(visitor->fd);
	close(visitor->fd);
	buffer_clear(&visitor->in);
	free(visitor->waiting);
	free(visitor);
	return NULL;
}

static int on_visit_over(sd_event_source *source, uint64_t usec, void *userdata)
{
	(void)source;
	(void)usec;
	visitor_free(userdata);
	return 0;
}

/* It is small enough for an empty socket to take it at once. */
static void send_out(struct visitor *visitor, const struct buffer *out)
{
	if (send(visitor->fd, out->data, out->len, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)out->len) {
		visitor_free(visitor);
		return;
	}
	shutdown(visitor->fd, SHUT_WR);
	free(TAKE(visitor->waiting));
	buffer_clear(&visitor->in);
	visitor->is_leaving = true;
	timer_arm(visitor->loopback->event, &visitor->deadline, clock_boot_usec() + VISIT_USEC, on_visit_over,
		  visitor);
}

static void answer(struct visitor *visitor, const struct loopback_page *page)
{
	_cleanup_(buffer_clearp) struct buffer out = BUFFER_INIT(LOOPBACK_PAGE_MAX, &buffer_heap);

	if (loopback_page_format(page, &out))
		send_out(visitor, &out);
	else
		visitor_free(visitor);
}

/* A page of another name that a browser was made to look up as 127.0.0.1 has another Host. Of the programs,
 * those that stand on AWS's libraries for C leave the port out. */
static bool has_own_host(const struct loopback *loopback, const struct http_head *head)
{
	const char *host = http_head_get(head, "Host");

	return host && (strcmp(host, loopback->host) == 0 ||
			(loopback->watcher.respond && strcmp(host, "127.0.0.1") == 0));
}

/*
 * The address that a browser was opened with stands in its arguments for every user to read. Behind WSL's
 * loopback there are programs of Windows, which no table of ours knows.
 */
static bool is_of_this_user(const struct visitor *visitor)
{
	if (visitor->loopback->watcher.is_for_all_users)
		return true;
	switch (loopback_owner_of(&visitor->loopback->tables, visitor->fd)) {
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
	const struct loopback *loopback = visitor->loopback;
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
	const struct loopback_watcher *watcher = &visitor->loopback->watcher;
	_cleanup_(buffer_clearp) struct buffer out = BUFFER_INIT(RESPONSE_MAX, &secret_memory);

	if (watcher->respond(head, is_last, &out, watcher->userdata))
		send_out(visitor, &out);
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
	timer_arm(visitor->loopback->event, &visitor->deadline, clock_boot_usec() + LOOPBACK_WAIT_USEC,
		  on_wait_over, visitor);
}

void loopback_ask_again(struct loopback *loopback)
{
	struct visitor *visitor;

	list_for_each (visitor, &loopback->visitors, struct visitor, link) {
		if (visitor->waiting)
			(void)try_to_respond(visitor, visitor->waiting, false); /* may free visitor alone */
	}
}

static void take_head(struct visitor *visitor, const struct http_head *head)
{
	struct loopback *loopback = visitor->loopback;
	const struct loopback_page *page;

	if (loopback->watcher.respond && has_own_host(loopback, head) && is_of_this_user(visitor)) {
		respond(visitor, head);
		return;
	}
	page = judge(visitor, head);
	if (page) {
		answer(visitor, page);
		return;
	}
	timer_disarm(&visitor->deadline);
	loopback->staying = visitor;
	loopback->watcher.on_back(loopback->watcher.userdata); /* may free loopback: nothing after this line
								*/
}

static void read_head(struct visitor *visitor)
{
	static const struct loopback_page too_large = {431, "Too large", "That request is too large."};
	static const struct loopback_page bad = {400, "Not understood", "That is no request of a browser's."};
	struct buffer *in = &visitor->in;
	struct http_head head;

	switch (http_head_parse(in->data, in->len, &head)) {
	case HTTP_HEAD_MORE:
		return;
	case HTTP_HEAD_WHOLE:
		take_head(visitor, &head); /* nothing after this line */
		return;
	case HTTP_HEAD_BAD:
		answer(visitor, in->len >= HTTP_HEAD_MAX ? &too_large : &bad);
		return;
	}
}

/* False when the visitor has gone. */
static bool read_some(struct visitor *visitor)
{
	struct buffer *in = &visitor->in;
	size_t room = HTTP_HEAD_MAX - in->len, chunk = room < READ_CHUNK ? room : READ_CHUNK;
	ssize_t n;

	if (!buffer_reserve(in, chunk))
		abort(); /* room is what is left */
	n = recv(visitor->fd, in->data + in->len, chunk, MSG_DONTWAIT);
	if (n <= 0)
		return n < 0 && (errno == EAGAIN || errno == EINTR);
	in->len += (size_t)n;
	in->data[in->len] = '\0';
	return true;
}

static int on_input(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct visitor *visitor = userdata;
	bool is_reading = !visitor->is_leaving && !visitor->waiting && visitor->loopback->staying != visitor;

	(void)source;
	(void)revents;
	if (!(is_reading ? read_some(visitor) : throw_away(fd)))
		visitor_free(visitor);
	else if (is_reading && visitor->in.len > 0)
		read_head(visitor); /* nothing after this line */
	return 0;
}

/* The one who came first and still has not said what for; else the one who is longest in leaving. */
static void make_room(struct loopback *loopback)
{
	struct visitor *visitor;

	if (loopback->n_visitors < VISITORS_MAX)
		return;
	list_for_each (visitor, &loopback->visitors, struct visitor, link) {
		if (visitor != loopback->staying) {
			visitor_free(visitor);
			return;
		}
	}
}

static void welcome(struct loopback *loopback, int fd)
{
	struct visitor *visitor = xcalloc(1, sizeof(*visitor));

	make_room(loopback);
	visitor->loopback = loopback;
	visitor->fd = fd;
	visitor->in = BUFFER_INIT(HTTP_HEAD_MAX, &buffer_heap);
	list_append(&loopback->visitors, &visitor->link);
	loopback->n_visitors++;
	timer_arm(loopback->event, &visitor->deadline, clock_boot_usec() + VISIT_USEC, on_visit_over,
		  visitor);
	if (sd_event_add_io(loopback->event, &visitor->io, fd, EPOLLIN, on_input, visitor) < 0)
		visitor_free(visitor); /* the kernel allows each user so many */
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
		welcome(loopback, peer);
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
	list_init(&loopback->visitors);
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
	struct visitor *visitor = loopback->staying;

	if (!visitor)
		return;
	loopback->staying = NULL;
	answer(visitor, page);
}

struct loopback *loopback_free(struct loopback *loopback)
{
	if (!loopback)
		return NULL;
	while (!list_is_empty(&loopback->visitors))
		visitor_free(list_first(&loopback->visitors, struct visitor, link));
	sd_event_source_disable_unref(loopback->accepting);
	timer_disarm(&loopback->pause);
	close(loopback->fd);
	loopback_tables_close(&loopback->tables);
	sd_event_unref(loopback->event);
	free(loopback->path);
	free(loopback);
	return NULL;
}
