#pragma once
/*
 * What every store helper does, whatever it keeps secrets in: one verb as the only argument, one request on
 * stdin, one reply on stdout (ipc/store_message.h), exit status 0. What went wrong is a reply as well; only
 * a wrong command line, or a stdout that takes nothing, is an exit status.
 *
 *	int main(int argc, char **argv)
 *	{
 *		helper_harden();
 *		json_use_memory(…);
 *		return helper_run(&(struct helper){…}, argc, argv);
 *	}
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"
#include "ipc/store_message.h"

/*
 * Fills the reply, whose state is "failed" until then; on false the reply becomes that state with the error's
 * message, and nothing else of what was filled in is sent. The request has been checked for its form only:
 * a name may be empty.
 */
typedef bool (*helper_fn)(const struct store_request *request, struct store_reply *reply, struct error *err);

struct helper_verb {
	const char *name;
	helper_fn run;
};

struct helper {
	const char *program; /* as people know it, for stderr */
	const struct helper_verb *verbs;
	size_t n_verbs;
	const struct buffer_memory *memory; /* for the request, the reply, and what is secret in them */
};

/* First thing in main(): environment, descriptors 0 to 2, umask, no dumps, no new privileges. */
void helper_harden(void);

/* Returns main()'s exit status. */
int helper_run(const struct helper *helper, int argc, char **argv);

/* Sets state and message (one line; NULL: none). True, so that a verb can end in one line. */
bool helper_reply(struct store_reply *reply, enum store_reply_state state, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
