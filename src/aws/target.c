#include "aws/target.h"

#include <stdlib.h>
#include <string.h>

#include "aws/arn.h"
#include "aws/assumption.h"
#include "aws/question.h"
#include "aws/region.h"
#include "base/text.h"
#include "base/xalloc.h"

struct role *role_free(struct role *role)
{
	if (!role)
		return NULL;
	sso_session_free(role->session);
	assumption_free(role->assumed);
	free(role->role_name);
	free(role->region);
	free(role);
	return NULL;
}

/* A session's key that stands in a profile as well must say the same, as for botocore. */
static bool check_same(const struct question *question, const struct config_section *profile,
		       const char *name, const char *value, const struct sso_session *session,
		       struct error *err)
{
	const struct config_key *key = config_section_key(profile, name);

	if (!key || strcmp(key->value, value) == 0)
		return true;
	return error_set(err, ERROR_CONFIG,
			 "%s:%u: %s of profile '%.64s' is not that of session '%.64s' (%s): remove this line",
			 config_path(question->config), key->line, name, profile->name, session->name,
			 session->where);
}

static bool named_session(const struct question *question, const struct config_section *profile,
			  const struct config_key *name, struct sso_session **ret, struct error *err)
{
	_cleanup_(sso_session_freep) struct sso_session *session = NULL;

	if (!sso_session_resolve(question->config, question->settings, name->value, &session, err))
		return error_prefix(err, "%s:%u", config_path(question->config), name->line);
	if (!check_same(question, profile, "sso_start_url", session->start_url, session, err) ||
	    !check_same(question, profile, "sso_region", session->region, session, err))
		return false;
	*ret = TAKE(session);
	return true;
}

static bool session_of_profile(const struct question *question, struct sso_session **ret, struct error *err);

static bool source_session(const struct question *question, const struct config_section *profile,
			   struct sso_session **ret, struct error *err)
{
	_cleanup_free_ char *where = NULL;
	struct question source;

	return question_of_source(question, profile, &where, &source, err) &&
	       session_of_profile(&source, ret, err);
}

/* A profile without a session may have credentials from elsewhere: then a session is not what it lacks. */
static bool check_not_foreign(const struct question *question, const struct config_section *profile,
			      struct error *err)
{
	static const struct {
		const char *key, *what;
	} foreign[] = {
		{"login_session", "belongs to 'aws login', not to Identity Center"},
		{"credential_process",
		 "has credentials of another program (credential_process), not of Identity Center"},
		{"aws_access_key_id", "has an access key of its own, not a role of Identity Center"},
	};
	bool is_own_line = question->profile && strcmp(question->profile, profile->name) == 0;

	for (size_t i = 0; i < ARRAY_SIZE(foreign); i++) {
		const struct config_key *key = config_section_key(profile, foreign[i].key);

		if (key && !is_own_line && !config_section_key(profile, "sso_start_url"))
			return error_set(err, ERROR_CONFIG,
					 "%s:%u: profile '%.100s' %s: use a profile with sso_session",
					 config_path(question->config), profile->line, profile->name,
					 foreign[i].what);
	}
	return true;
}

/* The session of a profile's own keys. role_arn goes first because for AWS's SDKs it does. */
static bool own_session(const struct question *question, const struct config_section *profile,
			struct sso_session **ret, struct error *err)
{
	const struct config_key *name = config_section_key(profile, "sso_session");
	const char *path = config_path(question->config);

	if (config_section_key(profile, "role_arn"))
		return source_session(question, profile, ret, err);
	if (name)
		return named_session(question, profile, name, ret, err);
	if (!check_not_foreign(question, profile, err))
		return false;
	if (!config_section_key(profile, "sso_start_url"))
		return error_set(err, ERROR_CONFIG,
				 "%s:%u: profile '%.100s' names no session: add to it " PROCESS_LINE, path,
				 profile->line, profile->name);
	if (!config_section_key(profile, "sso_region"))
		return error_set(err, ERROR_CONFIG,
				 "%s:%u: profile '%.100s' lacks sso_region: add it to this section", path,
				 profile->line, profile->name);
	return sso_session_resolve(question->config, question->settings,
				   config_section_get(profile, "sso_start_url"), ret, err);
}

static bool session_of_target(const struct question *question, struct sso_session **ret, struct error *err)
{
	if (!question->target.session && question->target.profile)
		return session_of_profile(question, ret, err);
	if (!sso_session_resolve(question->config, question->settings, question->target.session, ret, err))
		return question_blame(question, err);
	return true;
}

