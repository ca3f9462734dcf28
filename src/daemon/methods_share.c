/*
 * Share, and what there is on the socket that it opens:
 *
 *   roles found ──► open ──(GetCredentials, there)──► the gate
 *                     └──(its time is over; the client, or iamicd, leaves)──► gone
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/xalloc.h"
#include "daemon/methods_private.h"
#include "iamic/protocol.h"

/* Its call is on the main socket, and lasts as long as the lending. */
struct sharing {
	struct call *call;
	struct agent *agent;
	struct share *share; /* NULL once it has ended */
};

/* ---- on the lent socket ---- */

static void get_lent_credentials(struct call *call, const json_t *parameters)
{
	const struct sharing *sharing = call_userdata(call);
	struct credentials_request request;
	const struct lent_role *lent;
	struct error err;

	if (!credentials_request_read(call, parameters, &request))
		return;
	lent = share_find(sharing->share, &request.target, &err);
	if (lent)
		credentials_answer(call, sharing->agent, lent->session, lent->role, &request);
	else
		call_fail(call, &err, NULL);
}

static void refuse(struct call *call, const char *method)
{
	struct error err;

	error_set(&err, ERROR_DENIED, "%.100s is not lent here: only credentials are, by GetCredentials",
		  method);
	call_fail(call, &err, NULL); /* nothing after this line */
}

static const struct method lent_methods[] = {
	{IAMIC_INTERFACE ".GetCredentials", get_lent_credentials, METHOD_WORKS},
	{IAMIC_SERVICE_INTERFACE ".GetInfo", method_get_info, METHOD_LOOKS},
	{IAMIC_SERVICE_INTERFACE ".GetInterfaceDescription", method_get_interface_description, METHOD_LOOKS},
};

struct shares *agent_shares_new(struct agent *agent)
{
	return shares_new(&(struct shares_deps){
		.event = agent->event,
		.server = agent->server,
		.methods = lent_methods,
		.n_methods = ARRAY_SIZE(lent_methods),
		.refuse = refuse,
	});
}

/* ---- Share ---- */

static void sharing_release(void *held)
{
	struct sharing *sharing = held;

	share_free(sharing->share);
	free(sharing);
}

static json_t *describe_roles(const struct share *share)
{
	json_t *array = json_array();
	size_t n;
	const struct lent_role *roles = share_roles(share, &n);

	for (size_t i = 0; i < n; i++) {
		const struct role_key key = role_key_of(roles[i].session, roles[i].role);

		json_array_append_new(array, json_pack("{s:o, s:o, s:s, s:o}", "profile",
						       json_string_or_null(roles[i].profile), "session",
						       json_string_or_null(session_name(roles[i].session)),
						       "accountId", role_key_account(&key), "roleName",
						       json_string_or_null(role_key_name(&key))));
	}
	return array;
}

static json_t *stage(const struct sharing *sharing, const char *name)
{
	const struct share *share = sharing->share;

	return json_pack("{s:s, s:o, s:o, s:o}", "stage", name, "name",
			 json_string_or_null(share ? share_name(share) : NULL), "until",
			 json_time_or_null(share ? share_until(share, sharing->agent->deps.clock) : 0),
			 "roles", share ? describe_roles(share) : json_array());
}

static void on_ended(const struct error *err, void *userdata)
{
	struct sharing *sharing = userdata;

	sharing->share = NULL;
	if (err)
		call_fail(sharing->call, err, NULL); /* nothing after this line */
	else
		call_reply(sharing->call, stage(sharing, "ended")); /* nothing after this line */
}

static void roles_done(struct lent_role *roles, size_t n)
{
	for (size_t i = 0; i < n; i++)
		lent_role_done(&roles[i]);
	free(roles);
}

static bool is_among(const struct lent_role *roles, size_t n, const char *profile)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(roles[i].profile, profile) == 0)
			return true;
	}
	return false;
}

/* What they mean now. */
static bool find_roles(struct agent *agent, const json_t *profiles, struct lent_role *roles, size_t *n,
		       struct error *err)
{
	const json_t *profile;
	size_t i;

