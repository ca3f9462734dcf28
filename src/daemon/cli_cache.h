#pragma once
/*
 * cache = aws-cli: the access token in the file where tools look that know only sso_session profiles, in
 * plain text, without what could renew it. Off unless the configuration says so.
 *
 * A file that the AWS CLI has signed in to by itself, and can renew, is not touched.
 */
#include "aws/token.h"
#include "daemon/configuration.h"

#define CLI_CACHE_FOLDER ".aws/sso/cache"

/* The session has that token now, in the place of before; either may be NULL. */
void cli_cache_follow(const struct configuration *configuration, const char *session,
		      const struct token *before, const struct token *now);
/* Also what a daemon has lent that was killed, and of which this one knows no token. */
void cli_cache_take_back_all(const struct configuration *configuration);
