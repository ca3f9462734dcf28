#pragma once
/*
 * One question to a store helper, and its answer. Owned by whoever asked; the callback runs exactly once,
 * from the event loop.
 */
#include <stdint.h>

#include <systemd/sd-event.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "ipc/store_message.h"

struct store_helper;

/* reply: in secret memory; NULL with err when the helper did not answer, or not in the protocol. Both are
 * gone on return. */
typedef void (*store_helper_fn)(const struct store_reply *reply, const struct error *err, void *userdata);

/* request is borrowed for the call. collection: of the Secret Service, or NULL. */
struct store_helper *store_helper_ask(sd_event *event, const char *program, const char *collection,
				      const char *verb, const struct store_request *request,
				      store_helper_fn fn, void *userdata);
/* Withdraws the interest; what the helper does it finishes. */
struct store_helper *store_helper_free(struct store_helper *helper);
DEFINE_CLEANUP(struct store_helper *, store_helper_free)
