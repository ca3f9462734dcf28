/*
 * A visitor:   READING ──(a whole head)──► judged ──► [STAYING, WAITING ──(an answer)] ──► LEAVING ──► gone
 *                 └──(5 s, or room is needed for others)─────────────────────────────────────▲
 *
 * LEAVING: the page is in the socket and our side is shut down; the visitor is gone when it has closed its
 * side, too, or after 5 s. To close with bytes unread would take the page away from it again.
 */
#include "daemon/loopback_visitor.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/secret.h"
#include "base/xalloc.h"
#include "daemon/timer.h"

#define VISITORS_MAX 16
#define READ_CHUNK   4096
#define VISIT_USEC   (5 * USEC_PER_SEC) /* to send a head, and to take a page */

/* What is left unread when a socket is closed would take back what was sent on it. */
static bool throw_away(int fd)
{
	char data[4096];
	ssize_t n = recv(fd, data, sizeof(data), MSG_DONTWAIT);

	explicit_bzero(data, sizeof(data));
	return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

struct visitor *visitor_free(struct visitor *visitor)
{
	list_remove(&visitor->link);
	visitor->visitors->n--;
	sd_event_source_disable_unref(visitor->io);
	timer_disarm(&visitor->deadline);
	throw_away(visitor->fd);
	close(visitor->fd);
	buffer_clear(&visitor->in);
	free(visitor->waiting);
	free(visitor);
	return NULL;
}

void visitors_done(struct visitors *visitors)
{
	while (!list_is_empty(&visitors->all))
		visitor_free(list_first(&visitors->all, struct visitor, link));
}

static int on_visit_over(sd_event_source *source, uint64_t usec, void *userdata)
{
	(void)source;
	(void)usec;
	visitor_free(userdata);
	return 0;
}

/* It is small enough for an empty socket to take it at once. */
void visitor_send(struct visitor *visitor, const struct buffer *out)
{
	if (send(visitor->fd, out->data, out->len, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)out->len) {
		visitor_free(visitor);
		return;
	}
	shutdown(visitor->fd, SHUT_WR);
	free(TAKE(visitor->waiting));
	buffer_clear(&visitor->in);
	visitor->is_staying = false;
	visitor->is_leaving = true;
	timer_arm(visitor->visitors->event, &visitor->deadline, clock_boot_usec() + VISIT_USEC, on_visit_over,
		  visitor);
}

void visitor_show(struct visitor *visitor, const struct loopback_page *page)
{
	_cleanup_(buffer_clearp) struct buffer out = BUFFER_INIT(LOOPBACK_PAGE_MAX, &buffer_heap);

	if (loopback_page_format(page, &out))
		visitor_send(visitor, &out);
	else
		visitor_free(visitor);
}

void visitor_stay(struct visitor *visitor)
{
	timer_disarm(&visitor->deadline);
	visitor->is_staying = true;
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
		visitor->visitors->on_head(visitor, &head,
					   visitor->visitors->userdata); /* nothing after this line */
		return;
	case HTTP_HEAD_BAD:
		visitor_show(visitor, in->len >= HTTP_HEAD_MAX ? &too_large : &bad);
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
	bool is_reading = !visitor->is_leaving && !visitor->waiting && !visitor->is_staying;

	(void)source;
	(void)revents;
	if (!(is_reading ? read_some(visitor) : throw_away(fd)))
		visitor_free(visitor);
	else if (is_reading && visitor->in.len > 0)
		read_head(visitor); /* nothing after this line */
	return 0;
}

/* The one who came first and still has not said what for; else the one who is longest in leaving. */
static void make_room(struct visitors *visitors)
{
	struct visitor *visitor;

	if (visitors->n < VISITORS_MAX)
		return;
	list_for_each (visitor, &visitors->all, struct visitor, link) {
		if (!visitor->is_staying) {
			visitor_free(visitor);
			return;
		}
	}
}

void visitors_welcome(struct visitors *visitors, int fd)
{
	struct visitor *visitor = xcalloc(1, sizeof(*visitor));

	make_room(visitors);
	visitor->visitors = visitors;
	visitor->fd = fd;
	visitor->in = BUFFER_INIT(HTTP_HEAD_MAX, &buffer_heap);
	list_append(&visitors->all, &visitor->link);
	visitors->n++;
	timer_arm(visitors->event, &visitor->deadline, clock_boot_usec() + VISIT_USEC, on_visit_over,
		  visitor);
	if (sd_event_add_io(visitors->event, &visitor->io, fd, EPOLLIN, on_input, visitor) < 0)
		visitor_free(visitor); /* the kernel allows each user so many */
}
