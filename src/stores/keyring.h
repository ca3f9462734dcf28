#pragma once
/*
 * The keyring that our items are in: one collection of the Secret Service on the session bus. A person is
 * asked by keyring_unlock() and keyring_unlock_item() alone.
 */
#include <stdbool.h>

#include <libsecret/secret.h>

#include "base/cleanup.h"
#include "base/error.h"

enum keyring_state {
	KEYRING_ABSENT, /* no bus, no service, or no such collection: reason says so */
	KEYRING_LOCKED,
	KEYRING_OPEN,
};

struct keyring {
	enum keyring_state state;
	char *reason; /* of KEYRING_ABSENT: what lacks, and what to do */
	char *label;  /* of the other states: as the keyring's own program shows it */
	GDBusConnection *bus;
	SecretService *service;
	SecretCollection *collection;
};

/* Never makes a collection. False: a bus or service that does not answer, or not as it should. */
bool keyring_open(const char *alias, struct keyring **ret, struct error *err) MUST_CHECK;
struct keyring *keyring_free(struct keyring *keyring);
DEFINE_CLEANUP(struct keyring *, keyring_free)

/* Asks for the passphrase, for as long as the person takes; state tells how it ended. */
bool keyring_unlock(struct keyring *keyring, struct error *err) MUST_CHECK;
/* The same for one item, which some services lock by itself in an open keyring; a search then tells. */
bool keyring_unlock_item(struct keyring *keyring, SecretItem *item, struct error *err) MUST_CHECK;

/* Takes gerror, which may be NULL. Always false. */
bool keyring_fail(struct error *err, GError *gerror, const char *what);
