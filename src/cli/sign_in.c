/*
 *     registering ──► waiting (address, code, deadline) ──► done
 *          └───────────────────────────────────────────────►  (the token is good: nothing to do)
 *
 * The functions stand in the order in which they run.
 */
#include "cli/sign_in.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "aws/url.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/json.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "cli/agent.h"
#include "cli/command.h"
#include "cli/configuration.h"
#include "cli/output.h"
#include "cli/terminal.h"
#include "iamic/protocol.h"

#define TICK_MS          1000
#define PEEK_USEC        USEC_PER_MSEC         /* for a reply that has arrived already */
#define CODE_MAX         64                    /* bytes */
#define QUIET_MAX        (1 * USEC_PER_SEC)    /* before a person may wonder */
#define SILENCE_MAX      (120 * USEC_PER_SEC)  /* between two stages, before there is a deadline */
#define WAITING_MAX      (3600 * USEC_PER_SEC) /* where the deadline cannot be true: our clock is wrong */
#define LATE_MAX         (15 * USEC_PER_SEC)   /* how late the daemon may be in saying that time is up */
#define TIMEOUT_LATE_MAX (1 * USEC_PER_SEC)
#define CANCEL_DEADLINE  (3 * USEC_PER_SEC)

struct sign_in {
	const struct sign_in_wish *wish;
	struct client *client;
	int signals;         /* a signalfd: interrupts, and ends of children */
	char *session;       /* as the daemon calls it, else as it was asked for; NULL: the only one */
	char *address;       /* what was shown last */
	bool began;          /* there was a stage before done */
	bool has_deadline;   /* of the sign-in itself, for the countdown */
	uint64_t ends_usec;  /* when that is */
	uint64_t hang_usec;  /* when the daemon must have said something */
	uint64_t quiet_usec; /* since when there is nothing to show */
	uint64_t limit_usec; /* when we stop waiting whatever it says; UINT64_MAX: never */
	pid_t opener;        /* of the browser; 0: none to wait for */
	char *opener_name;
};

enum step {
	STEP_GO_ON,
	STEP_DONE,
	STEP_FAILED,
	STEP_REFUSED, /* by us: nobody is to approve this */
	STEP_INTERRUPTED,
};

static void sign_in_done(struct sign_in *sign_in)
{
	client_close(sign_in->client);
	closep(&sign_in->signals);
	free(sign_in->session);
	free(sign_in->address);
	free(sign_in->opener_name);
}

static bool send_login(struct sign_in *sign_in, struct error *err)
{
	const struct sign_in_wish *wish = sign_in->wish;
	json_t *parameters = json_object();

	if (sign_in->session)
		json_object_set_new(parameters, "session", json_string(sign_in->session));
	if (wish->flow)
		json_object_set_new(parameters, "flow", json_string(wish->flow));
	if (wish->port)
		json_object_set_new(parameters, "port", json_integer(wish->port));
	if (wish->force)
		json_object_set_new(parameters, "force", json_true());
	if (wish->timeout_s)
		json_object_set_new(parameters, "timeoutMs", json_integer(wish->timeout_s * 1000));
	return client_send(sign_in->client, "Login", parameters, true, err);
}

/* The person's own command for it; a broken file is the daemon's to complain about, here it only costs that.
 */
static char *find_browser(const struct sign_in *sign_in)
{
	_cleanup_(settings_freep) struct settings *settings = NULL;
	const char *configured = NULL;
	struct error err;

	if (configuration_settings(&settings, &err))
		configured = settings_session(settings, sign_in->session)->browser;
	else
		log_warning("warning: %s", err.message);
	return browser_command_here(sign_in->wish->browser, configured);
}

static void open_browser(struct sign_in *sign_in, const char *address)
{
	_cleanup_free_ char *command = find_browser(sign_in);
	struct error err;

	if (!command)
		return;
	if (!browser_open(command, address, &sign_in->opener, &err)) {
		log_warning("no browser opened, open the address yourself: %s", err.message);
		return;
	}
	free(sign_in->opener_name);
	sign_in->opener_name = TAKE(command);
	print_words("opening it in the browser", 0, 2);
}

static void print_code(const char *code)
{
	fputs("code:    ", stdout);
	print_styled(STYLE_BOLD, code);
	putchar('\n');
}

/* The code stands first: it is what a person compares, so that nobody approves another's sign-in. */
static void print_address(const char *address, const char *code, const char *short_address)
{
	_cleanup_free_ char *clean_code = printable(code), *other = NULL, *warning = NULL;

	if (code)
		print_code(code);
	printf("address: %s\n", address);
	other = xasprintf("      or %s, and enter the code", short_address ? short_address : "");
	if (code && short_address && strcmp(short_address, address) != 0)
		print_words(other, 0, 9);
	warning = xasprintf("approve only if the page shows %s and you started this", clean_code);
	if (code)
		print_words(warning, 0, 2);
}

