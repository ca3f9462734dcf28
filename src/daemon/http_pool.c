/*
 * libcurl tells us which sockets and which timeout it wants watched (on_curl_socket, on_curl_timer); we tell
 * it when they fire (on_socket_ready, on_timeout). Two rules keep this sound:
 *   - libcurl is never called from inside its callbacks: a timeout of 0 is armed like any other;
 *   - completed transfers are reported by drain(), after libcurl has returned, one at a time, and the queue
 * is read again after each: a report may free any transfer, the ones not yet reported included.
 */
#include "daemon/http_pool.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "daemon/timer.h"

#define CONNECTIONS_PER_HOST 2L /* each costs its TLS state, and never gives all of it back */
#define CONNECTIONS_IDLE     4L

struct http_pool {
	sd_event *event;
	sd_event_source *timer;
	CURLM *multi;
	unsigned n_transfers;
	bool is_retired;
	bool is_draining; /* freeing waits until the reports are out */
};

static void free_if_done(struct http_pool *pool)
{
	if (!pool->is_retired || pool->n_transfers > 0 || pool->is_draining)
		return;
	curl_multi_cleanup(pool->multi);
	timer_disarm(&pool->timer);
	sd_event_unref(pool->event);
	free(pool);
}

static void detach(struct http_transfer *transfer)
{
	curl_multi_remove_handle(transfer->pool->multi, transfer->easy);
	transfer->pool->n_transfers--;
	transfer->pool = NULL;
}

static void drain(struct http_pool *pool)
{
	CURLMsg *message;
	int left;

	pool->is_draining = true;
	while ((message = curl_multi_info_read(pool->multi, &left))) {
		CURLcode code = message->data.result;
		struct http_transfer *transfer;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
		detach(transfer);
		transfer->done(transfer->userdata, code); /* may free transfer */
	}
	pool->is_draining = false;
	free_if_done(pool);
}

/*
 * A socket of libcurl's, watched by a descriptor of our own: one that does not get connected is closed before
 * we are told to forget it. While a child that was forked just then has it open too, the loop could not be
 * rid of it any more, and would be woken for what is no longer there.
 */
struct watched {
	struct http_pool *pool;
	curl_socket_t fd; /* as libcurl knows it */
	sd_event_source *source;
};

static int on_socket_ready(sd_event_source *source, int own_fd, uint32_t revents, void *userdata)
{
	const struct watched *watched = userdata;
	struct http_pool *pool = watched->pool;
	int running, flags = 0;

	(void)source;
	(void)own_fd;
	if (revents & EPOLLIN)
		flags |= CURL_CSELECT_IN;
	if (revents & EPOLLOUT)
		flags |= CURL_CSELECT_OUT;
	if (revents & (EPOLLERR | EPOLLHUP))
		flags |= CURL_CSELECT_ERR;
	curl_multi_socket_action(pool->multi, watched->fd, flags, &running); /* may free watched */
	drain(pool);
	return 0;
}

static int on_timeout(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct http_pool *pool = userdata;
	int running;

	(void)source;
	(void)usec;
	curl_multi_socket_action(pool->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	drain(pool);
	return 0;
}

static struct watched *unwatch(struct watched *watched)
{
	if (watched)
		sd_event_source_disable_unref(watched->source); /* and closes our descriptor */
	free(watched);
	return NULL;
}

static struct watched *watch(struct http_pool *pool, curl_socket_t fd, uint32_t events)
{
	struct watched *watched = xcalloc(1, sizeof(*watched));
	int own_fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);

	*watched = (struct watched){.pool = pool, .fd = fd};
	if (own_fd < 0)
		return unwatch(watched);
	if (sd_event_add_io(pool->event, &watched->source, own_fd, events, on_socket_ready, watched) < 0) {
		close(own_fd);
		return unwatch(watched);
	}
	sd_event_source_set_io_fd_own(watched->source, true);
	return watched;
}

static int on_curl_socket(CURL *easy, curl_socket_t fd, int what, void *userdata, void *socket_data)
{
	struct http_pool *pool = userdata;
	struct watched *watched = socket_data;
	uint32_t events = 0;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		unwatch(watched);
		curl_multi_assign(pool->multi, fd, NULL);
		return 0;
	}
	if (what & CURL_POLL_IN)
		events |= EPOLLIN;
	if (what & CURL_POLL_OUT)
		events |= EPOLLOUT;
	if (watched)
		return sd_event_source_set_io_events(watched->source, events) < 0 ? -1 : 0;
	watched = watch(pool, fd, events);
	if (!watched)
		return -1;
	curl_multi_assign(pool->multi, fd, watched);
	return 0;
}

static int on_curl_timer(CURLM *multi, long timeout_ms, void *userdata)
{
	struct http_pool *pool = userdata;

	(void)multi;
	if (timeout_ms < 0)
		timer_disarm(&pool->timer);
	else
		timer_arm(pool->event, &pool->timer, clock_boot_usec() + (uint64_t)timeout_ms * USEC_PER_MSEC,
			  on_timeout, pool);
	return 0;
}

struct http_pool *http_pool_new(sd_event *event)
{
	struct http_pool *pool = xcalloc(1, sizeof(*pool));

	pool->multi = curl_multi_init();
	if (!pool->multi)
		abort();
	pool->event = sd_event_ref(event);
	curl_multi_setopt(pool->multi, CURLMOPT_SOCKETFUNCTION, on_curl_socket);
	curl_multi_setopt(pool->multi, CURLMOPT_SOCKETDATA, pool);
	curl_multi_setopt(pool->multi, CURLMOPT_TIMERFUNCTION, on_curl_timer);
	curl_multi_setopt(pool->multi, CURLMOPT_TIMERDATA, pool);
	curl_multi_setopt(pool->multi, CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
	curl_multi_setopt(pool->multi, CURLMOPT_MAX_HOST_CONNECTIONS, CONNECTIONS_PER_HOST);
	curl_multi_setopt(pool->multi, CURLMOPT_MAXCONNECTS, CONNECTIONS_IDLE);
	return pool;
}

void http_pool_retire(struct http_pool *pool)
{
	if (!pool)
		return;
	pool->is_retired = true;
	free_if_done(pool);
}

void http_pool_add(struct http_pool *pool, struct http_transfer *transfer)
{
	CURLMcode code;

	transfer->pool = pool;
	pool->n_transfers++;
	curl_easy_setopt(transfer->easy, CURLOPT_PRIVATE, transfer);
	code = curl_multi_add_handle(pool->multi, transfer->easy);
	if (code != CURLM_OK) {
		log_error("libcurl: %s", curl_multi_strerror(code));
		abort(); /* only memory and misuse are left as reasons */
	}
}

void http_pool_remove(struct http_transfer *transfer)
{
	struct http_pool *pool = transfer->pool;

	if (!pool)
		return;
	detach(transfer);
	free_if_done(pool);
}
