#include "cli/admin_options.h"

#include <string.h>

#include "aws/managed_policy.h"
#include "base/text.h"
#include "cli/admin_plan.h"
#include "cli/options.h"

#define USER_NAME_MAX 128
#define NAME_MAX_LEN  1024
#define EMAIL_MAX     254 /* RFC 5321 */
#define SESSION_MIN_S 3600
#define SESSION_MAX_S (12 * 3600)

/* Blanks of every kind that Unicode has. */
static bool is_blank(uint32_t character)
{
	return character == ' ' || character == 0xa0 || character == 0x1680 ||
	       (character >= 0x2000 && character <= 0x200a) || character == 0x2028 || character == 0x2029 ||
	       character == 0x202f || character == 0x205f || character == 0x3000;
}

/* How many characters; 0 for one that must not be there. */
static size_t count(const char *text, bool takes_blanks)
{
	const char *end = text + strlen(text);
	uint32_t character;
	size_t n = 0;

	while (text < end) {
		size_t len = utf8_decode(text, end, &character);

		if (len == 0 || character_is_control(character) || (!takes_blanks && is_blank(character)))
			return 0;
		text += len;
		n++;
	}
	return n;
}

bool option_user_name(const char *text, void *ret, struct error *err)
{
	size_t n = count(text, false);

	if (n == 0 || n > USER_NAME_MAX)
		return error_set(err, ERROR_USAGE,
				 "'%.300s' is not a user name: 1 to %d characters without blanks are", text,
				 USER_NAME_MAX);
	*(const char **)ret = text;
	return true;
}

bool option_name(const char *text, void *ret, struct error *err)
{
	size_t n = count(text, true);

	if (n == 0 || n > NAME_MAX_LEN)
		return error_set(err, ERROR_USAGE, "'%.300s' is not a name: 1 to %d characters of text are",
				 text, NAME_MAX_LEN);
	*(const char **)ret = text;
	return true;
}

bool option_email(const char *text, void *ret, struct error *err)
{
	const char *at = strchr(text, '@');

	if (count(text, false) == 0 || strlen(text) > EMAIL_MAX || !at || at == text || !at[1] ||
	    strchr(at + 1, '@') || at[1] == '.' || text[strlen(text) - 1] == '.')
		return error_set(err, ERROR_USAGE,
				 "'%.300s' is not an e-mail address such as alice@example.com", text);
	*(const char **)ret = text;
	return true;
}

bool option_session_length(const char *text, void *ret, struct error *err)
{
	int64_t s;

	if (!option_duration(text, &s, err))
		return false;
	if (s < SESSION_MIN_S || s > SESSION_MAX_S)
		return error_set(err, ERROR_USAGE, "'%s' is not from 1h to 12h, as AWS allows", text);
	*(int64_t *)ret = s;
	return true;
}

/* What is there already is wanted once. */
static bool add(struct grant_list *list, const char *text, struct error *err)
{
	for (size_t i = 0; i < list->n; i++) {
		if (strcmp(list->texts[i], text) == 0)
			return true;
	}
	if (list->n == GRANT_LIST_MAX)
		return error_set(err, ERROR_USAGE, "it is given more than %d times: leave some for later",
				 GRANT_LIST_MAX);
	list->texts[list->n++] = text;
	return true;
}

bool option_policy(const char *text, void *ret, struct error *err)
{
	if (!managed_policy_is_valid(text))
		return error_set(err, ERROR_USAGE,
				 "'%.300s' is not a policy of AWS's own, such as ReadOnlyAccess or "
				 "arn:aws:iam::aws:policy/ReadOnlyAccess",
				 text);
	return add(ret, text, err);
}

bool option_target_account(const char *text, void *ret, struct error *err)
{
	const char *id;

	return option_account_id(text, &id, err) && add(ret, id, err);
}
