#include "aws/profile_endpoints.h"

#include "aws/config_reader.h"
#include "aws/target.h"
#include "base/xalloc.h"
#include "check.h"

#define CORP "[sso-session corp]\nsso_start_url = https://corp\nsso_region = eu-west-1\n"
#define P    "[profile p]\nsso_session = corp\n"
#define Q    "[profile q]\nsso_session = corp\n"
#define OURS "credential_process = iamic-credential-process --sso-session corp --account-id A --role-name R\n"

#define OIDC_RULE   "https://oidc.eu-west-1.amazonaws.com"
#define PORTAL_RULE "https://portal.sso.eu-west-1.amazonaws.com"
#define STS_RULE    "https://sts.eu-west-1.amazonaws.com"

static struct config *read_file(const char *text)
{
	struct config *config = NULL;
	struct error err = {0};

	_cleanup_(config_reader_freep) struct config_reader *reader =
		config_reader_new("cfg", xstrdup(text), strlen(text));
	while (config_reader_step(reader, 1, &config, &err) == CONFIG_MORE)
		;
	if (!config)
		fprintf(stderr, "%s\n", err.message);
	CHECK(config);
	return config;
}

/* "OIDC PORTAL STS", or the error. */
static char *urls_of(const struct endpoint_options *environment, const struct endpoint_options *said)
{
	_cleanup_free_ char *oidc = NULL, *portal = NULL, *sts = NULL;
	struct error err;

	if (!endpoint_oidc_url("https://corp", "eu-west-1", environment, said, &oidc, &err) ||
	    !endpoint_url(AWS_SSO, "eu-west-1", environment, said, &portal, &err) ||
	    !endpoint_url(AWS_STS, "eu-west-1", environment, said, &sts, &err))
		return xstrdup(err.message);
	return xasprintf("%s %s %s", oidc, portal, sts);
}

static char *session_urls(const char *text, const struct endpoint_options *environment)
{
	_cleanup_(config_freep) struct config *config = read_file(text);
	_cleanup_(settings_freep) struct settings *settings = settings_new();
	_cleanup_(sso_session_freep) struct sso_session *session = NULL;
	struct error err;

	if (!sso_session_resolve(config, settings, "corp", &session, &err))
		return xstrdup(err.message);
	return urls_of(environment, &session->endpoints);
}

static char *profile_urls(const char *text, const struct endpoint_options *environment)
{
	_cleanup_(config_freep) struct config *config = read_file(text);
	_cleanup_(endpoint_options_done) struct endpoint_options said = {0};
	struct error err;

	if (!profile_endpoints_read(config, config_find(config, CONFIG_PROFILE, "p"), &said, &err))
		return xstrdup(err.message);
	return urls_of(environment, &said);
}

static char nowhere[] = "https://environment", variable[] = "AWS_ENDPOINT_URL";
static const struct endpoint_options silent = {0};
static const struct endpoint_options with_url = {.all = {nowhere, variable}};
static const struct endpoint_options for_oidc = {.service[AWS_SSO_OIDC] = {nowhere, variable}};
static const struct endpoint_options plain = {.fips = ENDPOINT_NO, .dual_stack = ENDPOINT_NO};
static const struct endpoint_options ignoring = {.ignore_configured = ENDPOINT_YES};
static const struct endpoint_options heeding = {.ignore_configured = ENDPOINT_NO};

#define SERVICES                                                                                             \
	"[services s]\nsso_oidc =\n  endpoint_url = https://s-oidc\nsts =\n # c\n  other = 1\n"              \
	"  endpoint_url = https://s-sts/\ns3 =\n  endpoint_url = nonsense\n"

