#include "daemon/container.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "aws/credentials.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/json.h"
#include "base/list.h"
#include "base/log.h"
#include "base/random.h"
#include "base/xalloc.h"
#include "daemon/http_head.h"
#include "daemon/loopback.h"

#define CONTAINERS_MAX 64
#define TOKEN_BYTES    32
#define BODY_MAX       (16 * 1024)
#define FETCH_USEC     (10 * USEC_PER_SEC)
#define LISTENER       "container"

struct containers {
	struct containers_deps deps;
	struct list list; /* struct container, by .link */
	unsigned n;
	uint64_t used_usec;
};

struct container {
	struct list link;
	struct containers *containers;
	pid_t pid;
	int pidfd;
	sd_event_source *end;
	struct loopback *loopback;
	struct secret *token;
	char *profile, *session, *account_id, *role_name, *role_arn;
	struct role_waiter *waiter; /* what visitors wait for */
	struct error failure;       /* of that, for them */
};

static struct container *container_free(struct container *container)
{
	list_remove(&container->link);
	container->containers->n--;
	role_waiter_free(container->waiter);
	roles_endpoint_ended(container->containers->deps.roles, container);
	loopback_free(container->loopback);
	sd_event_source_disable_unref(container->end);
	if (container->pidfd >= 0)
		close(container->pidfd);
	secret_free(container->token);
	free(container->profile);
	free(container->session);
	free(container->account_id);
	free(container->role_name);
	free(container->role_arn);
	free(container);
	return NULL;
}

/* ---- what is answered ---- */

static bool write_head(struct buffer *out, const char *status, size_t len)
{
	return buffer_append_format(out,
				    "HTTP/1.1 %s\r\nContent-Type: application/json\r\n"
				    "Cache-Control: no-store\r\nConnection: close\r\n"
				    "Content-Length: %zu\r\n\r\n",
				    status, len);
}

static bool write_document(struct buffer *out, const char *status, const json_t *document)
{
	_cleanup_(buffer_clearp) struct buffer body = BUFFER_INIT(BODY_MAX, out->memory);

	return document && json_append(&body, document) && write_head(out, status, body.len) &&
	       buffer_append(out, body.data, body.len);
}

/* Go's SDK reads the small letters, JavaScript's the capitals. */
static bool refuse(struct buffer *out, const char *status, const char *code, const char *message)
{
	_cleanup_json_ json_t *document = json_pack("{s:s, s:s, s:s, s:s}", "code", code, "message", message,
						    "Code", code, "Message", message);

	return write_document(out, status, document);
}

/* What passes is 5xx, which SDKs try again. */
static bool refuse_for(struct buffer *out, const struct error *err)
{
	bool passes = err->kind == ERROR_UNAVAILABLE || err->kind == ERROR_TIMED_OUT;

	return refuse(out, passes ? "503 Service Unavailable" : "403 Forbidden",
		      passes ? "Unavailable" : "AccessDenied", err->message);
}

static bool write_credentials(struct buffer *out, const struct credentials *credentials,
			      const char *account_id)
{
	_cleanup_(role_keys_freep) struct role_keys *keys = credentials_keys(credentials);
	_cleanup_json_ json_t *document = NULL;
	char expiration[RFC3339_SIZE];

	if (!keys)
		return refuse(out, "503 Service Unavailable", "Unavailable",
			      "too many roles in use: try again");
	document = json_pack_secret(
		"{s:s, s:s, s:s, s:s, s:s}", "AccessKeyId", secret_text(keys->access_key_id),
		"SecretAccessKey", secret_text(keys->secret_access_key), "Token",
		secret_text(keys->session_token), "Expiration",
		rfc3339_format(credentials->expires_at, expiration), "AccountId", account_id);
	return write_document(out, "200 OK", document);
}

/* It is kept now, or all who wait hear why not. */
static void on_fetched(const struct credentials *credentials, const struct error *err, void *userdata)
{
	struct container *container = userdata;

	if (!credentials)
		container->failure = *err;
	container->waiter = role_waiter_free(container->waiter);
	loopback_ask_again(container->loopback);
	container->failure.kind = ERROR_NONE;
}

static bool wait_or_refuse(const struct container *container, bool is_last, struct buffer *out)
{
	struct error err;
	bool is_for_person = role_waiter_needs_answer(container->waiter, &err);

	return is_last && refuse(out, "503 Service Unavailable", "Unavailable",
				 is_for_person ? err.message : "AWS is being asked: try again");
}

