#include "cli/sign_in_address.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "aws/url.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "cli/agent.h"
#include "cli/configuration.h"
#include "cli/output.h"
#include "cli/qr_code.h"
#include "cli/sign_in_text.h"
#include "cli/terminal.h"

#define CODE_MAX       64 /* bytes */
#define NOTICE_ROWS    2  /* of a browser that did not open */
#define COUNTDOWN_ROWS 1

void sign_in_address_init(struct sign_in_address *address, enum browser_wish wish, bool has_qr)
{
	*address = (struct sign_in_address){.browser = wish, .has_qr = has_qr};
	paste_init(&address->paste);
}

void sign_in_address_done(struct sign_in_address *address)
{
	free(address->text);
	free(address->redirect_uri);
	free(address->opener_name);
	paste_close(&address->paste);
}

/* The person's own, or NULL; a broken file is the daemon's to complain about, here it costs only that. */
static char *configured_browser(const char *session, bool warns)
{
	_cleanup_(settings_freep) struct settings *settings = NULL;
	struct error err;

	if (configuration_settings(&settings, &err))
		return xstrdup_or_null(settings_session(settings, session)->browser);
	if (warns)
		log_warning("warning: %s", err.message);
	return NULL;
}

bool sign_in_address_has_browser(enum browser_wish wish, const char *session)
{
	_cleanup_free_ char *configured = configured_browser(session, false);

	return browser_is_at_hand_here(wish, configured);
}

static void note_failure(struct sign_in_address *address, const char *why)
{
	log_warning("no browser opened, open the address yourself: %s", why);
	address->rows += NOTICE_ROWS;
}

static void open_browser(struct sign_in_address *address, const char *session)
{
	_cleanup_free_ char *configured = configured_browser(session, true);
	_cleanup_free_ char *command = browser_command_here(address->browser, configured);
	struct error err;

	if (!command)
		return;
	if (!browser_open(command, address->text, &address->opener, &err)) {
		note_failure(address, err.message);
		return;
	}
	free(address->opener_name);
	address->opener_name = TAKE(command);
	address->rows += print_words("opening it in the browser", 0, 2);
}

/* A phone does not find this machine, neither at the address nor by the way back from it. */
static bool can_phone_finish(const struct sign_in_address *address)
{
	_cleanup_free_ char *host = url_host(address->text);

	return !address->redirect_uri && host && !host_is_loopback(host);
}

static void show_ways(struct sign_in_address *address)
{
	bool is_opened = address->opener > 0;

	if (address->redirect_uri)
		sign_in_print_way_back(address->redirect_uri, is_opened,
				       !is_opened && paste_open(&address->paste));
	if (!is_opened && address->has_qr && can_phone_finish(address))
		qr_code_print(address->text, address->rows + COUNTDOWN_ROWS);
}

static bool check(const char *address, const char *code, const char *verification, struct error *err)
{
	if (!address || !url_is_acceptable(address) || (verification && !url_is_acceptable(verification)))
		return error_set(
			err, ERROR_UNAVAILABLE,
			"the address for signing in is no https address, and is not opened: try again");
	if (code && strlen(code) > CODE_MAX)
		return error_set(err, ERROR_UNAVAILABLE,
				 "the code for signing in is longer than %d bytes: try again", CODE_MAX);
	return true;
}

bool sign_in_address_show(struct sign_in_address *address, const char *session, const json_t *reply,
			  struct error *err)
{
	const char *open_url = agent_text(reply, "openUrl"), *code = agent_text(reply, "code");
	const char *verification = agent_text(reply, "verificationUri");
	const char *text = open_url ? open_url : verification;

	if (!check(text, code, verification, err))
		return false;
	if (address->text && strcmp(address->text, text) == 0)
		return true;
	xstrdup_to(&address->text, text);
	xstrdup_to(&address->redirect_uri, agent_text(reply, "redirectUri"));
	terminal_clear_line();
	address->rows = sign_in_print_address(text, code, verification);
	if (!output_flush(err))
		return false;
	open_browser(address, session);
	show_ways(address);
	return output_flush(err);
}

void sign_in_address_reap(struct sign_in_address *address)
{
	_cleanup_free_ char *why = NULL;
	int status;

	if (address->opener <= 0 || waitpid(address->opener, &status, WNOHANG) != address->opener)
		return;
	address->opener = 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return;
	terminal_clear_line();
	why = xasprintf("'%s' failed", address->opener_name);
	note_failure(address, why);
	show_ways(address);
}
