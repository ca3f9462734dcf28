#include "daemon/store_helper.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/secret.h"
#include "base/xalloc.h"
#include "daemon/spawn.h"
#include "daemon/timer.h"

#define DEADLINE_USEC        (10 * USEC_PER_SEC)
#define UNLOCK_DEADLINE_USEC (120 * USEC_PER_SEC) /* a person looks for a passphrase */

struct store_helper {
	char *program;
	char *collection_variable; /* "IAMIC_COLLECTION=…" */
	struct spawn *spawn;
	sd_event_source *deferred;
	struct error err;
	store_helper_fn fn;
	void *userdata;
};

static void on_output(const struct buffer *output, const struct error *spawn_err, void *userdata)
{
	struct store_helper *helper = userdata;
	_cleanup_(store_reply_donep) struct store_reply reply = {
		.secret = BUFFER_INIT(0, &buffer_heap),
		.key = BUFFER_INIT(0, &buffer_heap),
	};
	struct error err;

	if (spawn_err) {
		err = *spawn_err;
		helper->fn(NULL, &err, helper->userdata); /* may free helper: nothing of it after this line */
		return;
	}
	if (store_reply_parse(output->data ? output->data : "", output->len, &secret_memory, &reply, &err)) {
		helper->fn(&reply, NULL,
			   helper->userdata); /* may free helper: nothing of it after this line */
		return;
	}
	error_fill(&err, ERROR_STORE, "store helper '%s' does not speak its protocol: see iamic-store(7)",
		   helper->program);
	helper->fn(NULL, &err, helper->userdata); /* may free helper: nothing of it after this line */
}

static int on_unsaid(sd_event_source *source, void *userdata)
{
	struct store_helper *helper = userdata;
	struct error err = helper->err;

	(void)source;
	timer_disarm(&helper->deferred);
	helper->fn(NULL, &err, helper->userdata); /* may free helper: nothing after this line */
	return 0;
}

struct store_helper *store_helper_ask(sd_event *event, const char *program, const char *collection,
				      const char *verb, const struct store_request *request,
				      store_helper_fn fn, void *userdata)
{
	struct buffer input = BUFFER_INIT(STORE_MESSAGE_MAX, &secret_memory);
	struct store_helper *helper = xcalloc(1, sizeof(*helper));
	const char *extra[] = {NULL, NULL};

	*helper = (struct store_helper){.program = xstrdup(program), .fn = fn, .userdata = userdata};
	if (collection) {
		helper->collection_variable = xasprintf("IAMIC_COLLECTION=%s", collection);
		extra[0] = helper->collection_variable;
	}
	if (!store_request_append(&input, request)) {
		buffer_clear(&input);
		error_fill(&helper->err, ERROR_STORE,
			   "there is no memory for what is to be stored: try again");
		timer_defer(event, &helper->deferred, on_unsaid, helper);
		return helper;
	}
	helper->spawn = spawn_start(
		event,
		&(struct spawn_spec){
			.program = program,
			.argument = verb,
			.extra_environment = extra,
			.timeout_usec = strcmp(verb, "unlock") == 0 ? UNLOCK_DEADLINE_USEC : DEADLINE_USEC,
			.output_max = STORE_MESSAGE_MAX,
		},
		&input, on_output, helper);
	return helper;
}

struct store_helper *store_helper_free(struct store_helper *helper)
{
	if (!helper)
		return NULL;
	spawn_free(helper->spawn);
	timer_disarm(&helper->deferred);
	free(helper->program);
	free(helper->collection_variable);
	free(helper);
	return NULL;
}