static bool serve(struct container *container, bool is_last, struct buffer *out)
{
	const struct containers_deps *deps = &container->containers->deps;
	const struct target target = {container->profile, container->session, container->account_id,
				      container->role_name, container->role_arn};
	const struct caller caller = {
		.pid = container->pid, .listener = LISTENER, .stays = true, .endpoint = container};
	_cleanup_(role_freep) struct role *role = NULL;
	const struct credentials *now;
	struct role_waiter *waiter = NULL;
	struct session *session;
	struct error err;

	container->containers->used_usec = clock_boot_usec();
	if (container->failure.kind != ERROR_NONE)
		return refuse_for(out, &container->failure);
	if (container->waiter)
		return wait_or_refuse(container, is_last, out);
	if (!deps->find_role(deps->userdata, &target, &role, &session, &err))
		return refuse_for(out, &err);
	const struct role_wish wish = {
		.role = role_key_of(session, role),
		.is_asked_again = true, /* all visitors wait by one waiter */
		.deadline_usec = clock_boot_usec() + FETCH_USEC,
	};
	const char *account_id = role_key_account(&wish.role);

	switch (roles_get(deps->roles, &caller, &wish, on_fetched, container, &now, &waiter, &err)) {
	case ROLES_NOW:
		return write_credentials(out, now, account_id);
	case ROLES_REFUSED:
		if (err.kind == ERROR_LOGIN_REQUIRED || err.kind == ERROR_LOCKED)
			session_demand(session);
		return refuse_for(out, &err);
	case ROLES_LATER:
		container->waiter = waiter;
		break;
	}
	return wait_or_refuse(container, is_last, out);
}

/* A page in a browser can send a request here, but not without its Origin, and not with the token. */
static bool respond(const struct http_head *head, bool is_last, struct buffer *out, void *userdata)
{
	struct container *container = userdata;
	const char *token = http_head_get(head, "Authorization");

	if (strcmp(head->method, "GET") != 0)
		return refuse(out, "405 Method Not Allowed", "MethodNotAllowed", "only GET is served here");
	if (http_head_has(head, "Origin"))
		return refuse(out, "403 Forbidden", "AccessDenied", "no page of a browser is served here");
	if (!token || !secret_is_equal(container->token, token, strlen(token)))
		return refuse(out, "401 Unauthorized", "Unauthorized",
			      "the Authorization is missing or wrong");
	return serve(container, is_last, out);
}

/* ---- its life ---- */

static int on_end(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct container *container = userdata;

	(void)source;
	(void)fd;
	(void)revents;
	log_debug("process %d has ended, and its container endpoint with it", container->pid);
	container_free(container);
	return 0;
}

static struct secret *make_token(void)
{
	unsigned char bytes[TOKEN_BYTES];
	char text[2 * TOKEN_BYTES + 1];
	struct secret *token;

	random_bytes(bytes, sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	token = secret_new(text, 2 * TOKEN_BYTES);
	explicit_bzero(bytes, sizeof(bytes));
	explicit_bzero(text, sizeof(text));
	return token;
}

static bool start(struct container *container, struct error *err)
{
	const struct loopback_watcher watcher = {
		.respond = respond, .is_for_all_users = true, .userdata = container};
	sd_event *event = container->containers->deps.event;

	if (container->containers->n > CONTAINERS_MAX)
		return error_set(err, ERROR_UNAVAILABLE,
				 "%d programs have endpoints already: end one of them", CONTAINERS_MAX);
	container->token = make_token();
	if (!container->token)
		return error_set(err, ERROR_UNAVAILABLE, "too many roles in use: try again");
	container->pidfd = (int)syscall(SYS_pidfd_open, container->pid, 0);
	if (container->pidfd < 0)
		return error_errno(err, "cannot watch process %d", container->pid);
	if (sd_event_add_io(event, &container->end, container->pidfd, EPOLLIN, on_end, container) < 0)
		return error_set(err, ERROR_INTERNAL, "cannot watch process %d", container->pid);
	return loopback_open(event, 0, "/", &watcher, &container->loopback, err);
}

bool containers_open(struct containers *containers, pid_t pid, const struct target *target,
		     const struct role_key *allowed, char **ret_url, const struct secret **ret_token,
		     struct error *err)
{
	struct container *container = xcalloc(1, sizeof(*container));

	*container = (struct container){
		.containers = containers,
		.pid = pid,
		.pidfd = -1,
		.profile = xstrdup_or_null(target->profile),
		.session = xstrdup_or_null(target->session),
		.account_id = xstrdup_or_null(target->account_id),
		.role_name = xstrdup_or_null(target->role_name),
		.role_arn = xstrdup_or_null(target->role_arn),
	};
	list_append(&containers->list, &container->link);
	containers->n++;
	if (!start(container, err)) {
		container_free(container);
		return false;
	}
	roles_endpoint_allowed(containers->deps.roles, allowed, container);
	*ret_url = xasprintf("http://127.0.0.1:%d/", loopback_port(container->loopback));
	*ret_token = container->token;
	return true;
}

uint64_t containers_used_at(const struct containers *containers)
{
	return containers->used_usec;
}

bool containers_are_open(const struct containers *containers)
{
	return containers->n > 0;
}

struct containers *containers_new(const struct containers_deps *deps)
{
	struct containers *containers = xcalloc(1, sizeof(*containers));

	containers->deps = *deps;
	list_init(&containers->list);
	return containers;
}