/* Each address once: the daemon may report a stage again. */
static bool show_address(struct sign_in *sign_in, const json_t *reply, struct error *err)
{
	const char *open_url = agent_text(reply, "openUrl"), *code = agent_text(reply, "code");
	const char *verification = agent_text(reply, "verificationUri");
	const char *address = open_url ? open_url : verification;

	if (!address || !url_is_acceptable(address) || (verification && !url_is_acceptable(verification)))
		return error_set(err, ERROR_UNAVAILABLE,
				 "the address for signing in is no https address: it is not opened");
	if (code && strlen(code) > CODE_MAX)
		return error_set(err, ERROR_UNAVAILABLE, "the code for signing in is longer than %d bytes",
				 CODE_MAX);
	if (sign_in->address && strcmp(sign_in->address, address) == 0)
		return true;
	xstrdup_to(&sign_in->address, address);
	terminal_clear_line();
	print_address(address, code, verification);
	if (!output_flush(err))
		return false;
	open_browser(sign_in, address);
	return output_flush(err);
}

/* As time from now on, by a clock that nobody sets. */
static void note_deadline(struct sign_in *sign_in, const json_t *reply)
{
	uint64_t boot = clock_boot_usec();
	int64_t now = clock_wall_s(), at;

	sign_in->has_deadline = agent_time(reply, "deadline", &at) && at > now &&
				(uint64_t)(at - now) * USEC_PER_SEC <= WAITING_MAX;
	if (sign_in->has_deadline)
		sign_in->ends_usec = boot + (uint64_t)(at - now) * USEC_PER_SEC;
	sign_in->hang_usec = sign_in->has_deadline ? sign_in->ends_usec + LATE_MAX : boot + WAITING_MAX;
}

static void print_done(const struct sign_in *sign_in, const json_t *reply)
{
	const char *user = agent_text(reply, "user"), *warning = agent_text(reply, "warning");
	_cleanup_free_ char *name = printable(sign_in->session), *who = printable(user), *line = NULL;
	char until[TIME_TEXT_SIZE] = "";
	int64_t expires;

	if (agent_time(reply, "expires", &expires))
		time_text(expires, agent_now(reply), until);
	line = xasprintf("%ssigned in to '%s'%s%s%s%s", sign_in->began ? "" : "nothing to do: already ", name,
			 user ? " as " : "", user ? who : "", *until ? ", token valid until " : "", until);
	print_words(line, 0, 2);
	if (warning)
		log_warning("warning: %s", warning);
}

static void print_begin(const struct sign_in *sign_in)
{
	_cleanup_free_ char *name = printable(sign_in->session), *line = NULL;

	line = xasprintf("signing in to '%s'", name);
	print_words(line, 0, 2);
}

static enum step on_reply(struct sign_in *sign_in, const json_t *reply, bool continues, struct error *err)
{
	const char *stage = agent_text(reply, "stage"), *session = agent_text(reply, "session");

	if (session)
		xstrdup_to(&sign_in->session, session);
	if (stage && strcmp(stage, "done") == 0) {
		terminal_clear_line();
		print_done(sign_in, reply);
		return STEP_DONE;
	}
	if (!stage || !continues) {
		error_fill(err, ERROR_UNAVAILABLE, "the daemon ended the sign-in without saying how");
		return STEP_FAILED;
	}
	if (!sign_in->began)
		print_begin(sign_in);
	sign_in->began = true;
	sign_in->hang_usec = clock_boot_usec() + SILENCE_MAX;
	if (strcmp(stage, "waiting") != 0)
		return STEP_GO_ON;
	note_deadline(sign_in, reply);
	return show_address(sign_in, reply, err) ? STEP_GO_ON : STEP_REFUSED;
}

static void reap_opener(struct sign_in *sign_in)
{
	int status;

	if (sign_in->opener <= 0 || waitpid(sign_in->opener, &status, WNOHANG) != sign_in->opener)
		return;
	sign_in->opener = 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return;
	terminal_clear_line();
	log_warning("no browser opened, open the address yourself: '%s' failed", sign_in->opener_name);
}

/* True: an interrupt. */
static bool take_signals(struct sign_in *sign_in)
{
	struct signalfd_siginfo info;
	bool interrupted = false;

	while (read(sign_in->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGINT)
			interrupted = true;
		else
			reap_opener(sign_in);
	}
	return interrupted;
}

static void show_countdown(const struct sign_in *sign_in, uint64_t now)
{
	char line[32];
	uint64_t left_s;

	if (now >= sign_in->ends_usec)
		return;
	left_s = (sign_in->ends_usec - now + USEC_PER_SEC - 1) / USEC_PER_SEC;
	snprintf(line, sizeof(line), "waiting: %d:%02d left", (int)(left_s / 60), (int)(left_s % 60));
	terminal_show_line(line);
}