static const struct row {
	const char *what;
	const char *file;
	const struct endpoint_options *environment;
	const char *want;
} profiles[] = {
	{"nothing is said", P, &silent, OIDC_RULE " " PORTAL_RULE " " STS_RULE},
	{"endpoint_url is for all", P "endpoint_url = https://all/\n", &silent,
	 "https://all https://all https://all"},
	{"an empty one says nothing", P "endpoint_url =\n", &silent, OIDC_RULE " " PORTAL_RULE " " STS_RULE},
	{"a service's own goes first, wherever its section stands",
	 SERVICES P "services = s\nendpoint_url = https://all\n", &silent,
	 "https://s-oidc https://all https://s-sts"},
	{"services alone", P "services = s\n" SERVICES, &silent,
	 "https://s-oidc " PORTAL_RULE " https://s-sts"},
	{"services that say nothing of it", P "services = s\n[services s]\nsso =\nsts = https://flat\n",
	 &silent, OIDC_RULE " " PORTAL_RULE " " STS_RULE},
	{"services that are not there", P "services = s\n", &silent,
	 "cfg:3: services: there is no section [services s]: add it, or remove this line"},
	{"the environment goes before all that", P "services = s\nendpoint_url = https://all\n" SERVICES,
	 &with_url, "https://environment https://environment https://environment"},
	{"but only where it says something", P "services = s\nendpoint_url = https://all\n" SERVICES,
	 &for_oidc, "https://environment https://all https://s-sts"},
	{"ignored in the profile, the environment's too",
	 P "endpoint_url = https://all\nignore_configured_endpoint_urls = TRUE\n", &with_url,
	 OIDC_RULE " " PORTAL_RULE " " STS_RULE},
	{"ignored by the environment", P "endpoint_url = https://all\n", &ignoring,
	 OIDC_RULE " " PORTAL_RULE " " STS_RULE},
	{"the environment's no goes before the profile's yes",
	 P "endpoint_url = https://all\nignore_configured_endpoint_urls = true\n", &heeding,
	 "https://all https://all https://all"},
	{"FIPS", P "use_fips_endpoint = true\n", &silent,
	 "https://oidc-fips.eu-west-1.amazonaws.com https://portal.sso-fips.eu-west-1.amazonaws.com "
	 "https://sts-fips.eu-west-1.amazonaws.com"},
	{"FIPS and dual-stack", P "use_fips_endpoint = True\nuse_dualstack_endpoint = true\n", &silent,
	 "https://oidc-fips.eu-west-1.api.aws https://portal.sso-fips.eu-west-1.api.aws "
	 "https://sts-fips.eu-west-1.api.aws"},
	{"neither, says the environment", P "use_fips_endpoint = true\nuse_dualstack_endpoint = true\n",
	 &plain, OIDC_RULE " " PORTAL_RULE " " STS_RULE},
	{"what is not true is no", P "use_fips_endpoint = yes\nuse_dualstack_endpoint = 1\n", &silent,
	 OIDC_RULE " " PORTAL_RULE " " STS_RULE},
	{"an address that cannot be used names its line", P "endpoint_url = http://evil.example\n", &silent,
	 "cfg:3: endpoint_url is not an address that can be used: write https://HOST (http:// only for a "
	 "loopback host), without user name, query and blanks"},
	{"so does one in a block",
	 "[services s]\nsso_oidc =\n  endpoint_url = https://u:hunter2@h\n" P "services = s\n", &silent,
	 "cfg:2: sso_oidc: endpoint_url is not an address that can be used: write https://HOST (http:// only "
	 "for a loopback host), without user name, query and blanks"},
	{"a value that goes on is none", P "endpoint_url =\n  a = https://h\n", &silent,
	 "cfg:3: endpoint_url is not an address that can be used: write https://HOST (http:// only for a "
	 "loopback host), without user name, query and blanks"},
};

#define BOTH(one, other)                                                                                     \
	one " and " other                                                                                    \
	    " contradict each other, but session 'corp' has one address for all its profiles: write the "    \
	    "same in both, or give them a session each"

