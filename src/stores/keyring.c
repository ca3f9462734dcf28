#include "stores/keyring.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "base/xalloc.h"

#define PROMPT_MS 1000 /* for one that asks nothing */

static const char no_service[] =
	"no program offers a keyring on the session bus: start gnome-keyring, KWallet "
	"or KeePassXC, or write 'store = file' in iamic's config";

static bool may_ask; /* libsecret's callbacks have no room for a struct of ours */

bool keyring_fail(struct error *err, GError *gerror, const char *what)
{
	if (gerror)
		g_dbus_error_strip_remote_error(gerror);
	error_fill(err, ERROR_STORE, "%s: %s", what, gerror ? gerror->message : "it does not say why");
	g_clear_error(&gerror);
	return false;
}

/* ---- prompts ---- */

static gboolean on_patience_over(gpointer cancellable)
{
	g_cancellable_cancel(cancellable); /* libsecret dismisses the prompt */
	return G_SOURCE_REMOVE;
}

/* libsecret's own never ends when a prompt is dismissed (0.20 and 0.21): that is no error, and no value. */
static void on_performed(GObject *prompt, GAsyncResult *result, gpointer userdata)
{
	g_autoptr(GTask) task = userdata;
	GError *gerror = NULL;
	GVariant *value = secret_prompt_perform_finish(SECRET_PROMPT(prompt), result, &gerror);

	if (value)
		g_task_return_pointer(task, value, (GDestroyNotify)g_variant_unref);
	else if (gerror)
		g_task_return_error(task, gerror);
	else
		g_task_return_new_error(task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "its prompt was dismissed");
}

static void on_prompt(SecretService *service, SecretPrompt *prompt, const GVariantType *type,
		      GCancellable *unused, GAsyncReadyCallback callback, gpointer userdata)
{
	g_autoptr(GCancellable) cancellable = g_cancellable_new();
	GTask *task = g_task_new(service, NULL, callback, userdata);

	(void)unused;
	if (!may_ask) {
		g_autoptr(GSource) patience = g_timeout_source_new(PROMPT_MS);

		g_source_set_callback(patience, on_patience_over, g_object_ref(cancellable), g_object_unref);
		g_source_attach(patience, g_main_context_get_thread_default());
	}
	secret_prompt_perform(prompt, "", type, cancellable, on_performed, task);
}

static GVariant *on_prompt_over(SecretService *service, GAsyncResult *result, GError **error)
{
	(void)service;
	return g_task_propagate_pointer(G_TASK(result), error);
}

static void on_class_init(gpointer class, gpointer data)
{
	SecretServiceClass *service_class = class;

	(void)data;
	service_class->prompt_async = on_prompt;
	service_class->prompt_finish = on_prompt_over;
}

/* libsecret's, with the prompts above: its synchronous functions are made of the others. */
static GType service_type(void)
{
	return g_type_register_static_simple(SECRET_TYPE_SERVICE, "IamicSecretService",
					     sizeof(SecretServiceClass), on_class_init, sizeof(SecretService),
					     NULL, 0);
}

/* ---- finding the keyring ---- */

/* GLib would start a bus of its own where an X display is at hand: a keyring there is nobody's. */
static bool has_session_bus(void)
{
	const char *address = getenv("DBUS_SESSION_BUS_ADDRESS"), *runtime = getenv("XDG_RUNTIME_DIR");
	_cleanup_free_ char *path = NULL;

	if (address && address[0])
		return strncmp(address, "autolaunch:", strlen("autolaunch:")) != 0;
	if (!runtime || runtime[0] != '/')
		return false;
	path = xasprintf("%s/bus", runtime);
	return access(path, F_OK) == 0;
}

static void set_absent(struct keyring *keyring, const char *reason, const char *detail)
{
	keyring->state = KEYRING_ABSENT;
	keyring->reason = detail ? xasprintf("%s (%s)", reason, detail) : xstrdup(reason);
	text_make_message(keyring->reason);
}

static bool connect_to_bus(struct keyring *keyring)
{
	g_autoptr(GError) gerror = NULL;

	if (!has_session_bus()) {
		set_absent(
			keyring,
			"there is no session bus, and so no keyring: write 'store = file' in iamic's config",
			NULL);
		return false;
	}
	keyring->bus = g_bus_get_sync(G_BUS_TYPE_SESSION, NULL, &gerror);
	if (!keyring->bus) {
		set_absent(keyring, "the session bus cannot be reached, and so no keyring", gerror->message);
		return false;
	}
	/* Otherwise GLib ends the process when the bus goes away. */
	g_dbus_connection_set_exit_on_close(keyring->bus, FALSE);
	return true;
}

