#include "cli/sign_in_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "cli/agent.h"
#include "cli/output.h"
#include "cli/terminal.h"

#define QUIET_MAX (1 * USEC_PER_SEC) /* before a person may wonder */

void sign_in_print_begin(const char *session)
{
	_cleanup_free_ char *name = printable(session), *line = NULL;

	line = xasprintf("signing in to '%s'", name);
	print_words(line, 0, 2);
}

static size_t print_code(const char *code)
{
	fputs("code:    ", stdout);
	print_styled(STYLE_BOLD, code);
	putchar('\n');
	return 1;
}

/* The code stands first: it is what a person compares, so that nobody approves another's sign-in. */
size_t sign_in_print_address(const char *address, const char *code, const char *short_address)
{
	_cleanup_free_ char *clean_code = printable(code), *other = NULL, *warning = NULL;
	size_t rows = 0;

	if (code)
		rows += print_code(code);
	fputs("address: ", stdout);
	rows += print_link(address, strlen("address: "));
	other = xasprintf("      or %s, and enter the code", short_address ? short_address : "");
	if (code && short_address && strcmp(short_address, address) != 0)
		rows += print_words(other, 0, 9);
	warning = xasprintf("approve only if the page shows %s and you started this", clean_code);
	if (code)
		rows += print_words(warning, 0, 2);
	return rows;
}

static int port_of(const char *redirect_uri)
{
	const char *colon = strrchr(redirect_uri, ':');

	return colon ? (int)strtol(colon + 1, NULL, 10) : 0;
}

void sign_in_print_way_back(const char *redirect_uri, bool is_opened, bool can_paste)
{
	int port = port_of(redirect_uri);
	_cleanup_free_ char *line = NULL;

	if (is_opened)
		line = xstrdup("approve it there only if you started this; the browser comes back by itself");
	else if (can_paste)
		line = xasprintf(
			"a browser of this machine comes back by itself; from another one, paste the "
			"address that it ends at (http://127.0.0.1:%d/...) here, and press Enter",
			port);
	else
		line = xasprintf(
			"a browser of this machine comes back by itself; for another one forward the "
			"port first: ssh -L %d:127.0.0.1:%d",
			port, port);
	print_words(line, 0, 2);
}

void sign_in_print_done(const char *session, bool has_begun, const json_t *reply)
{
	const char *user = agent_text(reply, "user"), *warning = agent_text(reply, "warning");
	_cleanup_free_ char *name = printable(session), *who = printable(user), *line = NULL;
	char until[TIME_TEXT_SIZE] = "";
	int64_t expires;

	if (agent_time(reply, "expires", &expires))
		time_text(expires, agent_now(reply), until);
	line = xasprintf("%ssigned in to '%s'%s%s%s%s", has_begun ? "" : "already ", name, user ? " as " : "",
			 user ? who : "", *until ? ", token valid until " : "", until);
	print_words(line, 0, 2);
	if (warning)
		log_warning("warning: %s", warning);
}

void sign_in_show_countdown(uint64_t left_usec, size_t n_pasted)
{
	uint64_t left_s = (left_usec + USEC_PER_SEC - 1) / USEC_PER_SEC;
	char line[96], pasted[48] = "";

	if (n_pasted)
		snprintf(pasted, sizeof(pasted), ", %zu characters", n_pasted);
	snprintf(line, sizeof(line), "waiting: %d:%02d left%s", (int)(left_s / 60), (int)(left_s % 60),
		 pasted);
	terminal_show_line(line);
}

void sign_in_show_patience(uint64_t quiet_usec)
{
	char line[32];

	if (quiet_usec < QUIET_MAX)
		return;
	snprintf(line, sizeof(line), "asking AWS: %d s", (int)(quiet_usec / USEC_PER_SEC));
	terminal_show_line(line);
}
