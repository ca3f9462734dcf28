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
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/json.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "cli/agent.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/sign_in_address.h"
#include "cli/sign_in_text.h"
#include "cli/terminal.h"
#include "iamic/protocol.h"

#define TICK_MS            1000
#define PEEK_USEC          USEC_PER_MSEC         /* for a reply that has arrived already */
#define SILENCE_MAX        (120 * USEC_PER_SEC)  /* between two stages, before there is a deadline */
#define WAITING_MAX        (3600 * USEC_PER_SEC) /* where the deadline cannot be true: our clock is wrong */
#define LATE_MAX           (15 * USEC_PER_SEC)   /* how late the daemon may be in saying that time is up */
#define TIMEOUT_LATE_MAX   (1 * USEC_PER_SEC)
#define CANCEL_DEADLINE    (3 * USEC_PER_SEC)
#define HAND_OVER_DEADLINE (5 * USEC_PER_SEC)

struct sign_in {
	const struct sign_in_wish *wish;
	struct client *client;
	int signals;   /* a signalfd: interrupts, and ends of children */
	char *session; /* as the daemon calls it, else as it was asked for; NULL: the only one */
	struct sign_in_address address;
	bool began;          /* there was a stage before done */
	bool has_deadline;   /* of the sign-in itself, for the countdown */
	uint64_t ends_usec;  /* when that is */
	uint64_t hang_usec;  /* when the daemon must have said something */
	uint64_t quiet_usec; /* since when there is nothing to show */
	uint64_t limit_usec; /* when we stop waiting whatever it says; UINT64_MAX: never */
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
	sign_in_address_done(&sign_in->address);
}

static bool send_login(struct sign_in *sign_in, struct error *err)
{
	const struct sign_in_wish *wish = sign_in->wish;
	json_t *parameters = agent_session_parameters(sign_in->session, wish->proposal);

	if (wish->flow)
		json_object_set_new(parameters, "flow", json_string(wish->flow));
	if ((!wish->flow || strcmp(wish->flow, "auto") == 0) &&
	    sign_in_address_has_browser(wish->browser, sign_in->session))
		json_object_set_new(parameters, "hasBrowser", json_true());
	if (wish->port)
		json_object_set_new(parameters, "port", json_integer(wish->port));
	if (wish->force)
		json_object_set_new(parameters, "force", json_true());
	if (wish->timeout_s)
		json_object_set_new(parameters, "timeoutMs", json_integer(wish->timeout_s * 1000));
	return client_send(sign_in->client, "Login", parameters, true, err);
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

static enum step on_reply(struct sign_in *sign_in, const json_t *reply, bool continues, struct error *err)
{
	const char *stage = agent_text(reply, "stage"), *session = agent_text(reply, "session");

	if (session)
		xstrdup_to(&sign_in->session, session);
	if (stage && strcmp(stage, "done") == 0) {
		terminal_clear_line();
		sign_in_print_done(sign_in->session, sign_in->began, reply);
		return STEP_DONE;
	}
	if (!stage || !continues) {
		error_fill(err, ERROR_UNAVAILABLE,
			   "the daemon ended the sign-in without saying how: try again");
		return STEP_FAILED;
	}
	if (!sign_in->began)
		sign_in_print_begin(sign_in->session);
	sign_in->began = true;
	sign_in->hang_usec = clock_boot_usec() + SILENCE_MAX;
	if (strcmp(stage, "waiting") != 0)
		return STEP_GO_ON;
	note_deadline(sign_in, reply);
	if (!sign_in_address_show(&sign_in->address, sign_in->session, reply, err))
		return STEP_REFUSED;
	return STEP_GO_ON;
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
			sign_in_address_reap(&sign_in->address);
	}
	return interrupted;
}

