#include "daemon/share.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aws/arn.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/list.h"
#include "base/log.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "daemon/share_path.h"
#include "daemon/timer.h"
#include "ipc/socket.h"
#include "ipc/socket_place.h"

#define NAME_MAX_LEN  64
#define UID_OF_NOBODY 65534 /* as which every uid shows that is not known here */

struct shares {
	struct shares_deps deps;
	struct list list; /* struct share, by .link */
	unsigned n;
};

struct share {
	struct list link;
	struct shares *shares;
	char *name, *listener_name;
	struct lent_role *roles;
	size_t n;
	struct socket_place place;
	struct accepting *accepting;
	int64_t ends_at; /* by this machine's clock */
	sd_event_source *end;
	share_fn fn;
	void *userdata;
};

struct shares *shares_new(const struct shares_deps *deps)
{
	struct shares *shares = xcalloc(1, sizeof(*shares));

	shares->deps = *deps;
	list_init(&shares->list);
	return shares;
}

void lent_role_done(struct lent_role *lent)
{
	free(lent->profile);
	role_free(lent->role);
}

/* ---- its terms ---- */

/* It stands in logs, and in the status. */
static bool check_name(const struct shares *shares, const char *name, struct error *err)
{
	const struct share *share;

	if (!*name || strlen(name) > NAME_MAX_LEN || text_has_controls(name))
		return error_set(
			err, ERROR_CONFIG,
			"the name of what is lent must have 1 to %d bytes of printable UTF-8: name it "
			"with --name",
			NAME_MAX_LEN);
	list_for_each (share, &shares->list, struct share, link) {
		if (strcmp(share->name, name) == 0)
			return error_set(err, ERROR_CONFIG,
					 "something is lent as '%s' already: choose another name with --name",
					 name);
	}
	return true;
}

/* "INSIDE OUTSIDE LENGTH" a line: in a user namespace most uids are one and the same to us. */
static bool is_known_uid(uid_t uid)
{
	_cleanup_(buffer_clearp) struct buffer map = BUFFER_INIT(4096, &buffer_heap);
	unsigned first, length;
	char *rest, *line;
	struct error ignored;
	bool exists;

	if (uid == getuid())
		return true;
	if (uid == UID_OF_NOBODY || !fs_read("/proc/self/uid_map", &map, &exists, &ignored) || !exists)
		return false;
	for (rest = map.data; (line = strsep(&rest, "\n"));) {
		if (sscanf(line, "%u %*u %u", &first, &length) == 2 && uid >= first && uid - first < length)
			return true;
	}
	return false;
}

static bool check_terms(const struct shares *shares, const struct share_terms *terms, const char *name,
			struct error *err)
{
	if (shares->n >= SHARES_MAX)
		return error_set(err, ERROR_UNAVAILABLE, "%d are lent something already: end one of them",
				 SHARES_MAX);
	if (!is_known_uid(terms->uid))
		return error_set(
			err, ERROR_CONFIG,
			"uid %u cannot be told from others here, for iamicd runs in a user namespace: lend "
			"it to uid %u, or run iamicd without PrivateUsers",
			(unsigned)terms->uid, (unsigned)getuid());
	return check_name(shares, name, err);
}

/* ---- its life ---- */

struct share *share_free(struct share *share)
{
	if (!share)
		return NULL;
	list_remove(&share->link);
	share->shares->n--;
	socket_place_leave(&share->place);
	share->accepting = server_stop_listening(share->accepting);
	timer_disarm(&share->end);
	for (size_t i = 0; i < share->n; i++)
		lent_role_done(&share->roles[i]);
	free(share->roles);
	free(share->name);
	free(share->listener_name);
	free(share);
	return NULL;
}

static void end(struct share *share, const struct error *err)
{
	share_fn fn = share->fn;
	void *userdata = share->userdata;

	log_info("%s: ended", share->listener_name);
	share_free(share);
	fn(err, userdata); /* nothing after this line */
}

static int on_time_over(sd_event_source *source, uint64_t usec, void *userdata)
{
	(void)source;
	(void)usec;
	end(userdata, NULL);
	return 0;
}

