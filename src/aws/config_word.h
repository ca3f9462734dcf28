#pragma once
/*
 * Names and values as they may be written into AWS's file, so that every SDK's reader takes them for the
 * same. Pure.
 */
#include "aws/config_section.h"
#include "base/error.h"

/*
 * "[profile NAME]", "[default]", "[sso-session 'NAME WITH BLANKS']"; the caller's to free. ERROR_CONFIG for a
 * name that some reader would cut, split or take for something else. In single quotes, which a name with
 * blanks needs, the AWS CLI, botocore and iamic read it, but not every SDK: config_name_is_plain() tells.
 */
bool config_header(enum config_kind kind, const char *name, char **ret, struct error *err) MUST_CHECK;
/* Needs no quotes: A-Z a-z 0-9 - _ / . % @ : + alone. */
bool config_name_is_plain(const char *name);

/*
 * ERROR_CONFIG for what does not come back as it was written: nothing at all, line ends and other control
 * characters, blanks at an end, and " #" or " ;", which JavaScript and Rust take for a comment.
 */
bool config_check_value(const char *key, const char *value, struct error *err) MUST_CHECK;