/* AWS mostly answers before this is seen; where it is tried in vain, a person sees that something happens. */
static void show_patience(const struct sign_in *sign_in, uint64_t now)
{
	char line[32];

	if (now < sign_in->quiet_usec + QUIET_MAX)
		return;
	snprintf(line, sizeof(line), "asking AWS: %d s", (int)((now - sign_in->quiet_usec) / USEC_PER_SEC));
	terminal_show_line(line);
}

/* Until the daemon or a signal has something, or a second is over. */
static enum step wait_a_little(struct sign_in *sign_in, struct error *err)
{
	struct pollfd fds[] = {
		{.fd = client_fd(sign_in->client), .events = POLLIN},
		{.fd = sign_in->signals, .events = POLLIN},
	};
	uint64_t now = clock_boot_usec();

	if (now >= sign_in->hang_usec || now >= sign_in->limit_usec) {
		error_fill(err, ERROR_TIMED_OUT, "the sign-in took too long: try again with 'iamic login'");
		return STEP_FAILED;
	}
	if (sign_in->has_deadline)
		show_countdown(sign_in, now);
	else
		show_patience(sign_in, now);
	if (poll(fds, ARRAY_SIZE(fds), TICK_MS) < 0 && errno != EINTR) {
		error_fill_errno(err, "cannot wait for the daemon");
		return STEP_FAILED;
	}
	return take_signals(sign_in) ? STEP_INTERRUPTED : STEP_GO_ON;
}

static enum step take_step(struct sign_in *sign_in, struct error *err)
{
	_cleanup_json_ json_t *reply = NULL;
	bool continues;

	if (client_next(sign_in->client, clock_boot_usec() + PEEK_USEC, &reply, &continues, err))
		return on_reply(sign_in, reply, continues, err);
	if (err->kind == ERROR_TIMED_OUT && !client_error_parameters(sign_in->client))
		return wait_a_little(sign_in, err);
	agent_explain(sign_in->client, err);
	return STEP_FAILED;
}

/* On a connection of its own, and after the other is closed: the daemon ends a sign-in for which nobody
 * waits. */
static void cancel(struct sign_in *sign_in)
{
	_cleanup_(client_closep) struct client *client = NULL;
	_cleanup_json_ json_t *reply = NULL;
	uint64_t deadline = clock_boot_usec() + CANCEL_DEADLINE;
	struct error ignored;

	sign_in->client = client_close(sign_in->client);
	if (!sign_in->session || !client_open(deadline, &client, &ignored))
		return;
	if (!client_call(client, "CancelLogin", json_pack("{s:s}", "session", sign_in->session), deadline,
			 &reply, &ignored))
		return;
}

/* Interrupts and ends of children come as something to poll, from before the sign-in begins to its end. */
static bool open_signals(int *ret_fd, sigset_t *ret_before, struct error *err)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGCHLD);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		return error_errno(err, "cannot wait for signals");
	sigprocmask(SIG_BLOCK, &set, ret_before);
	*ret_fd = fd;
	return true;
}

static enum step run_stages(struct sign_in *sign_in, struct error *err)
{
	uint64_t now = clock_boot_usec(), timeout_s = (uint64_t)sign_in->wish->timeout_s;
	enum step step = STEP_GO_ON;

	sign_in->hang_usec = now + SILENCE_MAX;
	sign_in->quiet_usec = now;
	sign_in->limit_usec = timeout_s ? now + timeout_s * USEC_PER_SEC + TIMEOUT_LATE_MAX : UINT64_MAX;
	if (!send_login(sign_in, err))
		return STEP_FAILED;
	while (step == STEP_GO_ON)
		step = take_step(sign_in, err);
	terminal_clear_line();
	return step;
}

int sign_in(const struct sign_in_wish *wish, struct client *client_taken, const char *session)
{
	_cleanup_(sign_in_done) struct sign_in sign_in = {
		.wish = wish,
		.client = client_taken,
		.session = xstrdup_or_null(session),
		.signals = -1,
	};
	sigset_t before;
	struct error err;
	enum step step;

	if (!open_signals(&sign_in.signals, &before, &err))
		return command_fail(&err);
	step = run_stages(&sign_in, &err);
	if (step == STEP_INTERRUPTED || step == STEP_REFUSED)
		cancel(&sign_in);
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (step == STEP_INTERRUPTED) {
		log_info("cancelled");
		return IAMIC_EXIT_INTERRUPTED;
	}
	return step == STEP_DONE ? IAMIC_EXIT_OK : command_fail(&err);
}
