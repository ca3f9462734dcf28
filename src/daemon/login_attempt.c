#include "daemon/login_attempt.h"

#include <stdlib.h>

#include "aws/start_url.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "daemon/start_url_request.h"
#include "daemon/timer.h"

#define REQUEST_DEADLINE_USEC (10 * USEC_PER_SEC)

static char **copy_scopes(char *const *scopes)
{
	char **copy;
	size_t n = 0;

	while (scopes[n])
		n++;
	copy = xcalloc(n + 1, sizeof(*copy));
	for (size_t i = 0; i < n; i++)
		copy[i] = xstrdup(scopes[i]);
	return copy;
}

void login_attempt_init(struct login_attempt *attempt, const struct login_deps *deps,
			const struct login_wish *wish, struct registration *registration_taken,
			const struct login_watcher *watcher, void *owner)
{
	*attempt = (struct login_attempt){
		.deps = *deps,
		.watcher = *watcher,
		.owner = owner,
		.flow = wish->flow,
		.session = xstrdup(wish->session),
		.oidc_url = xstrdup(wish->oidc_url),
		.oidc_origin = xstrdup(wish->oidc_origin),
		.start_url = xstrdup(wish->start_url),
		.scopes = copy_scopes(wish->scopes),
		.registration = registration_taken,
	};
	attempt->scopes_text = oidc_scopes_text(attempt->scopes);
	sd_event_ref(attempt->deps.event);
}

void login_attempt_done(struct login_attempt *attempt)
{
	retry_free(attempt->request);
	timer_disarm(&attempt->timer);
	sd_event_unref(attempt->deps.event);
	registration_free(attempt->registration);
	for (char **scope = attempt->scopes; *scope; scope++)
		free(*scope);
	free(attempt->scopes);
	free(attempt->scopes_text);
	free(attempt->session);
	free(attempt->oidc_url);
	free(attempt->oidc_origin);
	free(attempt->start_url);
}

void login_attempt_ask(struct login_attempt *attempt, struct aws_request *request, retry_fn fn)
{
	uint64_t deadline = clock_boot_usec() + REQUEST_DEADLINE_USEC;

	if (attempt->deadline_usec && attempt->deadline_usec < deadline)
		deadline = attempt->deadline_usec;
	attempt->request = retry_free(attempt->request);
	attempt->request = retry_start(attempt->deps.upstream, request, deadline, fn, attempt->owner);
}

static bool has_client(const struct login_attempt *attempt)
{
	return attempt->registration &&
	       registration_is_usable(attempt->registration, attempt->scopes_text, attempt->oidc_origin,
				      aws_clock_now(attempt->deps.clock));
}

static void on_registered(const struct aws_reply *reply, const struct error *ask_err, void *userdata)
{
	struct login_attempt *attempt = userdata;
	struct error err;

	if (!reply) {
		err = *ask_err;
		login_attempt_fail(attempt, &err); /* nothing after this line */
		return;
	}
	attempt->registration = registration_free(attempt->registration);
	if (!oidc_read_registration(reply, attempt->flow, attempt->scopes, attempt->oidc_origin,
				    &attempt->registration, &err)) {
		login_attempt_fail(attempt, &err); /* nothing after this line */
		return;
	}
	attempt->has_registered = true;
	attempt->on_client(attempt->owner); /* nothing after this line */
}

void login_attempt_register(struct login_attempt *attempt)
{
	struct aws_request request;

	log_debug("session '%s': registering a client", attempt->session);
	oidc_write_register_client(&request, attempt->oidc_url, attempt->flow, attempt->scopes,
				   attempt->start_url);
	attempt->request = retry_free(attempt->request);
	attempt->request = retry_start(attempt->deps.upstream, &request,
				       clock_boot_usec() + REQUEST_DEADLINE_USEC, on_registered, attempt);
}

static void get_client(struct login_attempt *attempt)
{
	if (has_client(attempt))
		attempt->on_client(attempt->owner); /* nothing after this line */
	else
		login_attempt_register(attempt);
}

static void on_resolved(const struct aws_reply *reply, const struct error *ask_err, void *userdata)
{
	struct login_attempt *attempt = userdata;
	struct error err;
	char *target;

	if (!reply) {
		err = *ask_err;
		login_attempt_fail(attempt, &err); /* nothing after this line */
		return;
	}
	if (!start_url_read(reply, attempt->start_url, &target, &err)) {
		login_attempt_fail(attempt, &err); /* nothing after this line */
		return;
	}
	free(attempt->start_url);
	attempt->start_url = target;
	get_client(attempt); /* nothing after this line */
}

/* AWS knows a company's own name for its portal only by where that leads. */
void login_attempt_begin(struct login_attempt *attempt)
{
	if (start_url_may_lead_on(attempt->start_url))
		attempt->request =
			start_url_ask(attempt->deps.upstream, attempt->start_url,
				      clock_boot_usec() + REQUEST_DEADLINE_USEC, on_resolved, attempt);
	else
		get_client(attempt); /* nothing after this line */
}

void login_attempt_finish(struct login_attempt *attempt, struct oidc_tokens *tokens, const struct error *err)
{
	timer_disarm(&attempt->timer);
	attempt->request = retry_free(attempt->request);
	attempt->watcher.done(tokens, err, attempt->watcher.userdata); /* nothing after this line */
}

void login_attempt_fail(struct login_attempt *attempt, const struct error *err)
{
	login_attempt_finish(attempt, NULL, err); /* nothing after this line */
}
