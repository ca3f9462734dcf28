/*
 *   auto ──(recorded, or asked of the Secret Service)──► secret-service ──► status ──► chosen
 *                           │
 *   file ───────────────────┴──► status of the file ──► [its key from the Secret Service] ──► chosen
 *   /path/to/helper ──► status ──► chosen
 */
#include "daemon/store_choice.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/random.h"
#include "base/state_file.h"
#include "base/xalloc.h"
#include "daemon/store_helper.h"
#include "daemon/timer.h"

#include "build-config.h"

#define KEY_BYTES  32
#define CHOICE_MAX 64

#define RECORD_NAME "store"

const char store_secret_service_program[] = IAMIC_LIBEXECDIR "/store-secret-service";
const char store_file_program[] = IAMIC_LIBEXECDIR "/store-file";

struct store_choice {
	sd_event *event;
	const struct store_options *options; /* the store's */
	struct store_backend backend;
	struct store_helper *helper;
	bool is_new;          /* no record of an earlier choice */
	bool is_key_expected; /* the sealed file exists, and is closed with a key of the Secret Service */
	struct buffer fresh_key;
	store_choice_fn fn;
	void *userdata;
};

void store_backend_done(struct store_backend *backend)
{
	free(backend->program);
	free(backend->key_source);
	free(backend->sealed_with);
	free(backend->protects);
	secret_free(backend->key);
	*backend = (struct store_backend){0};
}

static void choose(struct store_choice *choice)
{
	choice->fn(&choice->backend, false, NULL,
		   choice->userdata); /* may free choice: nothing after this line */
}

static void fail(struct store_choice *choice, bool is_locked, const char *why)
{
	struct error err;

	error_fill(&err, ERROR_STORE, "%s", why);
	choice->fn(NULL, is_locked, &err, choice->userdata); /* may free choice: nothing after this line */
}

static void ask(struct store_choice *choice, const char *program, const char *verb,
		const struct store_request *request, store_helper_fn fn)
{
	static const struct store_request nothing = {.secret = {.memory = &buffer_heap},
						     .key = {.memory = &buffer_heap}};

	choice->helper = store_helper_free(choice->helper);
	choice->helper = store_helper_ask(choice->event, program, choice->options->collection, verb,
					  request ? request : &nothing, fn, choice);
}

/* ---- the record of what auto chose ---- */

static char *read_record(void)
{
	_cleanup_(buffer_clearp) struct buffer text = BUFFER_INIT(CHOICE_MAX, &buffer_heap);
	struct error err;
	bool exists;

	if (!state_file_read(RECORD_NAME, &text, &exists, &err) || !exists || text.len == 0)
		return NULL;
	text.data[strcspn(text.data, "\n")] = '\0';
	return xstrdup(text.data);
}

void store_choice_record(const char *kind)
{
	_cleanup_free_ char *line = xasprintf("%s\n", kind);
	struct error err;

	if (strcmp(kind, "secret-service") != 0 && strcmp(kind, "file") != 0)
		return;
	if (!state_file_write(RECORD_NAME, line, strlen(line), true, &err))
		log_warning("%s: that '%s' was chosen as store is not recorded", err.message, kind);
}

/* ---- the sealed file ---- */

static void on_key_saved(const struct store_reply *reply, const struct error *err, void *userdata)
{
	struct store_choice *choice = userdata;

	if (err || reply->state != STORE_REPLY_OK) {
		fail(choice, reply && reply->state == STORE_REPLY_LOCKED,
		     err ? err->message : "the key of the sealed file cannot be kept in the keyring");
		return;
	}
	choice->backend.key = secret_new(choice->fresh_key.data, choice->fresh_key.len);
	buffer_clear(&choice->fresh_key);
	choose(choice); /* nothing after this line */
}