/* On a connection of its own: the first one waits for the outcome, which says all there is to say. */
static bool bring(const struct sign_in *sign_in, const char *address, bool *ret_is_taken, struct error *err)
{
	_cleanup_(client_closep) struct client *client = NULL;
	_cleanup_json_ json_t *reply = NULL;
	uint64_t deadline = clock_boot_usec() + HAND_OVER_DEADLINE;
	json_t *parameters;

	if (!client_open(deadline, &client, err))
		return false;
	parameters = agent_session_parameters(sign_in->session, sign_in->wish->proposal);
	json_object_set_new(parameters, "address", json_string(address));
	if (!client_call(client, "FinishLogin", parameters, deadline, &reply, err))
		return false;
	*ret_is_taken = json_is_true(json_object_get(reply, "isTaken"));
	return true;
}

static void hand_over(const struct sign_in *sign_in, const char *address)
{
	bool is_taken;
	struct error err;

	if (!bring(sign_in, address, &is_taken, &err))
		log_warning("the address could not be handed over: %s", err.message);
	else if (!is_taken)
		log_warning("that is not where this sign-in ends: paste all of the browser's last address");
}

static enum step take_paste(struct sign_in *sign_in, short events)
{
	struct paste *paste = &sign_in->address.paste;

	switch (events & (POLLHUP | POLLERR | POLLNVAL) ? PASTE_GONE : paste_read(paste)) {
	case PASTE_INTERRUPTED:
		return STEP_INTERRUPTED;
	case PASTE_GONE:
		paste_close(paste);
		return STEP_GO_ON;
	case PASTE_MORE:
		return STEP_GO_ON;
	case PASTE_LINE:
		break;
	}
	if (paste->line.len > 0) {
		terminal_clear_line();
		hand_over(sign_in, paste->line.data);
	}
	paste_clear(paste);
	return STEP_GO_ON;
}

/* Until the daemon, a signal or the terminal has something, or a second is over. */
static enum step wait_a_little(struct sign_in *sign_in, struct error *err)
{
	struct pollfd fds[] = {
		{.fd = client_fd(sign_in->client), .events = POLLIN},
		{.fd = sign_in->signals, .events = POLLIN},
		{.fd = sign_in->address.paste.tty, .events = POLLIN},
	};
	uint64_t now = clock_boot_usec();

	if (now >= sign_in->hang_usec || now >= sign_in->limit_usec) {
		error_fill(err, ERROR_TIMED_OUT, "the sign-in took too long: try again with 'iamic login'");
		return STEP_FAILED;
	}
	if (sign_in->has_deadline && now < sign_in->ends_usec)
		sign_in_show_countdown(sign_in->ends_usec - now, sign_in->address.paste.line.len);
	else if (!sign_in->has_deadline)
		sign_in_show_patience(now - sign_in->quiet_usec);
	if (poll(fds, ARRAY_SIZE(fds), TICK_MS) < 0 && errno != EINTR) {
		error_fill_errno(err, "cannot wait for the daemon");
		return STEP_FAILED;
	}
	if (take_signals(sign_in))
		return STEP_INTERRUPTED;
	return fds[2].revents ? take_paste(sign_in, fds[2].revents) : STEP_GO_ON;
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
	if (!client_call(client, "CancelLogin",
			 agent_session_parameters(sign_in->session, sign_in->wish->proposal), deadline,
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
	paste_close(&sign_in->address.paste);
	if (step == STEP_INTERRUPTED)
		terminal_clear_interrupt();
	else
		terminal_clear_line();
	return step;
}

bool sign_in_usual_flow(const char **ret, struct error *err)
{
	const char *flow = getenv("IAMIC_LOGIN");

	*ret = flow && *flow ? flow : NULL;
	if (!*ret || strcmp(flow, "device") == 0 || strcmp(flow, "browser") == 0 || strcmp(flow, "auto") == 0)
		return true;
	return error_set(err, ERROR_CONFIG, "IAMIC_LOGIN is '%s': allowed are device, browser, auto", flow);
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

	sign_in_address_init(&sign_in.address, wish->browser, !wish->no_qr);
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
