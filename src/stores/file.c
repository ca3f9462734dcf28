/*
 * store-file: keeps the documents of all sessions in one sealed file, $XDG_STATE_HOME/iamic/sealed.
 *
 * One operation a run: lock, open, change, seal, replace. The daemon gives it a deadline, and may end it at
 * any instant: the file is then the old one or the new one.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>

#include "base/json.h"
#include "base/secret.h"
#include "base/wipe.h"
#include "base/xalloc.h"
#include "stores/helper.h"
#include "stores/vault.h"

/* What to do about it the daemon says, which knows who can. */
static bool locked(const struct vault *vault, struct store_reply *reply)
{
	if (vault->header.source == KEY_SOURCE_SECRET_SERVICE)
		return helper_reply(reply, STORE_REPLY_LOCKED, "'%s' needs its key, which is in the keyring",
				    vault->path);
	if (vault->file.len == 0)
		return helper_reply(reply, STORE_REPLY_LOCKED,
				    "the sealed file has no passphrase yet (iamic unlock --set)");
	return helper_reply(reply, STORE_REPLY_LOCKED, "'%s' is locked by a passphrase", vault->path);
}

static bool check_named(const struct store_request *request, struct error *err)
{
	return request->name[0] || error_set(err, ERROR_STORE, "the request names no session");
}

/* ---- status ---- */

static bool status(const struct store_request *request, struct store_reply *reply, struct error *err)
{
	static const enum store_reply_state states[] = {
		[VAULT_NONE] = STORE_REPLY_ABSENT,
		[VAULT_FOREIGN] = STORE_REPLY_ABSENT,
		[VAULT_LOCKED] = STORE_REPLY_LOCKED,
		[VAULT_OPEN] = STORE_REPLY_OK,
	};
	_cleanup_(vault_done) struct vault vault;
	const char *source, *protects;

	if (!vault_init(&vault, err) || !vault_open(&vault, request, err) ||
	    !vault_describe(&vault, request, &source, &protects, err))
		return false;
	reply->protects = xstrdup(protects);
	return helper_reply(reply, states[vault.state], "key=%s", source);
}

/* ---- load ---- */

/* Another machine's file goes out of the way, which is said once: the next one finds nothing. */
static bool open_ours(struct vault *vault, const struct store_request *request, char **ret_aside,
		      struct error *err)
{
	if (!vault_open(vault, request, err))
		return false;
	if (vault->state == VAULT_FOREIGN && vault->lock < 0 &&
	    (!vault_lock(vault, err) || !vault_open(vault, request, err)))
		return false;
	return vault->state != VAULT_FOREIGN || vault_set_aside(vault, ret_aside, err);
}

static bool load(const struct store_request *request, struct store_reply *reply, struct error *err)
{
	_cleanup_(vault_done) struct vault vault;
	_cleanup_free_ char *aside = NULL;
	const char *text;

	if (!vault_init(&vault, err) || !check_named(request, err) ||
	    !open_ours(&vault, request, &aside, err))
		return false;
	if (aside)
		return helper_reply(reply, STORE_REPLY_ABSENT,
				    "'%s' was sealed on another machine and is now '%s': sign in again",
				    vault.path, aside);
	if (vault.state == VAULT_LOCKED)
		return locked(&vault, reply);
	if (vault.state == VAULT_NONE ||
	    !documents_find(&vault.documents, request, &text, &reply->generation))
		return helper_reply(reply, STORE_REPLY_ABSENT, NULL);
	if (!buffer_append_text(&reply->secret, text))
		return error_set(err, ERROR_INTERNAL, "there is no memory for what is in '%s'", vault.path);
	return helper_reply(reply, STORE_REPLY_OK, NULL);
}

/* ---- save ---- */

/* The same once more is no other: a daemon sends it that did not hear of the first. */
static bool is_outdone(const struct vault *vault, const struct store_request *request,
		       int64_t *ret_generation)
{
	const char *text;

	if (!documents_find(&vault->documents, request, &text, ret_generation) ||
	    request->generation > *ret_generation)
		return false;
	return request->generation < *ret_generation || strlen(text) != request->secret.len ||
	       CRYPTO_memcmp(text, request->secret.data, request->secret.len) != 0;
}

