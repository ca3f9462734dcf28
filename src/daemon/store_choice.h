#pragma once
/*
 * Which helper keeps the sign-ins, and with which key: decided before the first operation, and not silently
 * anew afterwards.
 *
 * "auto" means the Secret Service where one answers on the session bus, else the sealed file; what it chose
 * is recorded in $XDG_STATE_HOME/iamic/store, and from then on an absent keyring is an error and no reason to
 * go elsewhere. A service that asks a person at every replacement (KeePassXC) keeps only the key of the
 * sealed file.
 *
 * Owned by whoever started it; the callback runs exactly once, from the event loop.
 */
#include <systemd/sd-event.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/secret.h"

struct store_options {
	char *kind; /* as in the settings: "auto", "secret-service", "file", "memory", or a path */
	char *key;  /* of the sealed file: "auto", "secret-service", "credential", "passphrase", "random" */
	char *collection;         /* alias */
	struct secret *known_key; /* that came with the keyring's prompt; or NULL */
};

struct store_backend {
	const char *kind;   /* "secret-service", "file", or "helper"; static */
	char *program;      /* absolute path */
	char *key_source;   /* of the sealed file, or NULL: what its helper is told */
	char *sealed_with;  /* where that file's key comes from, or will when it is made */
	struct secret *key; /* of the sealed file, where the daemon keeps it; or NULL */
	bool is_new;        /* the sealed file is yet to be made */
	char *protects;     /* what it protects from, in words */
};

void store_backend_done(struct store_backend *backend);

struct store_choice;

/* backend: its contents are the callback's to take; NULL with err. is_locked: a person must unlock the
 * keyring first. */
typedef void (*store_choice_fn)(struct store_backend *backend, bool is_locked, const struct error *err,
				void *userdata);

/* options are borrowed until it is freed. */
struct store_choice *store_choice_start(sd_event *event, const struct store_options *options,
					store_choice_fn fn, void *userdata);
struct store_choice *store_choice_free(struct store_choice *choice);

/* What auto is to choose from now on; kinds that it never would are not recorded. */
void store_choice_record(const char *kind);

/* What a helper says of a keyring that asks a person whenever another program replaces an item. */
#define STORE_ASKS_ON_REPLACE "asks-on-replace"

/* The name under which the keyring keeps the sealed file's key. */
#define STORE_KEY_ITEM "iamic-key"

/* Of the helpers that this version brings. */
extern const char store_secret_service_program[];
extern const char store_file_program[];