static bool session_of_profile(const struct question *question, struct sso_session **ret, struct error *err)
{
	_cleanup_(meaning_done) struct meaning meaning = {0};

	if (!question_find_meaning(question, &meaning, err))
		return false;
	return meaning.process ? session_of_target(&meaning.next, ret, err)
			       : own_session(question, meaning.profile, ret, err);
}

static struct role *role_new(struct sso_session *session_taken, const char *account_id, const char *role_name)
{
	struct role *role = xcalloc(1, sizeof(*role));

	role->session = session_taken;
	memcpy(role->account_id, account_id, ACCOUNT_ID_LEN);
	role->role_name = xstrdup(role_name);
	return role;
}

static bool check_role(const char *account_id, const char *role_name, struct error *err)
{
	if (!account_id_is_valid(account_id))
		return error_set(err, ERROR_CONFIG, "account id '%.32s' is not 12 digits: correct it",
				 account_id);
	if (!role_name_is_valid(role_name))
		return error_set(
			err, ERROR_CONFIG,
			"'%.64s' is not the name of a role: write 1 to 32 of A-Z a-z 0-9 _ + = , . @ -",
			role_name);
	return true;
}

/* sso_account_id and sso_role_name of a profile; what is wrong with one is said with its line. */
static bool read_own_key(const struct question *question, const struct config_section *profile,
			 const char *name, bool (*is_valid)(const char *text), const char *allowed,
			 const char **ret, struct error *err)
{
	const struct config_key *key = config_section_key(profile, name);
	const char *path = config_path(question->config);

	if (!key)
		return error_set(err, ERROR_CONFIG,
				 "%s:%u: profile '%.100s' lacks %s: add it to this section", path,
				 profile->line, profile->name, name);
	if (!is_valid(key->value))
		return error_set(err, ERROR_CONFIG, "%s:%u: %s must be %s", path, key->line, name, allowed);
	*ret = key->value;
	return true;
}

static void assume(struct role *role, struct assumption *assumption_taken)
{
	assumption_taken->source = role->assumed;
	role->assumed = assumption_taken;
}

static bool role_of_profile(const struct question *question, struct role **ret, struct error *err);

/* A profile with role_arn: a permission set in the source's session, or a role that the source's assumes. */
static bool assumed_role(const struct question *question, const struct config_section *profile,
			 struct role **ret, struct error *err)
{
	const char *role_arn = config_section_get(profile, "role_arn");
	_cleanup_(assumption_freep) struct assumption *assumption = NULL;
	_cleanup_(sso_session_freep) struct sso_session *session = NULL;
	_cleanup_free_ char *where = NULL, *role_name = NULL;
	char account_id[ACCOUNT_ID_LEN + 1];
	struct question source;

	if (arn_is_permission_set(role_arn, account_id, &role_name)) {
		if (!source_session(question, profile, &session, err))
			return false;
		*ret = role_new(TAKE(session), account_id, role_name);
		return true;
	}
	if (!assumption_read(question->config, profile, &assumption, err) ||
	    !question_of_source(question, profile, &where, &source, err) ||
	    !role_of_profile(&source, ret, err))
		return false;
	assume(*ret, TAKE(assumption));
	return true;
}

static bool own_role(const struct question *question, const struct config_section *profile, struct role **ret,
		     struct error *err)
{
	_cleanup_(sso_session_freep) struct sso_session *session = NULL;
	const char *account_id, *role_name;

	if (config_section_key(profile, "role_arn"))
		return assumed_role(question, profile, ret, err);
	if (!own_session(question, profile, &session, err) ||
	    !read_own_key(question, profile, "sso_account_id", account_id_is_valid, "12 digits", &account_id,
			  err) ||
	    !read_own_key(question, profile, "sso_role_name", role_name_is_valid,
			  "the name of a role: 1 to 32 of A-Z a-z 0-9 _ + = , . @ -", &role_name, err))
		return false;
	*ret = role_new(TAKE(session), account_id, role_name);
	return true;
}

/* A caller's ARN alone is of the default profile's session, where it has one, else of the only one. */
static bool session_of_arn(const struct question *question, struct sso_session **ret, struct error *err)
{
	const struct target *target = &question->target;
	struct question usual = *question;
	struct error ignored;

	if (target->profile || target->session || question->profile)
		return session_of_target(question, ret, err);
	usual.target.profile = "default";
	return session_of_target(&usual, ret, &ignored) || session_of_target(question, ret, err);
}

static bool role_of_target(const struct question *question, struct role **ret, struct error *err);