static bool is_no_service(const GError *gerror)
{
	static const int codes[] = {
		G_DBUS_ERROR_SERVICE_UNKNOWN,
		G_DBUS_ERROR_NAME_HAS_NO_OWNER,
		G_DBUS_ERROR_SPAWN_EXEC_FAILED,
		G_DBUS_ERROR_SPAWN_FORK_FAILED,
		G_DBUS_ERROR_SPAWN_CHILD_EXITED,
		G_DBUS_ERROR_SPAWN_CHILD_SIGNALED,
		G_DBUS_ERROR_SPAWN_FAILED,
		G_DBUS_ERROR_SPAWN_SETUP_FAILED,
		G_DBUS_ERROR_SPAWN_CONFIG_INVALID,
		G_DBUS_ERROR_SPAWN_SERVICE_INVALID,
		G_DBUS_ERROR_SPAWN_SERVICE_NOT_FOUND,
		G_DBUS_ERROR_SPAWN_PERMISSIONS_INVALID,
		G_DBUS_ERROR_SPAWN_FILE_INVALID,
	};

	for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
		if (g_error_matches(gerror, G_DBUS_ERROR, codes[i]))
			return true;
	}
	return false;
}

static void set_no_collection(struct keyring *keyring, const char *alias)
{
	_cleanup_free_ char *reason = NULL;

	if (strcmp(alias, SECRET_COLLECTION_DEFAULT) == 0)
		reason = xstrdup(
			"there is no default keyring: make one with your desktop's program for passwords "
			"(seahorse, kwalletmanager), or write 'store = file' in iamic's config");
	else
		reason = xasprintf("there is no keyring with the alias '%s', which iamic's config names",
				   alias);
	set_absent(keyring, reason, NULL);
}

static bool find_collection(struct keyring *keyring, const char *alias, struct error *err)
{
	g_autofree char *label = NULL;
	GError *gerror = NULL;

	keyring->service = secret_service_open_sync(service_type(), NULL, SECRET_SERVICE_NONE, NULL, &gerror);
	if (keyring->service)
		keyring->collection = secret_collection_for_alias_sync(keyring->service, alias,
								       SECRET_COLLECTION_NONE, NULL, &gerror);
	if (keyring->collection) {
		label = secret_collection_get_label(keyring->collection);
		keyring->label = xstrdup(label && label[0] ? label : alias);
		text_make_message(keyring->label);
		keyring->state =
			secret_collection_get_locked(keyring->collection) ? KEYRING_LOCKED : KEYRING_OPEN;
		return true;
	}
	if (!gerror) {
		set_no_collection(keyring, alias);
		return true;
	}
	if (!is_no_service(gerror))
		return keyring_fail(err, gerror, "the keyring does not answer as it should");
	set_absent(keyring, no_service, NULL);
	g_clear_error(&gerror);
	return true;
}

bool keyring_open(const char *alias, struct keyring **ret, struct error *err)
{
	_cleanup_(keyring_freep) struct keyring *keyring = xcalloc(1, sizeof(*keyring));

	if (!utf8_is_valid(alias, strlen(alias)))
		return error_set(err, ERROR_CONFIG, "the alias of the keyring is not UTF-8");
	if (connect_to_bus(keyring) && !find_collection(keyring, alias, err))
		return false;
	*ret = TAKE(keyring);
	return true;
}

struct keyring *keyring_free(struct keyring *keyring)
{
	if (!keyring)
		return NULL;
	g_clear_object(&keyring->collection);
	g_clear_object(&keyring->service);
	g_clear_object(&keyring->bus);
	free(keyring->reason);
	free(keyring->label);
	free(keyring);
	return NULL;
}

/* ---- unlocking ---- */

/* A prompt that the person dismisses, or that cannot be shown, is no error: nothing was unlocked. */
static bool ask_for(struct keyring *keyring, gpointer object, bool *ret_is_open, struct error *err)
{
	g_autoptr(GList) objects = g_list_append(NULL, object);
	GError *gerror = NULL;
	int n;

	may_ask = true;
	n = secret_service_unlock_sync(keyring->service, objects, NULL, NULL, &gerror);
	may_ask = false;
	if (g_error_matches(gerror, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		g_clear_error(&gerror);
	if (gerror)
		return keyring_fail(err, gerror, "the keyring cannot be unlocked");
	*ret_is_open = n > 0;
	return true;
}

bool keyring_unlock(struct keyring *keyring, struct error *err)
{
	bool is_open;

	if (!ask_for(keyring, keyring->collection, &is_open, err))
		return false;
	keyring->state = is_open ? KEYRING_OPEN : KEYRING_LOCKED;
	return true;
}

bool keyring_unlock_item(struct keyring *keyring, SecretItem *item, bool *ret_is_open, struct error *err)
{
	return ask_for(keyring, item, ret_is_open, err);
}
