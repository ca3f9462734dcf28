#include "daemon/cli_cache.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "aws/cli_cache.h"
#include "aws/target.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/state_file.h"
#include "base/xalloc.h"

#define FILE_MAX (64 * 1024)

/* What is in the file now. */
enum content { CONTENT_NONE, CONTENT_OURS, CONTENT_STALE, CONTENT_OF_OTHERS };

static bool is_on(const struct configuration *configuration)
{
	const struct settings *settings;
	const struct config *config;
	struct error ignored;

	return configuration_get(configuration, &config, &settings, &ignored) && settings->cache_aws_cli;
}

/* What can be renewed is the AWS CLI's own; what cannot be read is nobody's loss. */
static enum content look(const char *path, const struct token *before)
{
	_cleanup_(buffer_clearp) struct buffer text = BUFFER_INIT(FILE_MAX, &secret_memory);
	_cleanup_(cli_token_freep) struct cli_token *found = NULL;
	struct error ignored;
	bool exists;

	if (!fs_read(path, &text, &exists, &ignored))
		return CONTENT_OF_OTHERS;
	if (!exists)
		return CONTENT_NONE;
	if (!cli_cache_parse(text.data ? text.data : "", text.len, &found, &ignored))
		return CONTENT_STALE;
	if (found->refresh_token)
		return CONTENT_OF_OTHERS;
	return before && secret_is_equal(found->access_token, secret_text(before->access_token),
					 secret_len(before->access_token))
		       ? CONTENT_OURS
		       : CONTENT_STALE;
}

static void put(const char *folder, const char *name, const char *session, const struct token *token)
{
	_cleanup_(buffer_clearp) struct buffer text = BUFFER_INIT(FILE_MAX, &secret_memory);
	struct error err;

	if (!cli_cache_format(token, &text))
		log_warning("session '%s': no room to write the AWS CLI's cache", session);
	else if (!state_file_write_in(folder, name, text.data, text.len, false, &err))
		log_warning("session '%s': cache = aws-cli: %s", session, err.message);
}

void cli_cache_follow(const struct configuration *configuration, const char *session,
		      const struct token *before, const struct token *now)
{
	_cleanup_free_ char *folder = NULL, *path = NULL;
	char name[CLI_CACHE_NAME_SIZE];
	enum content content;
	const char *home;
	struct error ignored;
	bool writes = now && is_on(configuration);

	if ((!writes && !before) || !fs_home(&home, &ignored))
		return;
	folder = xasprintf("%s/" CLI_CACHE_FOLDER, home);
	path = xasprintf("%s/%s", folder, cli_cache_name(session, name));
	content = look(path, before);
	if (writes && content == CONTENT_OF_OTHERS)
		log_warning("session '%s': cache = aws-cli: the AWS CLI is signed in by itself in %s: 'iamic "
			    "import "
			    "--wipe' takes that over",
			    session, path);
	else if (writes)
		put(folder, name, session, now);
	else if (content == CONTENT_OURS && unlink(path) < 0)
		log_warning("session '%s': cannot remove %s: %m", session, path);
}

/* One that can be renewed is the AWS CLI's own. */
static void take_back(const char *folder, const char *session)
{
	char name[CLI_CACHE_NAME_SIZE];
	_cleanup_free_ char *path = xasprintf("%s/%s", folder, cli_cache_name(session, name));

	if (look(path, NULL) == CONTENT_STALE && unlink(path) < 0)
		log_warning("session '%s': cannot remove %s: %m", session, path);
}

void cli_cache_take_back_all(const struct configuration *configuration)
{
	_cleanup_free_ char *folder = NULL;
	_cleanup_free_ char **names = NULL;
	const struct settings *settings;
	const struct config *config;
	struct error ignored;
	const char *home;
	size_t n;

	if (!configuration_get(configuration, &config, &settings, &ignored) || !settings->cache_aws_cli ||
	    !fs_home(&home, &ignored))
		return;
	folder = xasprintf("%s/" CLI_CACHE_FOLDER, home);
	names = sso_session_names(config, settings, &n);
	for (size_t i = 0; i < n; i++) {
		take_back(folder, names[i]);
		free(names[i]);
	}
}