static void make_key(struct store_choice *choice)
{
	struct store_request request = {
		.name = xstrdup(STORE_KEY_ITEM),
		.secret = BUFFER_INIT(2 * KEY_BYTES + 1, &secret_memory),
		.key = BUFFER_INIT(0, &buffer_heap),
		.generation = 1,
	};

	choice->fresh_key = BUFFER_INIT(2 * KEY_BYTES + 1, &secret_memory);
	for (size_t i = 0; i < KEY_BYTES / sizeof(uint32_t); i++) {
		uint32_t part = random_u32();

		if (!buffer_append_format(&choice->fresh_key, "%08x", part))
			abort(); /* the arena has just been made, or is as good as full */
	}
	if (!buffer_append(&request.secret, choice->fresh_key.data, choice->fresh_key.len))
		abort();
	ask(choice, store_secret_service_program, "save", &request, on_key_saved);
	store_request_done(&request);
}

static void on_key(const struct store_reply *reply, const struct error *err, void *userdata)
{
	struct store_choice *choice = userdata;

	if (err) {
		fail(choice, false, err->message);
	} else if (reply->state == STORE_REPLY_OK) {
		choice->backend.key = secret_new(reply->secret.data, reply->secret.len);
		choose(choice); /* nothing after this line */
	} else if (reply->state == STORE_REPLY_LOCKED) {
		fail(choice, true, "the keyring is locked");
	} else if (reply->state == STORE_REPLY_ABSENT && !choice->is_key_expected) {
		make_key(choice);
	} else if (reply->state == STORE_REPLY_ABSENT) {
		fail(choice, false, "the key of the sealed file is no longer in the keyring");
	} else {
		fail(choice, false, reply->message ? reply->message : "the keyring does not answer");
	}
}

static void load_key(struct store_choice *choice)
{
	struct store_request request = {
		.name = xstrdup(STORE_KEY_ITEM),
		.secret = BUFFER_INIT(0, &buffer_heap),
		.key = BUFFER_INIT(0, &buffer_heap),
	};

	ask(choice, store_secret_service_program, "load", &request, on_key);
	store_request_done(&request);
}

/* A keyring that asks a person has shown its prompt in a helper that is gone, and its leave with it. */
static void take_key_from_keyring(struct store_choice *choice, bool is_expected)
{
	const struct secret *known = choice->options->known_key;

	xstrdup_to(&choice->backend.key_source, "secret-service");
	xstrdup_to(&choice->backend.sealed_with, "secret-service");
	choice->is_key_expected = is_expected;
	if (!known) {
		load_key(choice);
		return;
	}
	choice->backend.key = secret_new(secret_text(known), secret_len(known));
	choose(choice); /* nothing after this line */
}

static void on_keyring_status_for_key(const struct store_reply *reply, const struct error *err,
				      void *userdata)
{
	struct store_choice *choice = userdata;
	bool is_there = !err && (reply->state == STORE_REPLY_OK || reply->state == STORE_REPLY_LOCKED);

	if (is_there) {
		take_key_from_keyring(choice, false);
	} else if (strcmp(choice->options->key, "secret-service") == 0) {
		fail(choice, false, "there is no keyring that could keep the key of the sealed file");
	} else {
		choose(choice); /* the file's helper takes the next source; nothing after this line */
	}
}

/* message is "key=SOURCE", of the file that is there or of the one that would be made. */
static void on_file_status(const struct store_reply *reply, const struct error *err, void *userdata)
{
	struct store_choice *choice = userdata;
	const char *source =
		reply && reply->message && strncmp(reply->message, "key=", 4) == 0 ? reply->message + 4 : "";

	if (err || reply->state == STORE_REPLY_FAILED) {
		fail(choice, false,
		     err              ? err->message
		     : reply->message ? reply->message
				      : "the sealed file cannot be used");
		return;
	}
	xstrdup_to(&choice->backend.protects, reply->protects);
	/* By `iamic unlock --set` the file may have got one that is not what the key says. */
	xstrdup_to(&choice->backend.key_source,
		   strcmp(source, "passphrase") == 0 ? source : choice->options->key);
	xstrdup_to(&choice->backend.sealed_with, source);
	choice->backend.is_new = reply->state == STORE_REPLY_ABSENT;
	if (reply->state != STORE_REPLY_ABSENT && strcmp(source, "secret-service") == 0)
		take_key_from_keyring(choice, true);
	else if (reply->state == STORE_REPLY_ABSENT && (strcmp(choice->options->key, "auto") == 0 ||
							strcmp(choice->options->key, "secret-service") == 0))
		ask(choice, store_secret_service_program, "status", NULL, on_keyring_status_for_key);
	else
		choose(choice); /* nothing after this line */
}

