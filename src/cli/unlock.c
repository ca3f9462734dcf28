#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/xalloc.h"
#include "cli/agent.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/passphrase.h"
#include "iamic/protocol.h"

#define DEADLINE_USEC (130 * USEC_PER_SEC) /* a little longer than the daemon gives the keyring's prompt */

struct unlock_values {
	bool set;
	const char *move_to;
};

static const struct option unlock_options[] = {
	{.name = "set",
	 .offset = offsetof(struct unlock_values, set),
	 .help = "choose a passphrase for a sealed file that is not there yet"},
	{.name = "move-to",
	 .value = "STORE",
	 .offset = offsetof(struct unlock_values, move_to),
	 .parse = option_text,
	 .help = "move all sign-ins to secret-service, file, memory or a path"},
};

/* Ctrl-C is no failure to speak of. */
static int fail(const struct error *err)
{
	return err->kind == ERROR_NONE ? IAMIC_EXIT_INTERRUPTED : command_fail(err);
}

static bool call(struct client *client, const char *passphrase, bool *ret_needs, bool *ret_is_new,
		 struct error *err)
{
	_cleanup_json_ json_t *reply = NULL;
	json_t *parameters = passphrase ? json_pack("{s:s}", "passphrase", passphrase) : json_object();

	if (!parameters)
		return error_set(err, ERROR_USAGE, "the passphrase is not UTF-8");
	if (!client_call(client, "Unlock", parameters, clock_boot_usec() + DEADLINE_USEC, &reply, err))
		return false;
	*ret_needs = json_is_true(json_object_get(reply, "needsPassphrase"));
	*ret_is_new = json_is_true(json_object_get(reply, "isNew"));
	return true;
}

static bool ask_twice(struct buffer *passphrase, struct error *err)
{
	_cleanup_(buffer_clearp) struct buffer again = BUFFER_INIT(PASSPHRASE_MAX, &buffer_heap);

	if (!passphrase_ask("new passphrase: ", passphrase, err))
		return false;
	if (passphrase->len == 0)
		return error_set(err, ERROR_USAGE, "an empty passphrase protects nothing");
	if (!passphrase_ask("once more: ", &again, err))
		return false;
	if (again.len != passphrase->len || memcmp(again.data, passphrase->data, again.len) != 0)
		return error_set(err, ERROR_USAGE, "the two passphrases differ");
	return true;
}

static int move(const char *to)
{
	_cleanup_(client_closep) struct client *client = NULL;
	_cleanup_free_ char *where = printable(to), *lasting = NULL;
	_cleanup_json_ json_t *reply = NULL;
	struct error err;

	if (!agent_open(&client, &err) || !client_call(client, "MoveStore", json_pack("{s:s}", "to", to),
						       clock_boot_usec() + DEADLINE_USEC, &reply, &err))
		return command_fail(&err);
	printf("moved: sign-ins are kept in '%s' now\n", where);
	lasting = printable(agent_text(reply, "hint"));
	if (agent_text(reply, "hint"))
		printf("to keep it so, write into iamic's config: %s\n", lasting);
	return IAMIC_EXIT_OK;
}

static int run(const void *userdata, char *const *words)
{
	const struct unlock_values *values = userdata;
	_cleanup_(buffer_clearp) struct buffer passphrase = BUFFER_INIT(PASSPHRASE_MAX, &buffer_heap);
	_cleanup_(client_closep) struct client *client = NULL;
	bool needs = values->set, is_new = values->set; /* with --set it is a new one in any case */
	struct error err;

	(void)words;
	if (values->set && values->move_to) {
		error_fill(&err, ERROR_USAGE, "'--set' and '--move-to' contradict each other");
		return command_fail(&err);
	}
	if (values->move_to)
		return move(values->move_to);
	if (!agent_open(&client, &err) || (!values->set && !call(client, NULL, &needs, &is_new, &err)))
		return command_fail(&err);
	if (needs &&
	    !(is_new ? ask_twice(&passphrase, &err) : passphrase_ask("passphrase: ", &passphrase, &err)))
		return fail(&err);
	if (needs && !call(client, passphrase.data ? passphrase.data : "", &needs, &is_new, &err))
		return command_fail(&err);
	puts("unlocked");
	return IAMIC_EXIT_OK;
}

const struct command command_unlock = {
	.name = "unlock",
	.words = "",
	.group = COMMAND_SIGN_IN,
	.summary = "end 'iamic lock', open the keyring or file of sign-ins",
	.description = "Opens what keeps the sign-ins: shows the keyring's own prompt and waits for it,\n"
		       "or asks for the passphrase of the sealed file. Where iamic is locked, they are\n"
		       "read again, and it is locked no more.",
	.example = "iamic unlock --move-to secret-service",
	.options = unlock_options,
	.n_options = ARRAY_SIZE(unlock_options),
	.values_size = sizeof(struct unlock_values),
	.run = run,
};
