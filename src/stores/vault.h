#pragma once
/*
 * The sealed file as it lies in the state folder: found, opened, made, replaced.
 *
 *	vault_init ──► vault_open ──► NONE ────► vault_make ──┐
 *			     ├──────► FOREIGN ─► vault_set_aside ─► NONE
 *			     ├──────► LOCKED ──► vault_unlock ├─► OPEN ──► vault_save
 *			     └──────► OPEN ◄──────────────────┘
 *
 * Whoever wants to save takes the lock first. Whatever cannot be read is an error, and stays as it is.
 */
#include <stdbool.h>

#include "base/buffer.h"
#include "base/error.h"
#include "ipc/store_message.h"
#include "stores/documents.h"
#include "stores/key_source.h"
#include "stores/machine.h"
#include "stores/sealed.h"

enum vault_state {
	VAULT_NONE,    /* there is no file */
	VAULT_FOREIGN, /* it is another machine's: a home was copied, or is shared */
	VAULT_LOCKED,  /* the daemon must bring its key */
	VAULT_OPEN,
};

struct vault {
	char *folder, *path;
	int lock; /* descriptor; -1: not taken */
	enum vault_state state;
	struct machine machine;
	struct buffer file;          /* its bytes */
	struct sealed_header header; /* LOCKED, OPEN */
	struct sealed_key key;       /* OPEN */
	struct documents documents;  /* OPEN */
};

/* May be done in any case, also after a failure. */
bool vault_init(struct vault *vault, struct error *err) MUST_CHECK;
void vault_done(struct vault *vault);

/* Whether there is anything by the file's name. */
bool vault_exists(const struct vault *vault);
/* Makes the folder where it lacks. */
bool vault_lock(struct vault *vault, struct error *err) MUST_CHECK;
/* Sets the state, anew if it is called again. The request's key opens it where the daemon keeps the key. */
bool vault_open(struct vault *vault, const struct store_request *request, struct error *err) MUST_CHECK;
/* FOREIGN to NONE. */
bool vault_set_aside(struct vault *vault, char **ret_path, struct error *err) MUST_CHECK;
/* NONE to OPEN with the source that the request says, or to LOCKED where its key is the daemon's to bring. */
bool vault_make(struct vault *vault, const struct store_request *request, struct error *err) MUST_CHECK;

/* LOCKED to OPEN, or as before with ret_is_wrong; ret_key for the daemon to keep. */
bool vault_unlock(struct vault *vault, const struct buffer *passphrase, bool *ret_is_wrong,
		  struct buffer *ret_key, struct error *err) MUST_CHECK;
/* NONE or OPEN to OPEN with another key, that of the passphrase; ret_key as above. */
bool vault_set_passphrase(struct vault *vault, const struct buffer *passphrase, struct buffer *ret_key,
			  struct error *err) MUST_CHECK;

bool vault_save(struct vault *vault, struct error *err) MUST_CHECK;

/* Of the file that is there or, with NONE and FOREIGN, of the one that the request would make. */
bool vault_describe(const struct vault *vault, const struct store_request *request, const char **ret_source,
		    const char **ret_protects, struct error *err) MUST_CHECK;