static void choose_file(struct store_choice *choice)
{
	struct store_request request = {
		.key_source = xstrdup(choice->options->key),
		.secret = BUFFER_INIT(0, &buffer_heap),
		.key = BUFFER_INIT(0, &buffer_heap),
	};

	choice->backend.kind = "file";
	choice->backend.program = xstrdup(store_file_program);
	ask(choice, store_file_program, "status", &request, on_file_status);
	store_request_done(&request);
}

/* ---- the Secret Service, and other helpers ---- */

static void on_helper_status(const struct store_reply *reply, const struct error *err, void *userdata)
{
	struct store_choice *choice = userdata;

	if (!err)
		xstrdup_to(&choice->backend.protects, reply->protects);
	if (err)
		fail(choice, false, err->message);
	else
		choose(choice); /* whatever its state is now: each operation says what is wrong; nothing after
				   this line */
}

static void choose_helper(struct store_choice *choice, const char *kind, const char *program)
{
	choice->backend.kind = kind;
	choice->backend.program = xstrdup(program);
	ask(choice, program, "status", NULL, on_helper_status);
}

static void on_keyring_status(const struct store_reply *reply, const struct error *err, void *userdata)
{
	struct store_choice *choice = userdata;
	bool is_there = !err && (reply->state == STORE_REPLY_OK || reply->state == STORE_REPLY_LOCKED);
	bool asks_on_replace =
		is_there && reply->message && strcmp(reply->message, STORE_ASKS_ON_REPLACE) == 0;

	if (is_there && !asks_on_replace) {
		choice->backend.kind = "secret-service";
		choice->backend.program = xstrdup(store_secret_service_program);
		xstrdup_to(&choice->backend.protects, reply->protects);
		if (reply->state ==
		    STORE_REPLY_OK) /* a locked one does not tell yet whether it asks at every change */
			store_choice_record("secret-service");
		choose(choice); /* nothing after this line */
		return;
	}
	log_info("%s: sign-ins are kept in the sealed file",
		 asks_on_replace ? "the keyring asks at every change" : "no keyring answers");
	store_choice_record("file");
	choose_file(choice);
}

/* ---- the whole ---- */

static void begin(struct store_choice *choice)
{
	const char *kind = choice->options->kind;
	_cleanup_free_ char *recorded = NULL;

	if (strcmp(kind, "auto") == 0) {
		recorded = read_record();
		kind = recorded ? recorded : "auto";
	}
	if (strcmp(kind, "secret-service") == 0)
		choose_helper(choice, "secret-service", store_secret_service_program);
	else if (strcmp(kind, "file") == 0)
		choose_file(choice);
	else if (kind[0] == '/')
		choose_helper(choice, "helper", kind);
	else
		ask(choice, store_secret_service_program, "status", NULL, on_keyring_status);
}

struct store_choice *store_choice_start(sd_event *event, const struct store_options *options,
					store_choice_fn fn, void *userdata)
{
	struct store_choice *choice = xcalloc(1, sizeof(*choice));

	*choice = (struct store_choice){
		.event = sd_event_ref(event),
		.options = options,
		.fresh_key = BUFFER_INIT(0, &buffer_heap),
		.fn = fn,
		.userdata = userdata,
	};
	begin(choice);
	return choice;
}

struct store_choice *store_choice_free(struct store_choice *choice)
{
	if (!choice)
		return NULL;
	store_helper_free(choice->helper);
	store_backend_done(&choice->backend);
	buffer_clear(&choice->fresh_key);
	sd_event_unref(choice->event);
	free(choice);
	return NULL;
}
