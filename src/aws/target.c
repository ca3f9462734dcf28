#include "aws/target.h"

#include <stdlib.h>
#include <string.h>

#include "aws/arn.h"
#include "aws/name_text.h"
#include "aws/process.h"
#include "aws/region.h"
#include "base/text.h"
#include "base/xalloc.h"

#define ROLE_NAME_MAX_LEN 32
/* Profiles that lead to one another; more are a circle. */
#define HOPS_MAX 16
#define PROCESS_LINE                                                                                         \
	"credential_process = iamic-credential-process --sso-session NAME --account-id ID --role-name ROLE"

/*
 * A target as a caller or a credential_process line names it, on its way to a role. Resolving a profile whose
 * line is iamic's is resolving that line's target, one hop further.
 */
struct question {
	const struct config *config;
	const struct settings *settings;
	struct target target;
	const char *profile; /* in whose line the target stands; NULL: it is the caller's */
	const char *where;   /* "PATH:LINE" of that line, or NULL */
	unsigned hops;
};

struct role *role_free(struct role *role)
{
	if (!role)
		return NULL;
	sso_session_free(role->session);
	free(role->role_name);
	free(role->region);
	free(role);
	return NULL;
}

bool account_id_is_valid(const char *text)
{
	return strlen(text) == ACCOUNT_ID_LEN && strspn(text, "0123456789") == ACCOUNT_ID_LEN;
}

bool role_name_is_valid(const char *text)
{
	size_t n = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+=,.@-");

	return n > 0 && n <= ROLE_NAME_MAX_LEN && text[n] == '\0';
}

static char *where_of(const struct config *config, unsigned line)
{
	return xasprintf("%s:%u", config_path(config), line);
}

/* Names whose fault it is: false, so that a function can end in it. */
static bool blame(const struct question *question, struct error *err)
{
	return question->where ? error_prefix(err, "%s", question->where) : false;
}

/* Whoever mistyped a name wants to see those that there are; whoever has none, what to write. */
static bool refuse_profile(const struct question *question, struct error *err)
{
	const char *name = question->target.profile, *path = config_path(question->config);
	const struct config_section *profile;
	struct name_text there = {0};

	for (size_t i = 0; (profile = config_nth(question->config, CONFIG_PROFILE, i)); i++)
		name_text_add(&there, profile->name);
	if (there.n > 0)
		error_fill(err, ERROR_CONFIG,
			   "profile '%.100s' is not in %s: name one that is, with --profile: %s", name, path,
			   name_text_end(&there));
	else
		error_fill(err, ERROR_CONFIG,
			   "profile '%.100s' is not in %s: add [%s%.100s] with " PROCESS_LINE, name, path,
			   strcmp(name, "default") == 0 ? "" : "profile ", name);
	return blame(question, err);
}

static const struct config_section *find_profile(const struct question *question, struct error *err)
{
	const struct config_section *profile =
		config_find(question->config, CONFIG_PROFILE, question->target.profile);

	if (!profile)
		(void)refuse_profile(question, err);
	return profile;
}

/*
 * The question that a profile's credential_process puts to iamic. *ret_process stays NULL where there is
 * none: the line is another program's, or names the profile it stands in, so that the profile's own keys
 * count.
 */
static bool read_process(const struct question *question, const struct config_section *profile,
			 struct process **ret_process, char **ret_where, struct error *err)
{
	const struct config_key *line = config_section_key(profile, "credential_process");
	bool asks_own_line = question->profile && strcmp(question->profile, profile->name) == 0;

	*ret_process = NULL;
	if (!line || asks_own_line)
		return true;
	*ret_where = where_of(question->config, line->line);
	if (question->hops == HOPS_MAX)
		return error_set(err, ERROR_CONFIG,
				 "%s: profiles lead to one another in a circle: let one of them name a "
				 "session, an account "
				 "and a role",
				 *ret_where);
	return process_parse(line->value, *ret_where, ret_process, err);
}

/* What a profile means: the question that its line puts to iamic or, without a process, its own keys. */
struct meaning {
	const struct config_section *profile;
	struct process *process; /* or NULL; next borrows from it */
	char *where;
	struct question next;
};

static void meaning_done(struct meaning *meaning)
{
	process_free(meaning->process);
	free(meaning->where);
}

static bool find_meaning(const struct question *question, struct meaning *ret, struct error *err)
{
	ret->profile = find_profile(question, err);
	if (!ret->profile || !read_process(question, ret->profile, &ret->process, &ret->where, err))
		return false;
	if (ret->process)
		ret->next = (struct question){
			.config = question->config,
			.settings = question->settings,
			.target = ret->process->target,
			.profile = ret->profile->name,
			.where = ret->where,
			.hops = question->hops + 1,
		};
	return true;
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

/* The session of a profile's own keys. role_arn goes first because for AWS's SDKs it does. */
static bool own_session(const struct question *question, const struct config_section *profile,
			struct sso_session **ret, struct error *err)
{
	const struct config_key *role_arn = config_section_key(profile, "role_arn");
	const struct config_key *name = config_section_key(profile, "sso_session");
	const char *path = config_path(question->config);

	if (role_arn)
		return error_set(err, ERROR_CONFIG,
				 "%s:%u: role_arn in profile '%.100s' is not supported by this version: use "
				 "a profile with "
				 "sso_account_id and sso_role_name",
				 path, role_arn->line, profile->name);
	if (name)
		return named_session(question, profile, name, ret, err);
	if (config_section_key(profile, "login_session"))
		return error_set(
			err, ERROR_CONFIG,
			"%s:%u: profile '%.100s' belongs to 'aws login', not to Identity Center: use a "
			"profile with sso_session",
			path, profile->line, profile->name);
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

static bool session_of_profile(const struct question *question, struct sso_session **ret, struct error *err);

static bool session_of_target(const struct question *question, struct sso_session **ret, struct error *err)
{
	if (!question->target.session && question->target.profile)
		return session_of_profile(question, ret, err);
	if (!sso_session_resolve(question->config, question->settings, question->target.session, ret, err))
		return blame(question, err);
	return true;
}

static bool session_of_profile(const struct question *question, struct sso_session **ret, struct error *err)
{
	_cleanup_(meaning_done) struct meaning meaning = {0};

	if (!find_meaning(question, &meaning, err))
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

static bool own_role(const struct question *question, const struct config_section *profile, struct role **ret,
		     struct error *err)
{
	_cleanup_(sso_session_freep) struct sso_session *session = NULL;
	const char *account_id, *role_name;

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

static bool role_of_arn(const struct question *question, struct role **ret, struct error *err)
{
	const struct target *target = &question->target;
	_cleanup_(sso_session_freep) struct sso_session *session = NULL;
	_cleanup_free_ char *role_name = NULL;
	char account_id[ACCOUNT_ID_LEN + 1];

	if (!arn_is_permission_set(target->role_arn, account_id, &role_name)) {
		error_fill(err, ERROR_CONFIG,
			   "assuming role '%.200s' is not supported by this version: name an account and a "
			   "permission set",
			   target->role_arn);
		return blame(question, err);
	}
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
		return blame(question, err);
	if (!session_of_target(question, &session, err))
		return false;
	*ret = role_new(TAKE(session), target->account_id, target->role_name);
	return true;
}

static bool role_of_profile(const struct question *question, struct role **ret, struct error *err);

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
	return blame(question, err);
}

static bool role_of_profile(const struct question *question, struct role **ret, struct error *err)
{
	_cleanup_(meaning_done) struct meaning meaning = {0};

	if (!find_meaning(question, &meaning, err))
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
	_cleanup_free_ char *where = where_of(question->config, region->line);
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
