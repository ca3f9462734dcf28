#include "daemon/link_door.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/list.h"
#include "base/random.h"
#include "base/secret.h"
#include "base/xalloc.h"
#include "daemon/http_head.h"
#include "daemon/loopback.h"
#include "daemon/timer.h"

#define DOORS_MAX 8
#define OPEN_USEC (300 * USEC_PER_SEC)

struct link_doors {
	sd_event *event;  /* main's */
	struct list list; /* struct door, by .link; the oldest is first */
	unsigned n;
};

struct door {
	struct list link;
	struct link_doors *doors;
	struct loopback *loopback;
	struct secret *leads_to;
	char *path;
	sd_event_source *closing;
};

static struct door *door_free(struct door *door)
{
	list_remove(&door->link);
	door->doors->n--;
	loopback_free(door->loopback);
	secret_free(door->leads_to);
	timer_disarm(&door->closing);
	free(door->path);
	free(door);
	return NULL;
}

static int on_closing(sd_event_source *source, uint64_t usec, void *userdata)
{
	(void)source;
	(void)usec;
	door_free(userdata);
	return 0;
}

static bool respond(const struct http_head *head, bool is_last, struct buffer *out, void *userdata)
{
	const struct door *door = userdata;

	(void)is_last;
	if (strcmp(head->method, "GET") != 0 || strcmp(head->path, door->path) != 0)
		return buffer_append_text(out, "HTTP/1.1 404 Not Found\r\nConnection: close\r\n"
					       "Content-Length: 0\r\n\r\n");
	return buffer_append_format(out,
				    "HTTP/1.1 303 See Other\r\nLocation: %s\r\nCache-Control: no-store\r\n"
				    "Referrer-Policy: no-referrer\r\nConnection: close\r\n"
				    "Content-Length: 0\r\n\r\n",
				    secret_text(door->leads_to));
}

bool link_doors_open(struct link_doors *doors, const char *link, char **ret, struct error *err)
{
	struct door *door = xcalloc(1, sizeof(*door));
	const struct loopback_watcher watcher = {.respond = respond, .userdata = door};

	if (doors->n == DOORS_MAX)
		door_free(list_first(&doors->list, struct door, link));
	*door = (struct door){
		.doors = doors,
		.path = xasprintf("/%08x%08x", random_u32(), random_u32()),
		.leads_to = secret_new(link, strlen(link)),
	};
	list_append(&doors->list, &door->link);
	doors->n++;
	if (!door->leads_to)
		error_set(err, ERROR_UNAVAILABLE, "too many roles in use: try again");
	if (!door->leads_to || !loopback_open(doors->event, 0, "/", &watcher, &door->loopback, err)) {
		door_free(door);
		return false;
	}
	timer_arm(doors->event, &door->closing, clock_boot_usec() + OPEN_USEC, on_closing, door);
	*ret = xasprintf("http://127.0.0.1:%d%s", loopback_port(door->loopback), door->path);
	return true;
}

bool link_doors_are_open(const struct link_doors *doors)
{
	return doors->n > 0;
}

void link_doors_close(struct link_doors *doors)
{
	while (!list_is_empty(&doors->list))
		door_free(list_first(&doors->list, struct door, link));
}

struct link_doors *link_doors_new(sd_event *event)
{
	struct link_doors *doors = xcalloc(1, sizeof(*doors));

	doors->event = event;
	list_init(&doors->list);
	return doors;
}
