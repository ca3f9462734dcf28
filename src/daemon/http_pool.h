#pragma once
/*
 * libcurl's multi interface, with its connections, as one source among others on the event loop.
 *
 * A pool belongs to one struct http until that retires it; then it lives on for the transfers that it still
 * has, and goes with the last of them. So connections can be given up at any moment without breaking what is
 * under way.
 */
#include <stdbool.h>

#include <curl/curl.h>
#include <systemd/sd-event.h>

struct http_pool;

/* Lives inside its owner, who fills easy, done and userdata. */
struct http_transfer {
	struct http_pool *pool; /* NULL once it has left */
	CURL *easy;
	/* Once, from the event loop, after libcurl has let go of the transfer; may free the owner. */
	void (*done)(void *userdata, CURLcode code);
	void *userdata;
};

struct http_pool *http_pool_new(sd_event *event);
/* Takes NULL. */
void http_pool_retire(struct http_pool *pool);

void http_pool_add(struct http_pool *pool, struct http_transfer *transfer);
/* Cancels what is under way; harmless afterwards. The pool may be gone when it returns. */
void http_pool_remove(struct http_transfer *transfer);
