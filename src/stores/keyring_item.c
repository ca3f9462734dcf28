#define SECRET_API_SUBJECT_TO_CHANGE /* secret_item_new_for_dbus_path_sync(), unchanged since it is there */

#include "stores/keyring_item.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "stores/envelope.h"
#include "stores/locked_memory.h"

#define APPLICATION "iamic"
#define KEY_NAME    "iamic-key" /* the daemon's name for the key of the sealed file */

/* Services that keep no schema find the items as well. */
static const SecretSchema schema = {
	.name = "io.iamic.SignIn",
	.flags = SECRET_SCHEMA_DONT_MATCH_NAME,
	.attributes =
		{
			{"application", SECRET_SCHEMA_ATTRIBUTE_STRING},
			{"session", SECRET_SCHEMA_ATTRIBUTE_STRING},
			{"startUrl", SECRET_SCHEMA_ATTRIBUTE_STRING},
			{"region", SECRET_SCHEMA_ATTRIBUTE_STRING},
		},
};

char *keyring_item_label(const char *name)
{
	if (strcmp(name, KEY_NAME) == 0)
		return xstrdup("Key of iamic's sealed file");
	return xasprintf("AWS sign-in %s (iamic)", name);
}

/* ---- attributes ---- */

static void set_attribute(GHashTable *attributes, const char *name, char *value)
{
	g_hash_table_insert(attributes, (char *)(uintptr_t)name, value);
}

/* Borrows request's strings. The key of the sealed file belongs to no address: what is empty is left out. */
static GHashTable *attributes_of(const struct store_request *request)
{
	static char application[] = APPLICATION;
	GHashTable *attributes = g_hash_table_new(g_str_hash, g_str_equal);

	set_attribute(attributes, "application", application);
	if (!request)
		return attributes;
	set_attribute(attributes, "session", request->name);
	if (request->start_url[0])
		set_attribute(attributes, "startUrl", request->start_url);
	if (request->region[0])
		set_attribute(attributes, "region", request->region);
	return attributes;
}

/* An item that is locked by itself may keep its attributes to itself: then the service's word counts. */
static bool is_wanted(SecretItem *item, GHashTable *wanted)
{
	g_autoptr(GHashTable) found = secret_item_get_attributes(item);

	if (!found || (secret_item_get_locked(item) && !g_hash_table_contains(found, "application")))
		return true;
	for (size_t i = 0; schema.attributes[i].name; i++) {
		const char *name = schema.attributes[i].name;

		if (g_strcmp0(g_hash_table_lookup(found, name), g_hash_table_lookup(wanted, name)) != 0)
			return false;
	}
	return true;
}

/* ---- operations ---- */

/* In this collection alone: KeePassXC asks a person to open every other one before it searches them all. */
bool keyring_find(struct keyring *keyring, const struct store_request *request, GList **ret,
		  struct error *err)
{
	g_autoptr(GHashTable) attributes = attributes_of(request);
	_cleanup_items_ GList *all = NULL;
	GList *found = NULL;
	GError *gerror = NULL;

	all = secret_collection_search_sync(keyring->collection, &schema, attributes, SECRET_SEARCH_ALL, NULL,
					    &gerror);
	if (gerror)
		return keyring_fail(err, gerror, "the keyring cannot be searched");
	for (GList *link = all; link; link = link->next) {
		if (!request || is_wanted(link->data, attributes))
			found = g_list_prepend(found, g_object_ref(link->data));
	}
	*ret = found;
	return true;
}

/* What is wrong with an item is said with the label under which a person finds it. */
static bool blame_item(SecretItem *item, struct error *err)
{
	g_autofree char *label = secret_item_get_label(item);

	return error_prefix(err, "the keyring's item '%s'", label ? label : "");
}

static bool read_envelope(const char *data, size_t len, struct buffer *ret_secret, int64_t *ret_generation,
			  struct error *err)
{
	const char *secret;

	if (!envelope_parse(data, len, ret_generation, &secret, &len, err))
		return false;
	return buffer_append(ret_secret, secret, len) ||
	       error_set(err, ERROR_STORE, "what it holds is too long");
}

/* KWallet writes attributes at once, secrets five seconds later: a crash in between leaves an empty item. */
static bool read_nothing(int64_t *ret_generation)
{
	*ret_generation = -1;
	return true;
}

