#include "stores/vault.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/secret.h"
#include "base/xalloc.h"
#include "stores/private_file.h"

bool vault_init(struct vault *vault, struct error *err)
{
	_cleanup_free_ char *state = NULL;

	*vault = (struct vault){
		.lock = -1,
		.file = BUFFER_INIT(SEALED_MAX, &buffer_heap),
		.key = {.bytes = BUFFER_INIT(0, &buffer_heap)},
	};
	if (!fs_xdg("XDG_STATE_HOME", ".local/state", &state, err))
		return false;
	vault->folder = xasprintf("%s/iamic", state);
	vault->path = xasprintf("%s/sealed", vault->folder);
	machine_read(&vault->machine);
	return true;
}

void vault_done(struct vault *vault)
{
	documents_done(&vault->documents);
	sealed_key_done(&vault->key);
	buffer_clear(&vault->file);
	closep(&vault->lock);
	free(vault->path);
	free(vault->folder);
}

bool vault_exists(const struct vault *vault)
{
	return access(vault->path, F_OK) == 0 || errno != ENOENT;
}

bool vault_lock(struct vault *vault, struct error *err)
{
	return fs_make_private_dir(vault->folder, err) && private_file_lock(vault->path, &vault->lock, err);
}

/* ---- opening ---- */

static bool read_file(struct vault *vault, bool *ret_exists, struct error *err)
{
	*ret_exists = false;
	buffer_clear(&vault->file);
	vault->header = (struct sealed_header){0};
	if (access(vault->folder, F_OK) < 0 && errno == ENOENT)
		return true;
	return fs_make_private_dir(vault->folder, err) &&
	       private_file_read(vault->path, &vault->file, ret_exists, err) &&
	       (!*ret_exists || sealed_parse(&vault->file, vault->path, &vault->header, err));
}

static bool is_bound(const struct sealed_header *header)
{
	static const unsigned char none[SEALED_ID_SIZE];

	return memcmp(header->machine, none, sizeof(none)) != 0;
}

/* A machine that has lost its id may be the one that the file was sealed on: its file is not set aside. */
static bool check_machine(struct vault *vault, bool *ret_is_foreign, struct error *err)
{
	unsigned char tag[SEALED_ID_SIZE];

	*ret_is_foreign = false;
	if (!is_bound(&vault->header))
		return true;
	if (!vault->machine.id[0])
		return error_set(
			err, ERROR_STORE,
			"'%s' is bound to a machine-id, and there is no /etc/machine-id here: restore "
			"it, or move the file away and sign in again",
			vault->path);
	if (!machine_tag(&vault->machine, vault->header.salt, tag, err))
		return false;
	*ret_is_foreign = memcmp(tag, vault->header.machine, sizeof(tag)) != 0;
	return true;
}

static bool unseal(struct vault *vault, struct error *err)
{
	_cleanup_(buffer_clearp) struct buffer plain = BUFFER_INIT(SEALED_MAX, &secret_memory);

	return sealed_open(&vault->file, vault->path, &vault->key, &plain, err) &&
	       documents_parse(&plain, vault->path, &vault->documents, err);
}

static bool read_material(struct vault *vault, enum key_source source, const struct store_request *request,
			  bool may_make, struct buffer *material, struct error *err)
{
	const char *machine = is_bound(&vault->header) ? vault->machine.id : "";
	bool is_locked;

	if (!key_source_read(source, request, vault->path, machine, may_make, material, &is_locked, err))
		return false;
	vault->state = is_locked ? VAULT_LOCKED : VAULT_OPEN;
	return true;
}

/* A passphrase's key that does not fit is one that the daemon has had for too long. */
static bool open_with(struct vault *vault, const struct buffer *material, struct error *err)
{
	documents_done(&vault->documents);
	sealed_key_done(&vault->key);
	if (!sealed_key_derive(material, vault->header.salt, &vault->key, err))
		return false;
	if (sealed_key_fits(&vault->key, &vault->header))
		return unseal(vault, err);
	if (vault->header.source != KEY_SOURCE_PASSPHRASE)
		return key_source_complain((enum key_source)vault->header.source, vault->path, err);
	vault->state = VAULT_LOCKED;
	return true;
}

