/*
 * store-secret-service: keeps sign-ins in the person's keyring, by way of libsecret.
 *
 *	status  ──► absent | locked | ok, and whether the keyring asks a person at every change
 *	load    ──► the newest of our items under this name
 *	save    ──► replaces it in place, unless what is there is newer; stray copies go
 *	erase   ──► all of them
 *	unlock  ──► the only verb that shows a prompt; with a name, a load behind it
 *
 * A locked keyring answers "not found" to a lookup, so every verb looks at the lock first, and "absent" is
 *said of an item only where the keyring is open.
 */
#include <stdlib.h>

#include "base/json.h"
#include "base/wipe.h"
#include "base/xalloc.h"
#include "stores/helper.h"
#include "stores/keyring.h"
#include "stores/keyring_item.h"
#include "stores/locked_memory.h"

/* The daemon knows this word, in the message of a reply. */
#define ASKS "asks-on-replace"

static bool open_keyring(struct keyring **ret, struct error *err)
{
	const char *alias = getenv("IAMIC_COLLECTION");

	return keyring_open(alias && alias[0] ? alias : SECRET_COLLECTION_DEFAULT, ret, err);
}

static bool reply_locked(const struct keyring *keyring, struct store_reply *reply)
{
	return helper_reply(reply, STORE_REPLY_LOCKED, "the keyring '%s' is locked", keyring->label);
}

/* Whether the keyring is open; otherwise the reply says what it is. No keyring is no answer about an item. */
static bool is_open(const struct keyring *keyring, struct store_reply *reply)
{
	switch (keyring->state) {
	case KEYRING_OPEN:
		return true;
	case KEYRING_LOCKED:
		reply_locked(keyring, reply);
		return false;
	case KEYRING_ABSENT:
		break;
	}
	helper_reply(reply, STORE_REPLY_FAILED, "%s", keyring->reason);
	return false;
}

/* ---- status ---- */

static bool run_status(const struct store_request *request, struct store_reply *reply, struct error *err)
{
	_cleanup_(keyring_freep) struct keyring *keyring = NULL;
	bool asks = false;

	(void)request;
	if (!open_keyring(&keyring, err))
		return false;
	if (keyring->state == KEYRING_ABSENT)
		return helper_reply(reply, STORE_REPLY_ABSENT, "%s", keyring->reason);
	if (keyring->state == KEYRING_OPEN && !keyring_asks(keyring, &asks, err))
		return false;
	reply->protects = xasprintf(
		"from whoever does not know the passphrase of the keyring '%s', such as other users and "
		"a thief of the disk; not from your own programs while it is open%s",
		keyring->label, asks ? "; by its default it asks you once at each start of the daemon" : "");
	if (keyring->state == KEYRING_LOCKED)
		return reply_locked(keyring, reply);
	return helper_reply(reply, STORE_REPLY_OK, asks ? ASKS : NULL);
}

/* ---- load ---- */

struct newest {
	SecretItem *item; /* of the list; NULL: none that can be read */
	int64_t generation;
	struct buffer secret;
};

static void newest_done(struct newest *newest)
{
	buffer_clear(&newest->secret);
}

/*
 * There are two items of one name where a replacement was cut short, or where somebody copied one. One that
 * cannot be read counts only if no other can.
 */
static bool find_newest(GList *items, struct newest *ret, struct error *err)
{
	struct error why = {0};

	for (GList *link = items; link; link = link->next) {
		_cleanup_(buffer_clearp) struct buffer secret =
			BUFFER_INIT(STORE_MESSAGE_MAX, &locked_memory);
		int64_t generation;

		if (secret_item_get_locked(link->data))
			continue;
		if (!keyring_read(link->data, &secret, &generation, &why) ||
		    (ret->item && generation <= ret->generation))
			continue;
		buffer_clear(&ret->secret);
		*ret = (struct newest){.item = link->data, .generation = generation, .secret = secret};
		secret = BUFFER_INIT(0, &locked_memory);
	}
	if (ret->item || why.kind == ERROR_NONE)
		return true;
	*err = why;
	return false;
}

static bool reply_item_locked(struct store_reply *reply, const char *name)
{
	_cleanup_free_ char *label = keyring_item_label(name);

	return helper_reply(reply, STORE_REPLY_LOCKED, "the keyring asks before it lets iamic read '%s'",
			    label);
}

static bool load(struct keyring *keyring, const struct store_request *request, struct store_reply *reply,
		 struct error *err)
{
	_cleanup_(newest_done) struct newest newest = {.secret = BUFFER_INIT(0, &locked_memory)};
	_cleanup_items_ GList *items = NULL;

	if (!keyring_find(keyring, request, &items, err) || !find_newest(items, &newest, err))
		return false;
	if (!newest.item && items)
		return reply_item_locked(reply, request->name);
	if (newest.secret.len == 0)
		return helper_reply(reply, STORE_REPLY_ABSENT, NULL);
	reply->secret = newest.secret;
	newest.secret = BUFFER_INIT(0, &locked_memory);
	reply->generation = newest.generation;
	return helper_reply(reply, STORE_REPLY_OK, NULL);
}

static bool run_load(const struct store_request *request, struct store_reply *reply, struct error *err)
{
	_cleanup_(keyring_freep) struct keyring *keyring = NULL;

	if (!open_keyring(&keyring, err))
		return false;
	return !is_open(keyring, reply) || load(keyring, request, reply, err);
}

/* ---- save ---- */

