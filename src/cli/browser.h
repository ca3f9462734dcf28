#pragma once
/*
 * Opens an address in the person's browser, where there is one to open it in.
 *
 * The command is the first that is set of IAMIC_BROWSER, the key `browser` of iamic's own configuration and
 * $BROWSER; else one of Windows under WSL, else xdg-open. It is split into words without a shell; %u (or %s,
 * the custom of $BROWSER) is the address, %q the address percent-encoded, to be in the query of another; with
 * none of them it is the last word. It runs detached, and its output goes nowhere.
 */
#include <stdbool.h>
#include <sys/types.h>

#include "aws/endpoint.h"
#include "base/error.h"

enum browser_wish {
	BROWSER_IF_THERE,
	BROWSER_ALWAYS, /* --browser: also where no display is known of */
	BROWSER_NEVER,  /* --no-browser */
};

struct browser_place {
	enum browser_wish wish;
	const char *configured; /* the key `browser`, or NULL */
	bool is_container;
	bool is_wsl, has_wslview, has_rundll32; /* under WSL, what opens addresses in Windows */
	bool has_xdg_open;
};

/* The command that opens addresses here; NULL: none should be opened. Pure: asks lookup for the environment.
 */
char *browser_command(const struct browser_place *place, environment_fn lookup, void *userdata);
/*
 * Can one be opened here that comes back to a port of this machine by itself? Not over SSH, in a container or
 * under WSL, where it is another machine's; what `login = auto` goes by. Pure.
 */
bool browser_is_at_hand(const struct browser_place *place, environment_fn lookup, void *userdata);
/* Its words with the address put in, NULL behind the last, for browser_words_free(). */
bool browser_split(const char *command, const char *url, char ***ret_words, struct error *err) MUST_CHECK;
void browser_words_free(char **words);
DEFINE_CLEANUP(char **, browser_words_free)

/* As above for this process's own environment. */
char *browser_command_here(enum browser_wish wish, const char *configured);
/* As above; and the command is there. */
bool browser_is_at_hand_here(enum browser_wish wish, const char *configured);
/* Whether its program is on this machine. */
bool browser_is_there(const char *command);
/* ret_pid: a child of the caller, which may end with a status that means failure, or outlive the caller. */
bool browser_open(const char *command, const char *url, pid_t *ret_pid, struct error *err) MUST_CHECK;
