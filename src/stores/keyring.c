#include "stores/keyring.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "base/xalloc.h"
#include "stores/keyring_service.h"

#define SECRETS_NAME "org.freedesktop.secrets"

static const char no_service[] =
	"no program offers a keyring on the session bus: start gnome-keyring, KWallet "
	"or KeePassXC, or write 'store = file' in iamic's config";

bool keyring_fail(struct error *err, GError *gerror, const char *what)
{
	if (gerror)
		g_dbus_error_strip_remote_error(gerror);
	error_fill(err, ERROR_STORE, "%s: %s", what, gerror ? gerror->message : "it does not say why");
	g_clear_error(&gerror);
	return false;
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

static bool unlock(struct keyring *keyring, bool may_ask, struct error *err)
{
	GError *gerror = NULL;
	bool is_open = keyring_service_unlock(keyring->service, keyring->collection, may_ask, &gerror);

	if (gerror)
		return keyring_fail(err, gerror, "the keyring cannot be unlocked");
	keyring->state = is_open ? KEYRING_OPEN : KEYRING_LOCKED;
	return true;
}

/*
 * KWallet calls a wallet locked that is open, until a program has run a prompt for it, which then asks
 * nothing. Its own interface tells whether it would.
 */
static bool is_open_in_kwallet(const struct keyring *keyring, const char *label)
{
	static const char *const paths[] = {"/modules/kwalletd5", "/modules/kwalletd6"};

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		g_autoptr(GVariant) answer = g_dbus_connection_call_sync(
			keyring->bus, SECRETS_NAME, paths[i], "org.kde.KWallet", "isOpen",
			g_variant_new("(s)", label), G_VARIANT_TYPE("(b)"), G_DBUS_CALL_FLAGS_NO_AUTO_START,
			-1, NULL, NULL);
		gboolean is_open;

		if (!answer)
			continue;
		g_variant_get(answer, "(b)", &is_open);
		return is_open;
	}
	return false;
}

static bool look_at_collection(struct keyring *keyring, const char *alias, struct error *err)
{
	g_autofree char *label = secret_collection_get_label(keyring->collection);

	keyring->label = xstrdup(label && label[0] ? label : alias);
	text_make_message(keyring->label);
	keyring->state = KEYRING_OPEN;
	if (!secret_collection_get_locked(keyring->collection))
		return true;
	keyring->state = KEYRING_LOCKED;
	return !label || !is_open_in_kwallet(keyring, label) || unlock(keyring, false, err);
}

static bool find_collection(struct keyring *keyring, const char *alias, struct error *err)
{
	GError *gerror = NULL;

	keyring->service = keyring_service_open(&gerror);
	if (keyring->service)
		keyring->collection = secret_collection_for_alias_sync(keyring->service, alias,
								       SECRET_COLLECTION_NONE, NULL, &gerror);
	if (keyring->collection)
		return look_at_collection(keyring, alias, err);
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

bool keyring_unlock(struct keyring *keyring, struct error *err)
{
	return unlock(keyring, true, err);
}

bool keyring_unlock_item(struct keyring *keyring, SecretItem *item, struct error *err)
{
	GError *gerror = NULL;

	keyring_service_unlock(keyring->service, item, true, &gerror);
	return !gerror || keyring_fail(err, gerror, "the keyring's item cannot be unlocked");
}
