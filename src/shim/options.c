#include "shim/options.h"

#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "base/text.h"
#include "iamic/protocol.h"

#define SECONDS_MAX     86400
#define LOGIN_DEFAULT_S 600
#define ACCOUNT_ID_LEN  12

enum option {
	PROFILE,
	SSO_SESSION,
	ACCOUNT_ID,
	ROLE_NAME,
	ROLE_ARN,
	TIMEOUT,
	LOGIN,
	HELP,
	VERSION,
	N_OPTIONS
};

enum value_kind { VALUE_NONE, VALUE_NEEDED, VALUE_OPTIONAL /* only after '=' */ };

static const struct {
	const char *name;
	enum value_kind value;
} table[N_OPTIONS] = {
	[PROFILE] = {"--profile", VALUE_NEEDED},       [SSO_SESSION] = {"--sso-session", VALUE_NEEDED},
	[ACCOUNT_ID] = {"--account-id", VALUE_NEEDED}, [ROLE_NAME] = {"--role-name", VALUE_NEEDED},
	[ROLE_ARN] = {"--role-arn", VALUE_NEEDED},     [TIMEOUT] = {"--timeout", VALUE_NEEDED},
	[LOGIN] = {"--login", VALUE_OPTIONAL},         [HELP] = {"--help", VALUE_NONE},
	[VERSION] = {"--version", VALUE_NONE},
};

const char options_help[] =
	"usage: iamic-credential-process [OPTION]..., with one of\n"
	"  [--profile NAME]\n"
	"  [--sso-session NAME] --account-id ID --role-name ROLE\n"
	"  --role-arn ARN, alone or with one of the above\n"
	"\n"
	"Prints credentials for the setting credential_process of the AWS configuration.\n"
	"\n"
	"  --profile NAME      a profile (the one in AWS_PROFILE, else default)\n"
	"  --sso-session NAME  the sign-in session (the only one, where there is one)\n"
	"  --account-id ID     the account, 12 digits\n"
	"  --role-name ROLE    the role, as the access portal shows it\n"
	"  --role-arn ARN      a role to assume from what the others name; the ARN of\n"
	"                      a permission set's role is that account and role\n"
	"  --timeout SECONDS   give up after this time (10)\n"
	"  --login[=SECONDS]   wait for a sign-in (600) instead of failing\n"
	"  --help              this text\n"
	"  --version           the version\n"
	"\n"
	"example: iamic-credential-process --profile dev --login=60\n";

/* The option that word names, up to its end or a '='; N_OPTIONS if none. */
static enum option find_option(const char *word, size_t len)
{
	size_t i = 0;

	while (i < N_OPTIONS && (strlen(table[i].name) != len || memcmp(table[i].name, word, len) != 0))
		i++;
	return (enum option)i;
}

static void refuse_unknown(const char *word, size_t len, struct error *err)
{
	struct nearest nearest = {.word = word, .len = len};

	for (size_t i = 0; i < N_OPTIONS; i++)
		nearest_try(&nearest, table[i].name);
	error_fill(err, ERROR_USAGE, "unknown option '%.*s'%s%s%s", len < 200 ? (int)len : 200, word,
		   nearest.name ? ", perhaps '" : "", nearest.name ? nearest.name : "",
		   nearest.name ? "'" : "");
}

/* An option without value has "" for one. Sets *i to the last word that was used. */
static bool take_option(int argc, char *const argv[], int *i, const char *values[], enum option *ret,
			struct error *err)
{
	const char *word = argv[*i], *equals = strchr(word, '=');
	size_t len = equals ? (size_t)(equals - word) : strlen(word);
	enum option option;

	if (word[0] != '-')
		return error_set(err, ERROR_USAGE, "unexpected argument '%.200s'", word);
	option = find_option(word, len);
	if (option == N_OPTIONS) {
		refuse_unknown(word, len, err);
		return error_is_set();
	}
	if (equals && table[option].value == VALUE_NONE)
		return error_set(err, ERROR_USAGE, "%s takes no value", table[option].name);
	if (!equals && table[option].value == VALUE_NEEDED && ++*i >= argc)
		return error_set(err, ERROR_USAGE, "%s needs a value", table[option].name);
	values[option] = equals ? equals + 1 : table[option].value == VALUE_NEEDED ? argv[*i] : "";
	if ((equals || table[option].value == VALUE_NEEDED) && !values[option][0])
		return error_set(err, ERROR_USAGE, "%s has an empty value", table[option].name);
	*ret = option;
	return true;
}