/* All that cannot be told from newest, or what newest was made instead of. */
static bool erase_others(GList *items, SecretItem *but, struct error *err)
{
	for (GList *link = items; link; link = link->next) {
		if (link->data != but && !keyring_erase(link->data, err))
			return false;
	}
	return true;
}

/* An item that only a person can open is replaced by a new one where that is how the service wants it. */
static bool is_replaceable(GList *items)
{
	for (GList *link = items; link; link = link->next) {
		if (secret_item_get_locked(link->data) && !keyring_item_asks(link->data))
			return false;
	}
	return true;
}

static bool save(struct keyring *keyring, const struct store_request *request, struct store_reply *reply,
		 struct error *err)
{
	_cleanup_(newest_done) struct newest newest = {.secret = BUFFER_INIT(0, &locked_memory)};
	_cleanup_items_ GList *items = NULL;
	bool asks;

	if (!keyring_find(keyring, request, &items, err) || !find_newest(items, &newest, err))
		return false;
	if (!is_replaceable(items))
		return reply_item_locked(reply, request->name);
	if (newest.item && newest.generation > request->generation) {
		reply->generation = newest.generation;
		return helper_reply(reply, STORE_REPLY_FAILED, "the keyring holds a newer sign-in");
	}
	if (newest.item) {
		if (!keyring_replace(newest.item, request, err))
			return false;
		asks = keyring_item_asks(newest.item);
	} else if (!keyring_create(keyring, request, &asks, err)) {
		return false;
	}
	return erase_others(items, newest.item, err) &&
	       helper_reply(reply, STORE_REPLY_OK, asks ? ASKS : NULL);
}

static bool run_save(const struct store_request *request, struct store_reply *reply, struct error *err)
{
	_cleanup_(keyring_freep) struct keyring *keyring = NULL;

	if (request->name[0] == '\0' || request->secret.len == 0 || request->generation < 0)
		return error_set(err, ERROR_INTERNAL, "the request names nothing that could be kept");
	if (!open_keyring(&keyring, err))
		return false;
	return !is_open(keyring, reply) || save(keyring, request, reply, err);
}

/* ---- erase ---- */

static bool run_erase(const struct store_request *request, struct store_reply *reply, struct error *err)
{
	_cleanup_(keyring_freep) struct keyring *keyring = NULL;
	_cleanup_items_ GList *items = NULL;

	if (!open_keyring(&keyring, err))
		return false;
	if (!is_open(keyring, reply))
		return true;
	return keyring_find(keyring, request, &items, err) && erase_others(items, NULL, err) &&
	       helper_reply(reply, STORE_REPLY_OK, NULL);
}

/* ---- unlock ---- */

/* The permission for one item ends with this process, so what it is for has to be read here. */
static bool unlock_and_load(struct keyring *keyring, const struct store_request *request,
			    struct store_reply *reply, struct error *err)
{
	_cleanup_items_ GList *items = NULL;

	if (!keyring_find(keyring, request, &items, err))
		return false;
	for (GList *link = items; link; link = link->next) {
		if (secret_item_get_locked(link->data) && !keyring_unlock_item(keyring, link->data, err))
			return false;
	}
	return load(keyring, request, reply, err);
}

/* Items that the keyring will ask about again are not unlocked by unlocking the keyring. */
static bool has_locked_items(GList *items)
{
	for (GList *link = items; link; link = link->next) {
		if (secret_item_get_locked(link->data))
			return true;
	}
	return false;
}

static bool run_unlock(const struct store_request *request, struct store_reply *reply, struct error *err)
{
	_cleanup_(keyring_freep) struct keyring *keyring = NULL;
	_cleanup_items_ GList *items = NULL;

	if (!open_keyring(&keyring, err))
		return false;
	if (keyring->state == KEYRING_ABSENT)
		return helper_reply(reply, STORE_REPLY_ABSENT, "%s", keyring->reason);
	if (keyring->state == KEYRING_LOCKED && !keyring_unlock(keyring, err))
		return false;
	if (keyring->state == KEYRING_LOCKED)
		return helper_reply(
			reply, STORE_REPLY_LOCKED,
			"the keyring '%s' is still locked: nobody answered its prompt, or it could not "
			"be shown here",
			keyring->label);
	if (request->name[0])
		return unlock_and_load(keyring, request, reply, err);
	if (!keyring_find(keyring, NULL, &items, err))
		return false;
	return has_locked_items(items) ? helper_reply(reply, STORE_REPLY_LOCKED, ASKS)
				       : helper_reply(reply, STORE_REPLY_OK, NULL);
}

/* ---- the program ---- */

/* GLib's and libsecret's remarks: stderr is the daemon's log. */
static GLogWriterOutput drop_line(GLogLevelFlags level, const GLogField *fields, gsize n_fields,
				  gpointer data)
{
	(void)level;
	(void)fields;
	(void)n_fields;
	(void)data;
	return G_LOG_WRITER_HANDLED;
}

static void drop_text(const char *text)
{
	(void)text;
}

int main(int argc, char **argv)
{
	static const struct json_memory memory = {wipe_malloc, locked_alloc, locked_release};
	static const struct helper_verb verbs[] = {
		{"status", run_status}, {"load", run_load},     {"save", run_save},
		{"erase", run_erase},   {"unlock", run_unlock},
	};

	helper_harden();
	locked_memory_init();
	json_use_memory(&memory);
	g_log_set_writer_func(drop_line, NULL, NULL);
	g_set_printerr_handler(drop_text);
	return helper_run(
		&(struct helper){
			.program = "store-secret-service",
			.verbs = verbs,
			.n_verbs = ARRAY_SIZE(verbs),
			.memory = &locked_memory,
		},
		argc, argv);
}