bool vault_open(struct vault *vault, const struct store_request *request, struct error *err)
{
	_cleanup_(buffer_clearp) struct buffer material = BUFFER_INIT(STORE_MESSAGE_MAX, &secret_memory);
	bool exists, is_foreign;

	if (!read_file(vault, &exists, err))
		return false;
	if (!exists) {
		vault->state = VAULT_NONE;
		return true;
	}
	if (!check_machine(vault, &is_foreign, err))
		return false;
	if (is_foreign) {
		vault->state = VAULT_FOREIGN;
		return true;
	}
	return read_material(vault, (enum key_source)vault->header.source, request, false, &material, err) &&
	       (vault->state == VAULT_LOCKED || open_with(vault, &material, err));
}

bool vault_set_aside(struct vault *vault, char **ret_path, struct error *err)
{
	if (!private_file_set_aside(vault->path, "other-machine", ret_path, err))
		return false;
	buffer_clear(&vault->file);
	vault->header = (struct sealed_header){0};
	vault->state = VAULT_NONE;
	return true;
}

/* ---- making ---- */

static bool begin_header(struct vault *vault, enum key_source source, struct error *err)
{
	vault->header = (struct sealed_header){
		.source = (uint8_t)source,
		.cost = source == KEY_SOURCE_PASSPHRASE ? scrypt_cost_default : (struct scrypt_cost){0},
		.generation = vault->header.generation,
	};
	return derive_random(vault->header.salt, sizeof(vault->header.salt), err) &&
	       (source != KEY_SOURCE_RANDOM ||
		machine_tag(&vault->machine, vault->header.salt, vault->header.machine, err));
}

static bool begin_file(struct vault *vault, const struct buffer *material, struct error *err)
{
	sealed_key_done(&vault->key);
	if (!sealed_key_derive(material, vault->header.salt, &vault->key, err))
		return false;
	if (!vault->documents.list)
		documents_init(&vault->documents);
	vault->state = VAULT_OPEN;
	return true;
}

/* A key of a passphrase is of no use without the salt that made it, which was in the file. */
bool vault_make(struct vault *vault, const struct store_request *request, struct error *err)
{
	_cleanup_(buffer_clearp) struct buffer material = BUFFER_INIT(STORE_MESSAGE_MAX, &secret_memory);
	enum key_source source;

	if (!key_source_choose(request, &source, err) || !begin_header(vault, source, err))
		return false;
	if (source == KEY_SOURCE_PASSPHRASE) {
		vault->state = VAULT_LOCKED;
		return true;
	}
	return read_material(vault, source, request, true, &material, err) &&
	       (vault->state == VAULT_LOCKED || begin_file(vault, &material, err));
}

bool vault_set_passphrase(struct vault *vault, const struct buffer *passphrase, struct buffer *ret_key,
			  struct error *err)
{
	return begin_header(vault, KEY_SOURCE_PASSPHRASE, err) &&
	       derive_scrypt(passphrase, vault->header.salt, &vault->header.cost, ret_key, err) &&
	       begin_file(vault, ret_key, err);
}

bool vault_unlock(struct vault *vault, const struct buffer *passphrase, bool *ret_is_wrong,
		  struct buffer *ret_key, struct error *err)
{
	vault->state = VAULT_OPEN;
	if (!derive_scrypt(passphrase, vault->header.salt, &vault->header.cost, ret_key, err) ||
	    !open_with(vault, ret_key, err))
		return false;
	*ret_is_wrong = vault->state == VAULT_LOCKED;
	return true;
}

/* ---- saving ---- */

bool vault_save(struct vault *vault, struct error *err)
{
	_cleanup_(buffer_clearp) struct buffer plain = BUFFER_INIT(SEALED_MAX, &secret_memory);
	_cleanup_(buffer_clearp) struct buffer file = BUFFER_INIT(SEALED_MAX, &buffer_heap);

	vault->header.generation++;
	if (!documents_append(&plain, &vault->documents))
		return error_set(
			err, ERROR_STORE,
			"the sealed file would get more than %d bytes: sign out of sessions that are no "
			"longer used",
			SEALED_MAX);
	return sealed_close(&vault->header, &vault->key, &plain, &file, err) &&
	       private_file_replace(vault->path, &file, err);
}

/* ---- describing ---- */

bool vault_describe(const struct vault *vault, const struct store_request *request, const char **ret_source,
		    const char **ret_protects, struct error *err)
{
	bool is_there = vault->state == VAULT_LOCKED || vault->state == VAULT_OPEN;
	enum key_source source = (enum key_source)vault->header.source;

	if (!is_there && !key_source_choose(request, &source, err))
		return false;
	*ret_source = key_source_name(source);
	*ret_protects =
		key_source_protects(source, is_there ? is_bound(&vault->header) : vault->machine.id[0]);
	return true;
}