	json_array_foreach (profiles, i, profile) {
		const struct target target = {.profile = json_string_value(profile)};
		struct lent_role *lent = &roles[*n];

		if (is_among(roles, *n, target.profile))
			continue;
		if (!agent_role(agent, &target, &lent->role, &lent->session, err))
			return false;
		lent->profile = xstrdup(target.profile);
		++*n;
	}
	return true;
}

static const char *duration_text(int64_t s, char text[static 32])
{
	const char *unit = s % 3600 == 0 ? "h" : s % 60 == 0 ? "m" : "s";

	snprintf(text, 32, "%lld%s", (long long)(s % 3600 == 0 ? s / 3600 : s % 60 == 0 ? s / 60 : s), unit);
	return text;
}

/* wanted_s 0: as long as may be. */
static bool find_length(const struct agent *agent, int64_t wanted_s, uint64_t *ret_s, struct error *err)
{
	const struct settings *settings;
	const struct config *config;
	char text[32];

	if (!configuration_get(agent->configuration, &config, &settings, err))
		return false;
	if (settings->share_limit_s == 0)
		return error_set(
			err, ERROR_DENIED,
			"nothing may be lent: share_limit in iamic's config is 0: change that first");
	if (wanted_s > settings->share_limit_s)
		return error_set(
			err, ERROR_CONFIG,
			"nothing may be lent for more than %s: choose less, or change share_limit in "
			"iamic's config",
			duration_text(settings->share_limit_s, text));
	*ret_s = (uint64_t)(wanted_s ? wanted_s : settings->share_limit_s);
	return true;
}

static bool start(struct sharing *sharing, struct share_terms *terms, const json_t *profiles,
		  int64_t wanted_s, struct error *err)
{
	struct lent_role *roles = xcalloc(json_array_size(profiles), sizeof(*roles));

	terms->roles_taken = roles;
	if (find_length(sharing->agent, wanted_s, &terms->length_s, err) &&
	    find_roles(sharing->agent, profiles, roles, &terms->n, err) &&
	    share_open(sharing->agent->shares, terms, on_ended, sharing, &sharing->share, err))
		return true;
	roles_done(roles, terms->n);
	return false;
}

static bool are_profiles(const json_t *profiles)
{
	const json_t *profile;
	size_t i;

	json_array_foreach (profiles, i, profile) {
		if (!json_is_string(profile))
			return false;
	}
	return json_array_size(profiles) > 0 && json_array_size(profiles) <= SHARE_PROFILES_MAX;
}

/* parameters_read() reads no arrays, and no numbers that have a range. */
static const char *find_wrong(const json_t *profiles, json_int_t seconds, json_int_t uid)
{
	return !are_profiles(profiles)                             ? "profiles"
	       : seconds < 0                                       ? "seconds"
	       : uid < 0 || uid >= (json_int_t)(uint32_t)(uid_t)-1 ? "uid"
								   : NULL;
}

void method_share(struct call *call, const json_t *parameters)
{
	const json_t *profiles = json_object_get(parameters, "profiles");
	json_int_t seconds = 0, uid = getuid();
	struct share_terms terms = {0};
	struct sharing *sharing;
	const char *wrong;
	struct error err;

	if (!parameters_read(call, parameters, "{s:s, s?s, s?I, s?I}", "socket", &terms.path, "name",
			     &terms.name, "seconds", &seconds, "uid", &uid))
		return;
	wrong = find_wrong(profiles, seconds, uid);
	if (wrong) {
		call_fail_named(call, IAMIC_SERVICE_INTERFACE ".InvalidParameter",
				json_pack("{s:s}", "parameter", wrong));
		return;
	}
	terms.uid = (uid_t)uid;
	sharing = xcalloc(1, sizeof(*sharing));
	*sharing = (struct sharing){.call = call, .agent = call_userdata(call)};
	call_hold(call, sharing_release, sharing);
	if (!start(sharing, &terms, profiles, seconds, &err))
		call_fail(call, &err, NULL); /* nothing after this line */
	else if (call_wants_more(call))
		call_continue(call, stage(sharing, "open")); /* nothing after this line */
}