static void listen_on(struct share *share, const struct share_terms *terms, int fd_taken)
{
	const struct shares_deps *deps = &share->shares->deps;

	share->accepting = server_listen(deps->server, &(struct listener){
							       .name = share->listener_name,
							       .fd = fd_taken,
							       .uid = terms->uid,
							       .methods = deps->methods,
							       .n_methods = deps->n_methods,
							       .refuse = deps->refuse,
							       .userdata = share->userdata,
							       .share = share->name,
						       });
	share->ends_at = clock_wall_s() + (int64_t)terms->length_s;
	timer_arm(deps->event, &share->end, clock_boot_usec() + terms->length_s * USEC_PER_SEC, on_time_over,
		  share);
}

bool share_open(struct shares *shares, const struct share_terms *terms, share_fn fn, void *userdata,
		struct share **ret, struct error *err)
{
	const char *slash = strrchr(terms->path, '/');
	const char *name = terms->name ? terms->name : slash ? slash + 1 : terms->path;
	struct socket_place place;
	struct share *share;
	int fd;

	if (!socket_check_path(terms->path, err) || !check_terms(shares, terms, name, err) ||
	    !share_path_listen(terms->path, terms->uid != getuid(), &fd, err))
		return false;
	if (!socket_place_note(terms->path, &place, err)) {
		close(fd);
		return false;
	}
	share = xcalloc(1, sizeof(*share));
	*share = (struct share){
		.shares = shares,
		.name = xstrdup(name),
		.listener_name = xasprintf("share '%s'", name),
		.roles = terms->roles_taken,
		.n = terms->n,
		.place = place,
		.fn = fn,
		.userdata = userdata,
	};
	list_append(&shares->list, &share->link);
	shares->n++;
	listen_on(share, terms, fd);
	log_info("%s: lent to uid %u", share->listener_name, (unsigned)terms->uid);
	*ret = share;
	return true;
}

void shares_end(struct shares *shares)
{
	struct share *share;
	struct error err;

	error_set(&err, ERROR_UNAVAILABLE,
		  "iamicd has ended, and with it what was lent: run 'iamic share' again");
	while ((share = list_first(&shares->list, struct share, link)))
		end(share, &err);
}

/* ---- what is lent ---- */

const char *share_name(const struct share *share)
{
	return share->name;
}

int64_t share_until(const struct share *share, const struct aws_clock *clock)
{
	return share->ends_at + aws_clock_ahead_s(clock); /* which is steady, for those who compare */
}

const struct lent_role *share_roles(const struct share *share, size_t *ret_n)
{
	*ret_n = share->n;
	return share->roles;
}

void shares_visit(const struct shares *shares, share_visit_fn fn, void *userdata)
{
	const struct share *share;

	list_for_each (share, &shares->list, struct share, link)
		fn(share, userdata);
}

/* Nothing is looked up on behalf of whoever asks here: names are compared with those of what was lent. */
static bool is_meant(const struct lent_role *lent, const struct target *target)
{
	_cleanup_free_ char *role_of_arn = NULL;
	char account_of_arn[ACCOUNT_ID_LEN + 1];
	const char *account_id = target->account_id, *role_name = target->role_name;

	if (target->role_arn) {
		if (!arn_is_permission_set(target->role_arn, account_of_arn, &role_of_arn))
			return false;
		account_id = account_of_arn;
		role_name = role_of_arn;
	}
	if (!account_id && !role_name)
		return target->profile && strcmp(target->profile, lent->profile) == 0;
	return account_id && role_name && !lent->role->assumed &&
	       strcmp(account_id, lent->role->account_id) == 0 &&
	       strcmp(role_name, lent->role->role_name) == 0 &&
	       (!target->session || strcmp(target->session, session_name(lent->session)) == 0);
}

static char *names_of(const struct share *share)
{
	char *names = xstrdup(share->roles[0].profile);

	for (size_t i = 1; i < share->n; i++) {
		_cleanup_free_ char *before = names;

		names = xasprintf("%s, %s", before, share->roles[i].profile);
	}
	return names;
}

const struct lent_role *share_find(const struct share *share, const struct target *target, struct error *err)
{
	_cleanup_free_ char *names = NULL;

	for (size_t i = 0; i < share->n; i++) {
		if (is_meant(&share->roles[i], target))
			return &share->roles[i];
	}
	names = names_of(share);
	if (target->profile && !target->account_id && !target->role_arn)
		error_set(err, ERROR_DENIED, "profile '%.64s' is not lent here: use one of %s",
			  target->profile, names);
	else
		error_set(err, ERROR_DENIED, "that role is not lent here: use one of the profiles %s", names);
	return NULL;
}