static bool save(const struct store_request *request, struct store_reply *reply, struct error *err)
{
	_cleanup_(vault_done) struct vault vault;
	_cleanup_free_ char *aside = NULL;
	int64_t generation;

	if (!vault_init(&vault, err) || !check_named(request, err))
		return false;
	if (request->secret.len == 0)
		return error_set(err, ERROR_STORE, "the request has nothing to save");
	if (!vault_lock(&vault, err) || !open_ours(&vault, request, &aside, err) ||
	    (vault.state == VAULT_NONE && !vault_make(&vault, request, err)))
		return false;
	if (vault.state == VAULT_LOCKED)
		return locked(&vault, reply);
	if (is_outdone(&vault, request, &generation)) {
		reply->generation = generation;
		return helper_reply(reply, STORE_REPLY_FAILED,
				    "a newer one is there: generation %lld, and %lld was to be saved",
				    (long long)generation, (long long)request->generation);
	}
	if (!documents_put(&vault.documents, request, err) || !vault_save(&vault, err))
		return false;
	return aside ? helper_reply(reply, STORE_REPLY_OK,
				    "a file that was sealed on another machine is now '%s'", aside)
		     : helper_reply(reply, STORE_REPLY_OK, NULL);
}

/* ---- erase ---- */

static bool erase(const struct store_request *request, struct store_reply *reply, struct error *err)
{
	_cleanup_(vault_done) struct vault vault;

	if (!vault_init(&vault, err) || !check_named(request, err))
		return false;
	if (!vault_exists(&vault))
		return helper_reply(reply, STORE_REPLY_OK, NULL);
	if (!vault_lock(&vault, err) || !vault_open(&vault, request, err))
		return false;
	if (vault.state == VAULT_LOCKED)
		return locked(&vault, reply);
	if (vault.state == VAULT_OPEN && documents_remove(&vault.documents, request) &&
	    !vault_save(&vault, err))
		return false;
	return helper_reply(reply, STORE_REPLY_OK, NULL);
}

/* ---- unlock ---- */

static bool has_passphrase(const struct vault *vault)
{
	return (vault->state == VAULT_LOCKED || vault->state == VAULT_OPEN) &&
	       vault->header.source == KEY_SOURCE_PASSPHRASE;
}

static bool open_with_passphrase(struct vault *vault, const struct store_request *request,
				 struct store_reply *reply, struct error *err)
{
	bool is_wrong;

	if (!vault_unlock(vault, &request->secret, &is_wrong, &reply->key, err))
		return false;
	if (!is_wrong)
		return helper_reply(reply, STORE_REPLY_OK, NULL);
	buffer_clear(&reply->key);
	return helper_reply(reply, STORE_REPLY_LOCKED, "that is not the passphrase of '%s'", vault->path);
}

/* Where there is no file yet, or one with another key that is at hand. */
static bool set_passphrase(const struct store_request *request, struct store_reply *reply, struct error *err)
{
	_cleanup_(vault_done) struct vault vault;
	_cleanup_free_ char *aside = NULL;

	if (!vault_init(&vault, err) || !vault_lock(&vault, err) || !open_ours(&vault, request, &aside, err))
		return false;
	if (has_passphrase(&vault)) /* another program was faster */
		return open_with_passphrase(&vault, request, reply, err);
	if (vault.state == VAULT_LOCKED)
		return locked(&vault, reply);
	return vault_set_passphrase(&vault, &request->secret, &reply->key, err) && vault_save(&vault, err) &&
	       helper_reply(reply, STORE_REPLY_OK, NULL);
}

static bool unlock(const struct store_request *request, struct store_reply *reply, struct error *err)
{
	bool is_to_be_set = strcmp(request->key_source, "passphrase") == 0;
	_cleanup_(vault_done) struct vault vault;

	if (!vault_init(&vault, err) || !vault_open(&vault, request, err))
		return false;
	if (request->secret.len == 0 && (is_to_be_set || has_passphrase(&vault)))
		return error_set(err, ERROR_STORE, "an empty passphrase protects nothing");
	if (has_passphrase(&vault))
		return open_with_passphrase(&vault, request, reply, err);
	if (is_to_be_set)
		return set_passphrase(request, reply, err);
	if (vault.state == VAULT_LOCKED)
		return locked(&vault, reply);
	return vault.state == VAULT_OPEN
		       ? helper_reply(reply, STORE_REPLY_OK, "'%s' has no passphrase: it is open", vault.path)
		       : helper_reply(reply, STORE_REPLY_ABSENT, "there is no sealed file to unlock");
}

int main(int argc, char **argv)
{
	static const struct json_memory json_memory = {wipe_malloc, secret_malloc, secret_release};
	static const struct helper_verb verbs[] = {
		{"status", status}, {"load", load}, {"save", save}, {"erase", erase}, {"unlock", unlock},
	};
	static const struct helper helper = {
		.program = "store-file",
		.verbs = verbs,
		.n_verbs = ARRAY_SIZE(verbs),
		.memory = &secret_memory,
	};
	bool is_in_locked_memory;

	helper_harden();
	signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is a write that fails */
	json_use_memory(&json_memory);
	if (!secret_init(&is_in_locked_memory)) {
		fputs("store-file: there is no memory that secrets could be kept in\n", stderr);
		return 1;
	}
	return helper_run(&helper, argc, argv);
}
