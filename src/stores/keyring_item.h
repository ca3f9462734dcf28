#pragma once
/*
 * Our items in a keyring: one for each session at each address, told apart by its attributes, which are no
 * secret, and holding an envelope.
 *
 * Some services compare attributes loosely or add some of their own, so what a search yields is looked at
 * again.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "ipc/store_message.h"
#include "stores/keyring.h"

static inline void keyring_items_freep(GList **items)
{
	g_list_free_full(*items, g_object_unref);
}
#define _cleanup_items_ _cleanup_(keyring_items_freep)

/* "AWS sign-in corp (iamic)": what the keyring's own program shows. */
char *keyring_item_label(const char *name);

/* Items (SecretItem) of this name, start URL and region; NULL: none. request NULL: all that are ours. */
bool keyring_find(struct keyring *keyring, const struct store_request *request, GList **ret,
		  struct error *err) MUST_CHECK;
/* Of an item that holds nothing at all, nothing and the generation -1. */
bool keyring_read(SecretItem *item, struct buffer *ret_secret, int64_t *ret_generation,
		  struct error *err) MUST_CHECK;
bool keyring_replace(SecretItem *item, const struct store_request *request, struct error *err) MUST_CHECK;
/* ret_asks: as keyring_item_asks() says of the new item. */
bool keyring_create(struct keyring *keyring, const struct store_request *request, bool *ret_asks,
		    struct error *err) MUST_CHECK;
bool keyring_erase(SecretItem *item, struct error *err) MUST_CHECK;

/*
 * Whether the service is one that asks a person when another process than the maker of an item reads or
 * replaces it, and keeps every old secret in a history: it adds a Uuid and a Path to each item (KeePassXC).
 */
bool keyring_item_asks(SecretItem *item);
/* The same of the keyring as a whole, by one of its items; in an empty one an item is made for this and
 * erased. */
bool keyring_asks(struct keyring *keyring, bool *ret, struct error *err) MUST_CHECK;