/* What is named beside the ARN assumes it; a caller who names nothing else means the default profile. */
static bool role_assumed_by_target(const struct question *question, struct role **ret, struct error *err)
{
	struct question source = *question;
	_cleanup_(assumption_freep) struct assumption *assumption = assumption_new(source.target.role_arn);
	bool is_open = !source.target.profile && !source.target.session && !source.target.account_id;

	source.target.role_arn = NULL;
	if (is_open && !question->profile && config_find(question->config, CONFIG_PROFILE, "default"))
		source.target.profile = "default";
	if (!assumption)
		error_fill(err, ERROR_CONFIG,
			   "'%.200s' is not the ARN of a role: write arn:aws:iam::ACCOUNT:role/NAME",
			   question->target.role_arn);
	else if (!source.target.profile && !source.target.account_id)
		error_fill(err, ERROR_CONFIG,
			   "role '%.200s' has to be assumed from another role: name that as well, by a "
			   "profile, or by account id and role name",
			   question->target.role_arn);
	if (!assumption || (!source.target.profile && !source.target.account_id))
		return question_blame(question, err);
	if (!role_of_target(&source, ret, err))
		return false;
	assume(*ret, TAKE(assumption));
	return true;
}

static bool role_of_arn(const struct question *question, struct role **ret, struct error *err)
{
	const struct target *target = &question->target;
	_cleanup_(sso_session_freep) struct sso_session *session = NULL;
	_cleanup_free_ char *role_name = NULL;
	char account_id[ACCOUNT_ID_LEN + 1];

	if (!arn_is_permission_set(target->role_arn, account_id, &role_name))
		return role_assumed_by_target(question, ret, err);
	if (!session_of_arn(question, &session, err))
		return false;
	*ret = role_new(TAKE(session), account_id, role_name);
	return true;
}

/* Account and role are named; the session may be the profile's, or the only one. */
static bool named_role(const struct question *question, struct role **ret, struct error *err)
{
	const struct target *target = &question->target;
	_cleanup_(sso_session_freep) struct sso_session *session = NULL;

	if (!check_role(target->account_id, target->role_name, err))
		return question_blame(question, err);
	if (!session_of_target(question, &session, err))
		return false;
	*ret = role_new(TAKE(session), target->account_id, target->role_name);
	return true;
}

static bool role_of_target(const struct question *question, struct role **ret, struct error *err)
{
	const struct target *target = &question->target;

	if (target->role_arn)
		return role_of_arn(question, ret, err);
	if (target->account_id && target->role_name)
		return named_role(question, ret, err);
	if (target->profile && !target->session && !target->account_id && !target->role_name)
		return role_of_profile(question, ret, err);
	error_fill(err, ERROR_CONFIG,
		   "no role is named: give a profile, or a session, an account id and a role name together");
	return question_blame(question, err);
}

static bool role_of_profile(const struct question *question, struct role **ret, struct error *err)
{
	_cleanup_(meaning_done) struct meaning meaning = {0};

	if (!question_find_meaning(question, &meaning, err))
		return false;
	return meaning.process ? role_of_target(&meaning.next, ret, err)
			       : own_role(question, meaning.profile, ret, err);
}

/* The region in which the caller's own profile has its service calls made. */
static bool read_region(const struct question *question, struct role *role, struct error *err)
{
	const struct config_section *profile =
		question->target.profile
			? config_find(question->config, CONFIG_PROFILE, question->target.profile)
			: NULL;
	const struct config_key *region = profile ? config_section_key(profile, "region") : NULL;

	if (!region || !*region->value)
		return true;
	_cleanup_free_ char *where = question_where(question, region->line);
	if (!region_check(region->value, where, err))
		return false;
	role->region = xstrdup(region->value);
	return true;
}

bool target_resolve(const struct config *config, const struct settings *settings, const struct target *target,
		    struct role **ret, struct error *err)
{
	const struct question question = {.config = config, .settings = settings, .target = *target};
	_cleanup_(role_freep) struct role *role = NULL;

	if (!role_of_target(&question, &role, err) || !read_region(&question, role, err)) {
		text_make_printable(err->message);
		return false;
	}
	if (role->assumed && !role->assumed->region)
		role->assumed->region = xstrdup_or_null(role->region);
	*ret = TAKE(role);
	return true;
}

bool sso_session_of_profile(const struct config *config, const struct settings *settings, const char *profile,
			    struct sso_session **ret, struct error *err)
{
	const struct question question = {
		.config = config, .settings = settings, .target = {.profile = profile}};

	if (session_of_profile(&question, ret, err))
		return true;
	text_make_printable(err->message);
	return false;
}
