/*
 * From what a caller names to what the portal is asked for. Parts of an input: options as a
 * credential_process line has them, AWS's file, iamic's own file.
 */
#include "aws/target.h"
#include "aws/config_reader.h"

#include "aws/assumption.h"
#include "aws/process.h"
#include "aws/profile_endpoints.h"
#include "aws/region.h"
#include "aws/url.h"
#include "fuzz.h"

#define FORM_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~%&="

struct files {
	struct config *config;
	struct settings *settings;
};

static void files_done(struct files *files)
{
	config_free(files->config);
	settings_free(files->settings);
}

/* False for files that cannot be read: others look at that. */
static bool files_read(const uint8_t *data, size_t size, struct files *ret)
{
	enum config_progress progress;
	struct error err;
	size_t len;
	char *aws = next_part(&data, &size, &len);
	_cleanup_(config_reader_freep) struct config_reader *reader = config_reader_new("cfg", aws, len);
	_cleanup_free_ char *own = next_part(&data, &size, &len);

	while ((progress = config_reader_step(reader, 100, &ret->config, &err)) == CONFIG_MORE)
		;
	ret->settings = settings_new();
	return progress == CONFIG_DONE && settings_add_file(ret->settings, "own", own, len, &err);
}

static void require_config_error(const struct error *err)
{
	require_error(err);
	REQUIRE(err->kind == ERROR_CONFIG);
}

/* Wherever requests go, it is an address that a token may go to. */
static void require_addresses(const struct endpoint_options *said, const char *region)
{
	static const struct endpoint_options environment = {0};

	for (size_t i = 0; i < AWS_SERVICE_COUNT; i++) {
		_cleanup_free_ char *url = NULL;
		struct error err = {0};

		if (endpoint_url((enum aws_service)i, region, &environment, said, &url, &err))
			REQUIRE(url_is_acceptable(url));
		else
			require_config_error(&err);
	}
}

static void require_session(const struct sso_session *session)
{
	REQUIRE(session->name && session->where);
	REQUIRE(url_is_acceptable(session->start_url));
	REQUIRE(region_is_valid(session->region) && region_partition(session->region));
	REQUIRE(session->scopes[0]);
	require_addresses(&session->endpoints, session->region);
}

static void require_assumption(const struct assumption *assumption)
{
	_cleanup_(assumption_freep) struct assumption *copy = assumption_copy(assumption);

	REQUIRE(account_id_is_valid(assumption->account_id) && *assumption->role_name);
	REQUIRE(strncmp(assumption->role_arn, "arn:aws", 7) == 0);
	REQUIRE(strspn(assumption->form, FORM_CHARACTERS) == strlen(assumption->form));
	REQUIRE(!assumption->region || region_is_valid(assumption->region));
	REQUIRE(assumption_is_same(copy, assumption));
}

static void resolve(const struct files *files, const struct target *target)
{
	_cleanup_(role_freep) struct role *role = NULL;
	struct error err = {0};

	if (!target_resolve(files->config, files->settings, target, &role, &err)) {
		REQUIRE(!role);
		require_config_error(&err);
		return;
	}
	REQUIRE(err.kind == ERROR_NONE);
	REQUIRE(account_id_is_valid(role->account_id) && role_name_is_valid(role->role_name));
	REQUIRE(!role->region || region_is_valid(role->region));
	for (const struct assumption *assumed = role->assumed; assumed; assumed = assumed->source)
		require_assumption(assumed);
	require_session(role->session);
}

static void resolve_session(const struct files *files, const char *name)
{
	_cleanup_(sso_session_freep) struct sso_session *session = NULL;
	struct error err = {0};

	if (sso_session_resolve(files->config, files->settings, name, &session, &err))
		require_session(session);
	else
		require_config_error(&err);
}

static void resolve_all_sessions(const struct files *files)
{
	size_t n, listed = 0;
	char **names = sso_session_names(files->config, files->settings, &n);

	for (char **name = names; *name; name++, listed++) {
		resolve_session(files, *name);
		free(*name);
	}
	REQUIRE(listed == n);
	free(names);
	resolve_session(files, NULL);
}

static void read_endpoints(const struct files *files, const struct config_section *profile)
{
	_cleanup_(endpoint_options_done) struct endpoint_options said = {0};
	struct error err = {0};

	if (profile_endpoints_read(files->config, profile, &said, &err)) {
		require_addresses(&said, "us-east-1");
	} else {
		require_config_error(&err);
		require_printable_error(&err);
	}
}

static void resolve_all_profiles(const struct files *files)
{
	const struct config_section *section;

	for (size_t i = 0; (section = config_nth(files->config, CONFIG_PROFILE, i)); i++) {
		_cleanup_(sso_session_freep) struct sso_session *session = NULL;
		struct error err = {0};

		resolve(files, &(struct target){.profile = section->name});
		read_endpoints(files, section);
		if (sso_session_of_profile(files->config, files->settings, section->name, &session, &err))
			require_session(session);
		else
			require_config_error(&err);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(files_done) struct files files = {0};
	size_t len;
	_cleanup_free_ char *options = next_part(&data, &size, &len);
	_cleanup_free_ char *line = xasprintf("iamic-credential-process %s", options);
	_cleanup_(process_freep) struct process *process = NULL;
	struct error err = {0};

	if (!files_read(data, size, &files))
		return 0;
	if (!process_parse(line, "cfg:1", &process, &err))
		require_config_error(&err);
	if (process)
		resolve(&files, &process->target);
	resolve(&files, &(struct target){0});
	resolve_all_sessions(&files);
	resolve_all_profiles(&files);
	return 0;
}