bool keyring_read(SecretItem *item, struct buffer *ret_secret, int64_t *ret_generation, struct error *err)
{
	SecretValue *value;
	const char *data;
	GError *gerror = NULL;
	size_t len = 0;
	bool ok;

	if (!secret_item_load_secret_sync(item, NULL, &gerror)) {
		keyring_fail(err, gerror, "it cannot be read");
		return blame_item(item, err);
	}
	value = secret_item_get_secret(item);
	data = value ? secret_value_get(value, &len) : "";
	ok = len == 0 ? read_nothing(ret_generation)
		      : read_envelope(data, len, ret_secret, ret_generation, err);
	if (value)
		secret_value_unref(value);
	return ok || blame_item(item, err);
}

static SecretValue *value_of(const struct store_request *request, struct error *err)
{
	_cleanup_(buffer_clearp) struct buffer data = BUFFER_INIT(STORE_MESSAGE_MAX, &locked_memory);

	if (!envelope_append(&data, request->generation, &request->secret)) {
		error_fill(err, ERROR_STORE, "what is to be kept is too long");
		return NULL;
	}
	return secret_value_new(data.data, (gssize)data.len, "text/plain");
}

bool keyring_replace(SecretItem *item, const struct store_request *request, struct error *err)
{
	SecretValue *value = value_of(request, err);
	GError *gerror = NULL;

	if (!value)
		return false;
	secret_item_set_secret_sync(item, value, NULL, &gerror);
	secret_value_unref(value);
	return !gerror || (keyring_fail(err, gerror, "it cannot be replaced"), blame_item(item, err));
}

static SecretItem *create(struct keyring *keyring, GHashTable *attributes, const char *label,
			  SecretValue *value, struct error *err)
{
	GError *gerror = NULL;
	SecretItem *item = secret_item_create_sync(keyring->collection, &schema, attributes, label, value,
						   SECRET_ITEM_CREATE_NONE, NULL, &gerror);

	if (!item)
		keyring_fail(err, gerror, "an item cannot be added to the keyring");
	return item;
}

bool keyring_create(struct keyring *keyring, const struct store_request *request, bool *ret_asks,
		    struct error *err)
{
	g_autoptr(GHashTable) attributes = attributes_of(request);
	_cleanup_free_ char *label = keyring_item_label(request->name);
	SecretValue *value = value_of(request, err);
	g_autoptr(SecretItem) item = NULL;

	if (!value)
		return false;
	item = create(keyring, attributes, label, value, err);
	secret_value_unref(value);
	if (!item)
		return false;
	*ret_asks = keyring_item_asks(item);
	return true;
}

bool keyring_erase(SecretItem *item, struct error *err)
{
	GError *gerror = NULL;

	if (secret_item_delete_sync(item, NULL, &gerror))
		return true;
	keyring_fail(err, gerror, "it cannot be removed");
	return blame_item(item, err);
}

/* ---- what kind of service it is ---- */

bool keyring_item_asks(SecretItem *item)
{
	g_autoptr(GHashTable) attributes = secret_item_get_attributes(item);

	return attributes && g_hash_table_contains(attributes, "Uuid") &&
	       g_hash_table_contains(attributes, "Path");
}

static SecretItem *any_item(struct keyring *keyring)
{
	g_autoptr(GVariant) paths =
		g_dbus_proxy_get_cached_property(G_DBUS_PROXY(keyring->collection), "Items");
	const char *path;

	if (!paths || !g_variant_is_of_type(paths, G_VARIANT_TYPE_OBJECT_PATH_ARRAY) ||
	    g_variant_n_children(paths) == 0)
		return NULL;
	g_variant_get_child(paths, 0, "&o", &path);
	return secret_item_new_for_dbus_path_sync(keyring->service, path, SECRET_ITEM_NONE, NULL, NULL);
}

static SecretItem *make_trial_item(struct keyring *keyring, struct error *err)
{
	static char application[] = APPLICATION "-trial";
	g_autoptr(GHashTable) attributes = g_hash_table_new(g_str_hash, g_str_equal);
	SecretValue *value = secret_value_new("nothing", -1, "text/plain");
	SecretItem *item;

	set_attribute(attributes, "application", application);
	item = create(keyring, attributes, "Trial of iamic: may be removed", value, err);
	secret_value_unref(value);
	return item;
}

bool keyring_asks(struct keyring *keyring, bool *ret, struct error *err)
{
	g_autoptr(SecretItem) item = any_item(keyring);

	if (item) {
		*ret = keyring_item_asks(item);
		return true;
	}
	item = make_trial_item(keyring, err);
	if (!item)
		return false;
	*ret = keyring_item_asks(item);
	return keyring_erase(item, err);
}
