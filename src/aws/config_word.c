#include "aws/config_word.h"

#include <string.h>

#include "aws/strip.h"
#include "base/text.h"
#include "base/xalloc.h"

#define PLAIN "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_/.%@:+"

static const char *const words[] = {
	[CONFIG_PROFILE] = "profile", [CONFIG_SSO_SESSION] = "sso-session", [CONFIG_SERVICES] = "services"};

bool config_name_is_plain(const char *name)
{
	return *name && name[strspn(name, PLAIN)] == '\0';
}

/* Only single blanks between plain words: quotes keep those together. */
static bool is_quotable(const char *name)
{
	size_t len = strlen(name);

	return name[strspn(name, PLAIN " ")] == '\0' && len > 0 && name[0] != ' ' && name[len - 1] != ' ';
}

bool config_header(enum config_kind kind, const char *name, char **ret, struct error *err)
{
	if (kind == CONFIG_PROFILE && strcmp(name, "default") == 0)
		*ret = xstrdup("[default]");
	else if (config_name_is_plain(name))
		*ret = xasprintf("[%s %s]", words[kind], name);
	else if (is_quotable(name))
		*ret = xasprintf("[%s '%s']", words[kind], name);
	else {
		error_fill(err, ERROR_CONFIG,
			   "'%.100s' cannot be the name of a %s: other tools would misread it: use letters, "
			   "digits and "
			   "-_/.%%@:+",
			   name, kind == CONFIG_SSO_SESSION ? "session" : words[kind]);
		text_make_printable(err->message);
		return false;
	}
	return true;
}

static bool has_comment(const char *value)
{
	for (const char *p = value; *p; p++)
		if ((*p == '#' || *p == ';') && (p == value || p[-1] == ' ' || p[-1] == '\t'))
			return true;
	return false;
}

bool config_check_value(const char *key, const char *value, struct error *err)
{
	_cleanup_free_ char *copy = xstrdup(value);

	if (*value && !text_has_controls(value) && strlen(strip_text(copy)) == strlen(value) &&
	    !has_comment(value))
		return true;
	error_fill(err, ERROR_CONFIG,
		   "'%.200s' cannot be written as %s: other tools would misread it: choose another", value,
		   key);
	text_make_printable(err->message);
	return false;
}