static const struct row sessions[] = {
	{"nobody says anything", CORP P Q, &silent, OIDC_RULE " " PORTAL_RULE " " STS_RULE},
	{"one speaks for all", CORP P "endpoint_url = https://all\n" Q, &silent,
	 "https://all https://all https://all"},
	{"two say the same", CORP P "endpoint_url = https://all\n" Q "endpoint_url = https://all\n", &silent,
	 "https://all https://all https://all"},
	{"two say different things", CORP P "endpoint_url = https://all\n" Q "endpoint_url = https://other\n",
	 &silent, BOTH("cfg:6: endpoint_url", "cfg:9: endpoint_url")},
	{"even where one says it of one service",
	 CORP P "endpoint_url = https://all\n" Q "services = s\n" SERVICES, &silent,
	 BOTH("cfg:6: endpoint_url", "cfg:11: sso_oidc: endpoint_url")},
	{"two speak of different services",
	 CORP P "services = s\n" SERVICES Q "services = t\n[services t]\nsso =\n endpoint_url = https://t\n",
	 &silent, "https://s-oidc https://t https://s-sts"},
	{"STS is no matter of the session",
	 CORP P "services = s\n" SERVICES Q "services = t\n[services t]\nsts =\n endpoint_url = https://t\n",
	 &silent, "https://s-oidc " PORTAL_RULE " https://s-sts"},
	{"a profile of another session has no say",
	 CORP "[profile x]\nsso_session = other\nendpoint_url = https://x\n"
	      "[profile y]\nsso_start_url = https://corp\nendpoint_url = https://y\n",
	 &silent, OIDC_RULE " " PORTAL_RULE " " STS_RULE},
	{"nor has one whose line is iamic's",
	 CORP "[profile x]\n" OURS "endpoint_url = https://x\n" P "endpoint_url = https://y\n" OURS, &silent,
	 OIDC_RULE " " PORTAL_RULE " " STS_RULE},
	{"but by the blocks of the two services that its SDK does not call",
	 SERVICES CORP "[profile x]\n" OURS "services = s\nuse_fips_endpoint = true\n" P, &silent,
	 "https://s-oidc " PORTAL_RULE " " STS_RULE},
	{"of the session that its line names",
	 SERVICES CORP "[profile x]\nsso_session = corp\nservices = s\ncredential_process = "
		       "iamic-credential-process --sso-session other --account-id A --role-name R\n",
	 &silent, OIDC_RULE " " PORTAL_RULE " " STS_RULE},
	{"and services that are not there are its own business", CORP "[profile x]\n" OURS "services = s\n",
	 &silent, OIDC_RULE " " PORTAL_RULE " " STS_RULE},
	{"one whose line names itself has",
	 CORP P "endpoint_url = https://p\ncredential_process = iamic-credential-process --profile p\n",
	 &silent, "https://p https://p https://p"},
	{"FIPS by one of them", CORP P Q "use_fips_endpoint = true\n", &silent,
	 "https://oidc-fips.eu-west-1.amazonaws.com https://portal.sso-fips.eu-west-1.amazonaws.com "
	 "https://sts-fips.eu-west-1.amazonaws.com"},
	{"FIPS, and not", CORP P "use_fips_endpoint = true\n" Q "use_fips_endpoint = false\n", &silent,
	 BOTH("cfg:6: use_fips_endpoint", "cfg:9: use_fips_endpoint")},
	{"dual-stack, and not", CORP P "use_dualstack_endpoint = 0\n" Q "use_dualstack_endpoint = true\n",
	 &silent, BOTH("cfg:6: use_dualstack_endpoint", "cfg:9: use_dualstack_endpoint")},
	{"an address, and none is to count",
	 CORP P "ignore_configured_endpoint_urls = true\n" Q "endpoint_url = https://q\n", &silent,
	 BOTH("cfg:6: ignore_configured_endpoint_urls", "cfg:9: endpoint_url")},
	{"its own is ignored", CORP P "ignore_configured_endpoint_urls = true\nendpoint_url = https://q\n" Q,
	 &with_url, OIDC_RULE " " PORTAL_RULE " " STS_RULE},
	{"services that are not there", CORP P "services = s\n" Q, &silent,
	 "cfg:6: services: there is no section [services s]: add it, or remove this line"},
};

static void check_rows(const struct row *rows, size_t n,
		       char *(*urls)(const char *file, const struct endpoint_options *environment))
{
	for (size_t i = 0; i < n; i++) {
		_cleanup_free_ char *got = urls(rows[i].file, rows[i].environment);

		if (strcmp(got, rows[i].want) != 0) {
			fprintf(stderr, "%s:\n %s\nwanted:\n %s\n", rows[i].what, got, rows[i].want);
			exit(1);
		}
	}
}