static bool parse_seconds(enum option option, const char *text, uint64_t *ret_ms, struct error *err)
{
	uint64_t value = 0;

	for (const char *p = text; *p; p++) {
		if (*p < '0' || *p > '9' || value > SECONDS_MAX) {
			value = 0;
			break;
		}
		value = value * 10 + (uint64_t)(*p - '0');
	}
	if (value < 1 || value > SECONDS_MAX)
		return error_set(err, ERROR_USAGE, "%s '%.200s' is not a number of seconds from 1 to %d",
				 table[option].name, text, SECONDS_MAX);
	*ret_ms = value * 1000;
	return true;
}

static bool check_texts(const char *const values[], struct error *err)
{
	const char *account = values[ACCOUNT_ID], *arn = values[ROLE_ARN];

	for (enum option i = PROFILE; i <= ROLE_ARN; i++) {
		if (values[i] && !utf8_is_valid(values[i], strlen(values[i])))
			return error_set(err, ERROR_USAGE, "%s is not UTF-8", table[i].name);
	}
	if (account && (strlen(account) != ACCOUNT_ID_LEN || strspn(account, "0123456789") != ACCOUNT_ID_LEN))
		return error_set(err, ERROR_USAGE, "--account-id '%.200s' is not 12 digits", account);
	if (arn && strncmp(arn, "arn:", 4) != 0)
		return error_set(err, ERROR_USAGE, "--role-arn '%.200s' is not an ARN", arn);
	return true;
}

/* The three ways to say what is meant. An ARN may stand for account and role. */
static bool check_form(const char *const values[], struct error *err)
{
	bool has_role = values[SSO_SESSION] || values[ACCOUNT_ID] || values[ROLE_NAME];

	if (values[PROFILE] && has_role)
		return error_set(err, ERROR_USAGE, "--profile says it all: %s does not go with it",
				 values[SSO_SESSION]  ? "--sso-session"
				 : values[ACCOUNT_ID] ? "--account-id"
						      : "--role-name");
	if (!values[ACCOUNT_ID] != !values[ROLE_NAME])
		return error_set(err, ERROR_USAGE, "%s needs %s",
				 values[ACCOUNT_ID] ? "--account-id" : "--role-name",
				 values[ACCOUNT_ID] ? "--role-name" : "--account-id");
	if (values[SSO_SESSION] && !values[ACCOUNT_ID] && !values[ROLE_ARN])
		return error_set(err, ERROR_USAGE, "--sso-session needs --account-id and --role-name");
	return true;
}

/* An ARN says account and role: then the daemon knows a session even where there is no default profile. */
static const char *default_profile(bool has_arn)
{
	const char *profile = getenv("AWS_PROFILE");

	if (profile && *profile)
		return profile;
	return has_arn ? NULL : "default";
}

static bool interpret(const char *const values[], struct request *ret, struct error *err)
{
	struct request request = {
		.profile = values[PROFILE],
		.session = values[SSO_SESSION],
		.account_id = values[ACCOUNT_ID],
		.role_name = values[ROLE_NAME],
		.role_arn = values[ROLE_ARN],
		.timeout_ms = IAMIC_TIMEOUT_DEFAULT_MS,
		.login_ms = values[LOGIN] ? LOGIN_DEFAULT_S * 1000 : 0,
	};

	if (!check_texts(values, err) || !check_form(values, err))
		return false;
	if (values[TIMEOUT] && !parse_seconds(TIMEOUT, values[TIMEOUT], &request.timeout_ms, err))
		return false;
	if (values[LOGIN] && *values[LOGIN] && !parse_seconds(LOGIN, values[LOGIN], &request.login_ms, err))
		return false;
	if (!request.profile && !request.session && !request.account_id)
		request.profile = default_profile(request.role_arn != NULL);
	if (request.profile && !utf8_is_valid(request.profile, strlen(request.profile)))
		return error_set(err, ERROR_USAGE, "AWS_PROFILE is not UTF-8, correct or unset it");
	*ret = request;
	return true;
}

bool options_parse(int argc, char *const argv[], struct options *ret, struct error *err)
{
	const char *values[N_OPTIONS] = {NULL};
	enum option option;

	for (int i = 1; i < argc; i++) {
		if (!take_option(argc, argv, &i, values, &option, err))
			return false;
		if (option == HELP || option == VERSION) {
			ret->action = option == HELP ? OPTIONS_HELP : OPTIONS_VERSION;
			return true;
		}
	}
	ret->action = OPTIONS_RUN;
	return interpret(values, &ret->request, err);
}
