#pragma once
/*
 * Those who have connected to a port of ours on 127.0.0.1. Each sends the head of one request, within five
 * seconds, and is answered once.
 */
#include <systemd/sd-event.h>

#include "base/buffer.h"
#include "base/list.h"
#include "daemon/http_head.h"
#include "daemon/loopback_page.h"

struct visitor;

struct visitors { /* of one port */
	sd_event *event;
	struct list all; /* struct visitor, by .link; the one who came first is first */
	unsigned n;
	/* Sends, shows, lets stay or wait; may free all of them, and their port. */
	void (*on_head)(struct visitor *visitor, const struct http_head *head, void *userdata);
	void *userdata;
};

struct visitor {
	struct list link;
	struct visitors *visitors;
	int fd;
	sd_event_source *io, *deadline;
	struct buffer in;
	bool is_staying, is_leaving;
	struct http_head *waiting; /* what it asked, of in, where nobody knows the answer yet; or NULL */
};

/* Takes the connection. */
void visitors_welcome(struct visitors *visitors, int fd);
void visitors_done(struct visitors *visitors);

/* Both may free visitor. */
void visitor_send(struct visitor *visitor, const struct buffer *out);
void visitor_show(struct visitor *visitor, const struct loopback_page *page);
/* Without a deadline, until it is answered. */
void visitor_stay(struct visitor *visitor);
/* Nobody answers it. */
struct visitor *visitor_free(struct visitor *visitor);