/* It is sent a role's keys as they are: only who names it means it. */
static void the_consoles_sign_in_page_is_meant_by_its_name_alone(void)
{
	static const struct {
		const char *file, *url;
	} files[] = {
		{P "endpoint_url = https://all\n", "https://signin.aws.amazon.com"},
		{P "services = s\n[services s]\nsignin =\n  endpoint_url = https://own\n", "https://own"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		_cleanup_(config_freep) struct config *config = read_file(files[i].file);
		_cleanup_(endpoint_options_done) struct endpoint_options said = {0};
		_cleanup_free_ char *url = NULL;
		struct error err;

		CHECK(profile_endpoints_read(config, config_find(config, CONFIG_PROFILE, "p"), &said, &err));
		CHECK(endpoint_url(AWS_SIGNIN, "eu-west-1", &silent, &said, &url, &err));
		CHECK_STR(url, files[i].url);
	}
}

static void a_legacy_session_has_its_profiles_addresses(void)
{
	_cleanup_(config_freep) struct config *config =
		read_file("[profile l]\nsso_start_url = https://old\nsso_region = us-east-1\n"
			  "endpoint_url = https://e\n");
	_cleanup_(settings_freep) struct settings *settings = settings_new();
	_cleanup_(sso_session_freep) struct sso_session *session = NULL;
	struct error err;

	CHECK(sso_session_resolve(config, settings, NULL, &session, &err));
	CHECK_STR(endpoint_address(&session->endpoints, AWS_SSO)->url, "https://e");
}

/* What ten thousand profiles say is heard once, and of other services the first. */
static void many_profiles_are_heard(void)
{
	size_t n = 0, capacity = 4 << 20;
	_cleanup_free_ char *text = xcalloc(capacity, 1);

	n += (size_t)snprintf(text, capacity, CORP);
	for (unsigned i = 0; i < 10000; i++)
		n += (size_t)snprintf(text + n, capacity - n,
				      "[profile p%u]\nsso_session = corp\nendpoint_url = https://e\n", i);
	for (unsigned i = 0; i < 1000; i++)
		n += (size_t)snprintf(text + n, capacity - n,
				      "[profile q%u]\nsso_session = corp\nservices = s%u\n"
				      "[services s%u]\ns3 =\n  endpoint_url = https://s%u\n"
				      "[profile r%u]\nsso_session = corp\nservices = t%u\n"
				      "[services t%u]\nsts =\n  endpoint_url = https://t%u\n",
				      i, i, i, i, i, i, i, i);
	_cleanup_(config_freep) struct config *config = read_file(text);
	CHECK(config_endpoints(config)->n == 2);
	_cleanup_free_ char *urls = session_urls(text, &silent);
	CHECK_STR(urls, "https://e https://e https://e");
}

/* ---- what each profile of a file means, for a comparison with another reader ---- */

/* "%2F" for all but letters and digits, so that a word is a word; "-" for NULL. */
static void print_word(const char *text)
{
	printf(" %s", text ? "=" : "-");
	for (const unsigned char *p = (const unsigned char *)text; p && *p; p++)
		printf((*p >= '0' && *p <= '9') || (*p >= 'A' && *p <= 'Z') || (*p >= 'a' && *p <= 'z')
			       ? "%c"
			       : "%%%02X",
		       *p);
}

static void print_words(const char *first, const char *const *others, size_t n)
{
	printf("%s", first);
	for (size_t i = 0; i < n; i++)
		print_word(others[i]);
	printf("\n");
}

static void print_role(const struct config *config, const struct settings *settings, const char *profile)
{
	_cleanup_(role_freep) struct role *role = NULL;
	struct error err;

	if (!target_resolve(config, settings, &(struct target){.profile = profile}, &role, &err))
		print_words("refused", (const char *const[]){profile, err.message}, 2);
	else
		print_words("role",
			    (const char *const[]){profile, role->session->name, role->session->start_url,
						  role->session->region, role->account_id, role->role_name,
						  role->region},
			    7);
}

static void print_session(const struct config *config, const struct settings *settings, const char *profile)
{
	_cleanup_(sso_session_freep) struct sso_session *session = NULL;
	struct error err;

	if (sso_session_of_profile(config, settings, profile, &session, &err))
		print_words(
			"session",
			(const char *const[]){profile, session->name, session->start_url, session->region},
			4);
}

static const char *look_up(const char *name, void *userdata)
{
	(void)userdata;
	return getenv(name);
}

/* Where STS is asked with this profile, in one region and in the environment that there is. */
static void print_sts(const struct config *config, const struct config_section *profile)
{
	_cleanup_(endpoint_options_done) struct endpoint_options said = {0}, environment = {0};
	_cleanup_free_ char *url = NULL;
	struct error err;

	endpoint_options_read(&environment, look_up, NULL);
	if (profile_endpoints_read(config, profile, &said, &err) &&
	    endpoint_url(AWS_STS, "eu-west-1", &environment, &said, &url, &err))
		print_words("sts", (const char *const[]){profile->name, url}, 2);
}

static int print_file(const char *path)
{
	static char text[1 << 20];
	FILE *file = fopen(path, "r");
	size_t n = file ? fread(text, 1, sizeof(text) - 1, file) : 0;
	const struct config_section *profile;

	CHECK(file && n < sizeof(text) - 1);
	fclose(file);
	_cleanup_(config_freep) struct config *config = read_file(text);
	_cleanup_(settings_freep) struct settings *settings = settings_new();
	for (size_t i = 0; (profile = config_nth(config, CONFIG_PROFILE, i)); i++) {
		print_role(config, settings, profile->name);
		print_session(config, settings, profile->name);
		print_sts(config, profile);
	}
	return 0;
}

int main(int argc, char **argv)
{
	if (argc > 1)
		return print_file(argv[1]);
	check_rows(profiles, ARRAY_SIZE(profiles), profile_urls);
	check_rows(sessions, ARRAY_SIZE(sessions), session_urls);
	the_consoles_sign_in_page_is_meant_by_its_name_alone();
	a_legacy_session_has_its_profiles_addresses();
	many_profiles_are_heard();
	return 0;
}
