#include "aws/target.h"

#include "aws/assumption.h"
#include "aws/config_reader.h"
#include "base/xalloc.h"
#include "check.h"

/* AWS's file and iamic's own, read. */
struct files {
	struct config *config;
	struct settings *settings;
};

static void files_done(struct files *files)
{
	config_free(files->config);
	settings_free(files->settings);
}

static struct files read_files(const char *aws, const char *own)
{
	struct files files = {.settings = settings_new()};
	struct error err = {0};

	_cleanup_(config_reader_freep) struct config_reader *reader =
		config_reader_new("cfg", xstrdup(aws), strlen(aws));
	while (config_reader_step(reader, 1, &files.config, &err) == CONFIG_MORE)
		;
	if (files.config && own && !settings_add_file(files.settings, "own", own, strlen(own), &err))
		config_free(TAKE(files.config));
	if (!files.config)
		fprintf(stderr, "%s\n", err.message);
	CHECK(files.config);
	return files;
}

#define CORP   "[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = eu-west-1\n"
#define OTHER  "[sso-session other]\nsso_start_url = https://other\nsso_region = eu-west-2\n"
#define ROLE   "sso_account_id = 000123456789\nsso_role_name = Admin\n"
#define LEGACY "sso_start_url = https://old.awsapps.com/start#/\nsso_region = us-east-1\n"
#define HELPER "credential_process = /opt/bin/iamic-credential-process "
#define ARN    "arn:aws:iam::000123456789:role/aws-reserved/sso.amazonaws.com/"
#define LINE                                                                                                 \
	"credential_process = iamic-credential-process --sso-session NAME --account-id ID --role-name ROLE"
#define NAMED        .account_id = "000123456789", .role_name = "Admin"
#define OTHER_ROLE   "arn:aws:iam::000123456789:role/x"
#define BASE_IN_CORP "[profile b]\nsso_session = corp\n" ROLE
#define CHAINED      "[profile p]\nrole_arn = " OTHER_ROLE "\nsource_profile = b\n"
#define BASE         CORP BASE_IN_CORP
#define WAY_OUT      "let one of them name a session, an account and a role"

/*
 * "SESSION START_URL SSO_REGION ACCOUNT ROLE REGION" of a role, and for each that is assumed, the last one
 * first, "< ROLE in ACCOUNT by REGION" and the form from RoleSessionName on.
 */
#define CORP_ADMIN "corp https://corp.awsapps.com/start eu-west-1 000123456789 Admin "
#define OLD        "https://old.awsapps.com/start#/"
#define OLD_ADMIN  OLD " " OLD " us-east-1 000123456789 Admin "

struct row {
	const char *what;
	const char *aws, *own;
	struct target target;
	const char *want; /* the role, as above, or the error */
};

static const struct row roles[] = {
	{"a profile with sso_session",
	 CORP "[profile p]\nsso_session = corp\nregion = us-west-2\n" ROLE,
	 NULL,
	 {.profile = "p"},
	 CORP_ADMIN "us-west-2"},
	{"the default profile",
	 CORP "[default]\nsso_session = corp\n" ROLE,
	 NULL,
	 {.profile = "default"},
	 CORP_ADMIN "-"},
	{"a legacy profile", "[profile p]\n" LEGACY ROLE, NULL, {.profile = "p"}, OLD_ADMIN "-"},
	{"two legacy profiles of one session",
	 "[profile o]\n" LEGACY "[profile p]\n" LEGACY ROLE,
	 NULL,
	 {.profile = "p"},
	 OLD_ADMIN "-"},
	{"session keys in the profile that say the same",
	 CORP "[profile p]\nsso_session = corp\nsso_region = eu-west-1\n" ROLE,
	 NULL,
	 {.profile = "p"},
	 CORP_ADMIN "-"},
	{"a session of iamic's own file",
	 "[profile p]\nsso_session = own\n" ROLE,
	 "[session own]\nstart_url = https://own\nregion = us-east-1\n",
	 {.profile = "p"},
	 "own https://own us-east-1 000123456789 Admin -"},
	{"AWS's region wins over that of iamic's own file",
	 CORP,
	 "[session corp]\nstart_url = https://corp.awsapps.com/start\nregion = us-east-1\n",
	 {.session = "corp", NAMED},
	 CORP_ADMIN "-"},
	{"session, account and role", CORP OTHER, NULL, {.session = "corp", NAMED}, CORP_ADMIN "-"},
	{"account and role, and there is one session", CORP, NULL, {NAMED}, CORP_ADMIN "-"},
	{"account and role by the session of a profile",
	 CORP OTHER "[profile p]\nsso_session = corp\n",
	 NULL,
	 {.profile = "p", NAMED},
	 CORP_ADMIN "-"},
	{"a legacy session by its start URL",
	 CORP "[profile p]\n" LEGACY,
	 NULL,
	 {.session = OLD, NAMED},
	 OLD_ADMIN "-"},
	{"an ARN of a permission set with a session",
	 CORP OTHER,
	 NULL,
	 {.session = "corp", .role_arn = ARN "eu-west-1/AWSReservedSSO_Admin_0123456789abcdef"},
	 CORP_ADMIN "-"},
	{"an ARN without a region, with a profile",
	 CORP OTHER "[profile p]\nregion = eu-west-3\nsso_session = corp\n",
	 NULL,
	 {.profile = "p", .role_arn = ARN "AWSReservedSSO_Admin_0123456789abcdef"},
	 CORP_ADMIN "eu-west-3"},
	{"an ARN alone, and there is one session",
	 CORP "[default]\nregion = us-east-1\n",
	 NULL,
	 {.role_arn = ARN "AWSReservedSSO_Admin_0123456789abcdef"},
	 CORP_ADMIN "-"},
	{"an ARN alone, and the default profile has a session",
	 CORP OTHER "[default]\nsso_session = corp\n",
	 NULL,
	 {.role_arn = ARN "AWSReservedSSO_Admin_0123456789abcdef"},
	 CORP_ADMIN "-"},
	{"a line with an ARN alone is of the only session, whatever the default profile is",
	 CORP "[default]\nsso_session = x\n[profile p]\n" HELPER "--role-arn " ARN
	      "AWSReservedSSO_Admin_0123456789abcdef\n",
	 NULL,
	 {.profile = "p"},
	 CORP_ADMIN "-"},
	{"a role assumed from a profile's",
	 CORP OTHER BASE_IN_CORP "[profile p]\nrole_arn = " OTHER_ROLE "\nsource_profile = b\n",
	 NULL,
	 {.profile = "p"},
	 CORP_ADMIN "- < x in 000123456789 by -&RoleSessionName=iamic"},
	{"a role assumed from an assumed one, and all that can be said of it",
	 CORP OTHER BASE_IN_CORP
	 "[profile q]\nrole_arn = arn:aws:iam::000000000001:role/a/b/Q\nsource_profile = b\nregion = "
	 "eu-west-1\n"
	 "[profile p]\nregion = eu-west-3\nsource_profile = q\nrole_arn = " OTHER_ROLE "\n"
	 "role_session_name = me@example.com\nexternal_id = a:b/c\nsource_identity = me\n"
	 "duration_seconds = 0900\nsession_tags = team = pay ments, empty=\ntransitive_session_tags = team\n",
	 NULL,
	 {.profile = "p"},
	 CORP_ADMIN
	 "eu-west-3 < x in 000123456789 by eu-west-3&RoleSessionName=me%40example.com&ExternalId="
	 "a%3Ab%2Fc&SourceIdentity=me&DurationSeconds=0900&Tags.member.1.Key=team&Tags.member.1."
	 "Value=pay%20ments&Tags.member.2.Key=empty&Tags.member.2.Value=&TransitiveTagKeys.member.1="
	 "team < Q in 000000000001 by eu-west-1&RoleSessionName=iamic"},
	{"a role_arn that is a permission set, in the source's session",
	 CORP OTHER BASE_IN_CORP "[profile p]\nsource_profile = b\nrole_arn = " ARN
				 "AWSReservedSSO_Admin_0123456789abcdef\n",
	 NULL,
	 {.profile = "p"},
	 CORP_ADMIN "-"},
	{"another role's ARN, and a profile to assume it from",
	 CORP OTHER "[profile p]\nregion = eu-west-3\nsso_session = corp\n" ROLE,
	 NULL,
	 {.profile = "p", .role_arn = OTHER_ROLE},
	 CORP_ADMIN "eu-west-3 < x in 000123456789 by eu-west-3&RoleSessionName=iamic"},
	{"another role's ARN, and a role to assume it from",
	 CORP OTHER,
	 NULL,
	 {.session = "corp", .account_id = "000123456789", .role_name = "Admin", .role_arn = OTHER_ROLE},
	 CORP_ADMIN "- < x in 000123456789 by -&RoleSessionName=iamic"},
	{"another role's ARN alone is assumed from the default profile",
	 CORP OTHER "[default]\nsso_session = corp\n" ROLE,
	 NULL,
	 {.role_arn = OTHER_ROLE},
	 CORP_ADMIN "- < x in 000123456789 by -&RoleSessionName=iamic"},
	{"a line with another role's ARN and the profile it stands in",
	 CORP OTHER "[profile p]\nsso_session = corp\n" ROLE HELPER "--profile p --role-arn " OTHER_ROLE "\n",
	 NULL,
	 {.profile = "p"},
	 CORP_ADMIN "- < x in 000123456789 by -&RoleSessionName=iamic"},
	{"a source that is a line, whose profile is the source of its own",
	 CORP OTHER "[profile p]\nrole_arn = " OTHER_ROLE "\nsource_profile = q\n[profile q]\n" HELPER
		    "--profile q\nsso_session = corp\n" ROLE,
	 NULL,
	 {.profile = "p"},
	 CORP_ADMIN "- < x in 000123456789 by -&RoleSessionName=iamic"},
	{"a line with session, account and role, whatever else the profile says",
	 CORP OTHER
	 "[profile p]\nregion = eu-west-3\nsso_session = other\nrole_arn = x\n" HELPER
	 "--sso-session corp --account-id=000123456789 --role-name Admin --timeout 5 --login --login=9\n",
	 NULL,
	 {.profile = "p"},
	 CORP_ADMIN "eu-west-3"},
	{"a line that names its own profile",
	 CORP "[profile p]\nsso_session = corp\n" ROLE HELPER "--profile p\n",
	 NULL,
	 {.profile = "p"},
	 CORP_ADMIN "-"},
	{"a line that names its own legacy profile",
	 "[profile p]\n" LEGACY ROLE HELPER "--profile=p\n",
	 NULL,
	 {.profile = "p"},
	 OLD_ADMIN "-"},
	{"a line that names another profile",
	 CORP "[profile p]\nregion = us-east-2\n" HELPER
	      "--profile 'q q'\n[profile 'q q']\nsso_session = corp\n" ROLE,
	 NULL,
	 {.profile = "p"},
	 CORP_ADMIN "us-east-2"},
	{"a line that names another profile with such a line",
	 CORP "[profile p]\n" HELPER "--profile q\n[profile q]\nsso_session = corp\n" ROLE HELPER
	      "--profile q\n",
	 NULL,
	 {.profile = "p"},
	 CORP_ADMIN "-"},
	{"a line with an ARN and its own profile",
	 CORP "[profile p]\nsso_session = corp\n" HELPER "--profile p --role-arn " ARN
	      "AWSReservedSSO_Admin_0123456789abcdef\n",
	 NULL,
	 {.profile = "p"},
	 CORP_ADMIN "-"},
	{"a line behind env(1)",
	 CORP
	 "[profile p]\ncredential_process = env A=b \"/opt/my bin/iamic-credential-process\" --account-id "
	 "000123456789 --role-name Admin\n",
	 NULL,
	 {.profile = "p"},
	 CORP_ADMIN "-"},
	{"another program's line",
	 CORP "[profile p]\nsso_session = corp\n" ROLE "credential_process = /bin/other 'x\n",
	 NULL,
	 {.profile = "p"},
	 CORP_ADMIN "-"},
};

static const struct row refusals[] = {
	{"no such profile",
	 CORP,
	 NULL,
	 {.profile = "x"},
	 "profile 'x' is not in cfg, nor is any other: run 'iamic configure'"},
	{"no such profile, but others",
	 "[profile a]\n[profile b]\n[default]\n[profile d\x1b]\n[profile e]\n[profile f]\n",
	 NULL,
	 {.profile = "x"},
	 "profile 'x' is not in cfg: name one that is, with --profile: 'a', 'b', 'default', 'd?' and 2 more"},
	{"no default profile, but others",
	 "[profile a]\n",
	 NULL,
	 {.profile = "default"},
	 "profile 'default', which is meant where none is named, is not in cfg: name one that is, with "
	 "--profile: 'a'"},
	{"no default profile",
	 CORP,
	 NULL,
	 {.profile = "default"},
	 "profile 'default' is not in cfg, nor is any other: run 'iamic configure'"},
	{"a name that would move the cursor",
	 CORP,
	 NULL,
	 {.profile = "x\x1b[2J"},
	 "profile 'x?[2J' is not in cfg, nor is any other: run 'iamic configure'"},
	{"no such session",
	 CORP,
	 NULL,
	 {.session = "x", NAMED},
	 "session 'x' is not in cfg, which has: 'corp'"},
	{"no such session, and no other",
	 "",
	 NULL,
	 {.session = "x", NAMED},
	 "session 'x' is not in cfg, nor is any other: run 'iamic configure'"},
	{"a profile that is taken for a session",
	 CORP "[profile p]\n",
	 NULL,
	 {.session = "p", NAMED},
	 "'p' is a profile in cfg, not a session: say --profile p"},
	{"one with a blank in its name",
	 CORP "[profile 'my p']\n",
	 NULL,
	 {.session = "my p", NAMED},
	 "'my p' is a profile in cfg, not a session: say --profile 'my p'"},
	{"a profile of no such session",
	 CORP "[profile p]\nsso_session = x\n" ROLE,
	 NULL,
	 {.profile = "p"},
	 "cfg:5: session 'x' is not in cfg, which has: 'corp'"},
	{"no session at all", "", NULL, {NAMED}, "no session is configured in cfg: run 'iamic configure'"},
	{"two sessions and none is named",
	 CORP OTHER,
	 NULL,
	 {NAMED},
	 "there are several sessions, name one (iamic-login NAME, --sso-session NAME): 'corp', 'other'"},
	{"three sessions and none is named",
	 CORP OTHER "[profile p]\n" LEGACY,
	 NULL,
	 {NAMED},
	 "there are several sessions, name one (iamic-login NAME, --sso-session NAME): 'corp', 'other', "
	 "'https://old.awsapps.com/start#/'"},
	{"nothing is named",
	 CORP,
	 NULL,
	 {.session = "corp"},
	 "no role is named: give a profile, or a session, an account id and a role name together"},
	{"a profile and a session",
	 CORP "[profile p]\nsso_session = corp\n" ROLE,
	 NULL,
	 {.profile = "p", .session = "corp"},
	 "no role is named: give a profile, or a session, an account id and a role name together"},
	{"an account without a role",
	 CORP,
	 NULL,
	 {.session = "corp", .account_id = "000123456789"},
	 "no role is named: give a profile, or a session, an account id and a role name together"},
	{"an account id of 11 digits",
	 CORP,
	 NULL,
	 {.account_id = "00123456789", .role_name = "Admin"},
	 "account id '00123456789' is not 12 digits: correct it"},
	{"a role name that is a path",
	 CORP,
	 NULL,
	 {.account_id = "000123456789", .role_name = "../x"},
	 "'../x' is not the name of a role: write 1 to 32 of A-Z a-z 0-9 _ + = , . @ -"},
	{"an account id of 11 digits in a file",
	 CORP "[profile p]\nsso_session = corp\nsso_account_id = 12345678901\nsso_role_name = A\n",
	 NULL,
	 {.profile = "p"},
	 "cfg:6: sso_account_id must be 12 digits"},
	{"text behind an account id in a file",
	 CORP "[profile p]\nsso_session = corp\nsso_account_id = 123456789012 # prod\nsso_role_name = A\n",
	 NULL,
	 {.profile = "p"},
	 "cfg:6: sso_account_id must be 12 digits"},
	{"a hostile role name in a file",
	 CORP
	 "[profile p]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = A&account_id=1\n",
	 NULL,
	 {.profile = "p"},
	 "cfg:7: sso_role_name must be the name of a role: 1 to 32 of A-Z a-z 0-9 _ + = , . @ -"},
	{"a profile without an account",
	 CORP "[profile p]\nsso_session = corp\nsso_role_name = A\n",
	 NULL,
	 {.profile = "p"},
	 "cfg:4: profile 'p' lacks sso_account_id: add it to this section"},
	{"a profile without a role",
	 CORP "[profile p]\nsso_session = corp\nsso_account_id = 123456789012\n",
	 NULL,
	 {.profile = "p"},
	 "cfg:4: profile 'p' lacks sso_role_name: add it to this section"},
	{"a profile with static keys",
	 "[profile p]\naws_access_key_id = A\n",
	 NULL,
	 {.profile = "p"},
	 "cfg:1: profile 'p' has an access key of its own, not a role of Identity Center: use a profile with "
	 "sso_session"},
	{"a profile of 'aws login'",
	 "[profile p]\nlogin_session = x\n",
	 NULL,
	 {.profile = "p"},
	 "cfg:1: profile 'p' belongs to 'aws login', not to Identity Center: use a profile with sso_session"},
	{"a legacy profile without region",
	 "[profile p]\nsso_start_url = https://h\n" ROLE,
	 NULL,
	 {.profile = "p"},
	 "cfg:1: profile 'p' lacks sso_region: add it to this section"},
	{"legacy profiles with two regions",
	 "[profile o]\nsso_start_url = " OLD "\nsso_region = eu-west-1\n[profile p]\n" LEGACY ROLE,
	 NULL,
	 {.profile = "p"},
	 "cfg:1 and line 4: profiles 'o' and 'p' have one sso_start_url but different sso_region: write the "
	 "same in both"},
	{"a region in the profile that is not the session's",
	 CORP "[profile p]\nsso_session = corp\nsso_region = us-east-1\n" ROLE,
	 NULL,
	 {.profile = "p"},
	 "cfg:6: sso_region of profile 'p' is not that of session 'corp' (cfg:1): remove this line"},
	{"a start URL in the profile that is not the session's",
	 CORP "[profile p]\nsso_session = corp\nsso_start_url = https://x\n" ROLE,
	 NULL,
	 {.profile = "p"},
	 "cfg:6: sso_start_url of profile 'p' is not that of session 'corp' (cfg:1): remove this line"},
	{"a session without start URL",
	 "[sso-session s]\nsso_region = us-east-1\n",
	 NULL,
	 {.session = "s", NAMED},
	 "cfg:1: session 's' lacks sso_start_url: add it to this section"},
	{"a session without region",
	 "[sso-session s]\nsso_start_url = https://h\n",
	 NULL,
	 {.session = "s", NAMED},
	 "cfg:1: session 's' lacks sso_region: add it to this section"},
	{"a session of iamic's own file without region",
	 "",
	 "\n[session s]\nstart_url = https://h\n",
	 {.session = "s", NAMED},
	 "own:2: session 's' lacks region: add it to this section"},
	{"a session with two start URLs",
	 CORP,
	 "[session corp]\nstart_url = https://x\nregion = eu-west-1\n",
	 {.session = "corp", NAMED},
	 "session 'corp' has different start URLs in cfg:1 and own:1: remove one of them"},
	{"a region that leads elsewhere",
	 "[sso-session s]\nsso_start_url = https://h\nsso_region = us-east-1.evil.com/#\n",
	 NULL,
	 {.session = "s", NAMED},
	 "cfg:3: 'us-east-1.evil.com/#' is not a region of AWS: write one like us-east-1"},
	{"a region of no partition",
	 "[sso-session s]\nsso_start_url = https://h\nsso_region = xx-east-1\n",
	 NULL,
	 {.session = "s", NAMED},
	 "cfg:3: 'xx-east-1' is not a region of AWS: write one like us-east-1"},
	{"text behind the profile's region",
	 CORP "[profile p]\nsso_session = corp\nregion = us-east-1 ; home\n" ROLE,
	 NULL,
	 {.profile = "p"},
	 "cfg:6: 'us-east-1 ; home' is not a region of AWS: write one like us-east-1"},
	{"a start URL in plain http",
	 "[sso-session s]\nsso_start_url = http://h\nsso_region = us-east-1\n",
	 NULL,
	 {.session = "s", NAMED},
	 "cfg:2: the start URL must be an https:// address (http:// only for a loopback host) without user "
	 "name, blanks "
	 "and comment"},
	{"a start URL with a control character",
	 "[sso-session s]\nsso_start_url = https://h/\x1b[2J\nsso_region = us-east-1\n",
	 NULL,
	 {.session = "s", NAMED},
	 "cfg:2: the start URL must be an https:// address (http:// only for a loopback host) without user "
	 "name, blanks "
	 "and comment"},
	{"a session's name with a control character",
	 "[sso-session \"s\x1b\"]\nsso_start_url = https://h\nsso_region = us-east-1\n",
	 NULL,
	 {.session = "s\x1b", NAMED},
	 "the name of session 's?' holds a control character: give it another name"},
	{"role_arn that is none",
	 CORP "[profile p]\nsso_session = corp\nrole_arn = x\nsource_profile = q\n" ROLE,
	 NULL,
	 {.profile = "p"},
	 "cfg:6: role_arn in profile 'p' must be the ARN of a role: arn:aws:iam::ACCOUNT:role/NAME"},
	{"role_arn without a source",
	 CORP "[profile p]\nsso_session = corp\nrole_arn = " OTHER_ROLE "\n" ROLE,
	 NULL,
	 {.profile = "p"},
	 "cfg:4: profile 'p' has a role_arn and lacks source_profile: add the profile whose role assumes it"},
	{"a source that is not there",
	 "[profile p]\nrole_arn = " OTHER_ROLE "\nsource_profile = q\n",
	 NULL,
	 {.profile = "p"},
	 "cfg:3: profile 'q' is not in cfg: name one that is, with --profile: 'p'"},
	{"a source that has no session",
	 "[profile p]\nrole_arn = " OTHER_ROLE "\nsource_profile = q\n[profile q]\nregion = us-east-1\n",
	 NULL,
	 {.profile = "p"},
	 "cfg:4: profile 'q' names no session: add to it " LINE},
	{"a source whose credentials come from elsewhere",
	 "[profile p]\nrole_arn = " OTHER_ROLE
	 "\nsource_profile = q\n[profile q]\ncredential_process = /opt/x\n",
	 NULL,
	 {.profile = "p"},
	 "cfg:4: profile 'q' has credentials of another program (credential_process), not of Identity "
	 "Center: use a profile with sso_session"},
	{"a source that is the profile itself",
	 "[profile p]\nrole_arn = " OTHER_ROLE "\nsource_profile = p\n",
	 NULL,
	 {.profile = "p"},
	 "cfg:3: profile 'p' leads to itself: " WAY_OUT},
	{"sources in a circle",
	 "[profile p]\nrole_arn = " OTHER_ROLE "\nsource_profile = q\n"
	 "[profile q]\nrole_arn = " OTHER_ROLE "\nsource_profile = r\n[profile r]\n" HELPER "--profile p\n",
	 NULL,
	 {.profile = "p"},
	 "cfg:8: profiles 'p', 'q', 'r' lead to one another in a circle: " WAY_OUT},
	{"a circle that the first profile is not part of",
	 "[profile p]\nrole_arn = " OTHER_ROLE "\nsource_profile = q\n"
	 "[profile q]\nrole_arn = " OTHER_ROLE "\nsource_profile = r\n"
	 "[profile r]\nrole_arn = " OTHER_ROLE "\nsource_profile = q\n",
	 NULL,
	 {.profile = "p"},
	 "cfg:9: profiles 'q', 'r' lead to one another in a circle: " WAY_OUT},
	{"an hour is the most",
	 CHAINED "duration_seconds = 3601\n" BASE,
	 NULL,
	 {.profile = "p"},
	 "cfg:4: duration_seconds in profile 'p' is more than the hour (3600) that AWS allows for a role "
	 "assumed "
	 "from another role, as those of Identity Center are: remove it; iamic renews in time"},
	{"a quarter of an hour is the least",
	 CHAINED "duration_seconds = 899\n" BASE,
	 NULL,
	 {.profile = "p"},
	 "cfg:4: duration_seconds in profile 'p' must be a number of seconds from 900 to 3600"},
	{"a duration in words",
	 CHAINED "duration_seconds = 1h\n" BASE,
	 NULL,
	 {.profile = "p"},
	 "cfg:4: duration_seconds in profile 'p' must be a number of seconds from 900 to 3600"},
	{"a code that nobody can be asked for",
	 CHAINED "mfa_serial = arn:aws:iam::1:mfa/me\n" BASE,
	 NULL,
	 {.profile = "p"},
	 "cfg:4: mfa_serial in profile 'p' asks for a code, and there is nobody to be asked while "
	 "credentials are "
	 "fetched: remove it, and let Identity Center ask at the sign-in"},
	{"another source of credentials",
	 CHAINED "credential_source = Environment\n" BASE,
	 NULL,
	 {.profile = "p"},
	 "cfg:4: credential_source in profile 'p' takes credentials of this machine, and iamic has none but "
	 "those "
	 "of sign-ins: use source_profile instead"},
	{"a web identity",
	 CHAINED "web_identity_token_file = /x\n" BASE,
	 NULL,
	 {.profile = "p"},
	 "cfg:4: web_identity_token_file in profile 'p' belongs to AssumeRoleWithWebIdentity, which iamic "
	 "does not "
	 "do: use source_profile instead"},
	{"a session name with a blank",
	 CHAINED "role_session_name = a b\n" BASE,
	 NULL,
	 {.profile = "p"},
	 "cfg:4: role_session_name in profile 'p' must be 2 to 64 of A-Z a-z 0-9 _ + = , . @ -"},
	{"an external id of one letter",
	 CHAINED "external_id = x\n" BASE,
	 NULL,
	 {.profile = "p"},
	 "cfg:4: external_id in profile 'p' must be 2 to 1224 of A-Z a-z 0-9 _ + = , . @ : / -"},
	{"a source identity with a slash",
	 CHAINED "source_identity = a/b\n" BASE,
	 NULL,
	 {.profile = "p"},
	 "cfg:4: source_identity in profile 'p' must be 2 to 64 of A-Z a-z 0-9 _ + = , . @ -"},
	{"tags without values",
	 CHAINED "session_tags = a=1,b\n" BASE,
	 NULL,
	 {.profile = "p"},
	 "cfg:4: session_tags in profile 'p' must be up to 50 tags, such as team=payments,cost-center=12"},
	{"an empty transitive tag",
	 CHAINED "transitive_session_tags = a,,b\n" BASE,
	 NULL,
	 {.profile = "p"},
	 "cfg:4: transitive_session_tags in profile 'p' must be keys of up to 50 tags, such as "
	 "team,cost-center"},
	{"a hostile region",
	 CHAINED "region = x.evil.example\n" BASE,
	 NULL,
	 {.profile = "p"},
	 "cfg:4: 'x.evil.example' is not a region of AWS: write one like us-east-1"},
	{"an ARN alone, and there are two sessions",
	 CORP OTHER "[default]\nregion = us-east-1\n",
	 NULL,
	 {.role_arn = ARN "AWSReservedSSO_Admin_0123456789abcdef"},
	 "there are several sessions, name one (iamic-login NAME, --sso-session NAME): 'corp', 'other'"},
	{"another role's ARN",
	 CORP,
	 NULL,
	 {.session = "corp", .role_arn = OTHER_ROLE},
	 "role '" OTHER_ROLE "' has to be assumed from another role: name that as well, by a profile, or by "
	 "account id and role name"},
	{"another role's ARN alone in a line",
	 CORP "[default]\nsso_session = corp\n" ROLE "[profile p]\n" HELPER "--role-arn " OTHER_ROLE "\n",
	 NULL,
	 {.profile = "p"},
	 "cfg:9: role '" OTHER_ROLE
	 "' has to be assumed from another role: name that as well, by a profile, or by "
	 "account id and role name"},
	{"an ARN that is none of a role",
	 CORP,
	 NULL,
	 {.session = "corp", .role_arn = "arn:aws:iam::000123456789:user/x"},
	 "'arn:aws:iam::000123456789:user/x' is not the ARN of a role: write arn:aws:iam::ACCOUNT:role/NAME"},
	{"a line with nothing",
	 "[profile p]\n" HELPER "\n",
	 NULL,
	 {.profile = "p"},
	 "cfg:2: no role is named: give a profile, or a session, an account id and a role name together"},
	{"a line with a bad account id",
	 CORP "[profile p]\n" HELPER "--account-id 1 --role-name A\n",
	 NULL,
	 {.profile = "p"},
	 "cfg:5: account id '1' is not 12 digits: correct it"},
	{"a line with an unknown session",
	 CORP "[profile p]\n" HELPER "--sso-session x --account-id 000123456789 "
	      "--role-name A\n",
	 NULL,
	 {.profile = "p"},
	 "cfg:5: session 'x' is not in cfg, which has: 'corp'"},
	{"a line with an unknown profile",
	 "[profile p]\n" HELPER "--profile x\n",
	 NULL,
	 {.profile = "p"},
	 "cfg:2: profile 'x' is not in cfg: name one that is, with --profile: 'p'"},
	{"a line with an unknown option",
	 "[profile p]\n" HELPER "--profil x\n",
	 NULL,
	 {.profile = "p"},
	 "cfg:2: iamic-credential-process has no option '--profil', or its value is missing: correct the "
	 "line"},
	{"a line with an option without its value",
	 "[profile p]\n" HELPER "--profile\n",
	 NULL,
	 {.profile = "p"},
	 "cfg:2: iamic-credential-process has no option '--profile', or its value is missing: correct the "
	 "line"},
	{"a line with an open quote",
	 "[profile p]\n" HELPER "--profile 'x\n",
	 NULL,
	 {.profile = "p"},
	 "cfg:2: a quote is not closed in credential_process: close it"},
	{"a line that names its own profile, which has no keys",
	 "[profile p]\n" HELPER "--profile p\n",
	 NULL,
	 {.profile = "p"},
	 "cfg:1: profile 'p' names no session: add to it " LINE},
	{"two profiles in a circle",
	 "[profile p]\n" HELPER "--profile q\n[profile q]\n" HELPER "--profile p\n",
	 NULL,
	 {.profile = "p"},
	 "cfg:4: profiles 'p', 'q' lead to one another in a circle: " WAY_OUT},
	{"two profiles in a circle by their sessions",
	 "[profile p]\n" HELPER "--profile q --account-id 000123456789 --role-name A\n[profile q]\n" HELPER
	 "--profile p --account-id 000123456789 --role-name A\n",
	 NULL,
	 {.profile = "p"},
	 "cfg:4: profiles 'p', 'q' lead to one another in a circle: " WAY_OUT},
};

static char *describe(const struct role *role)
{
	char *text = xasprintf("%s %s %s %s %s %s", role->session->name, role->session->start_url,
			       role->session->region, role->account_id, role->role_name,
			       role->region ? role->region : "-");

	for (const struct assumption *a = role->assumed; a; a = a->source) {
		_cleanup_free_ char *before = text;

		CHECK(strncmp(a->form, "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws", 54) == 0);
		text = xasprintf("%s < %s in %s by %s%s", before, a->role_name, a->account_id,
				 a->region ? a->region : "-", strstr(a->form, "&RoleSessionName="));
	}
	return text;
}

static void targets_come_to_roles(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(roles); i++) {
		_cleanup_(files_done) struct files files = read_files(roles[i].aws, roles[i].own);
		_cleanup_(role_freep) struct role *role = NULL;
		struct error err = {0};

		fprintf(stderr, "%s\n", roles[i].what);
		if (!target_resolve(files.config, files.settings, &roles[i].target, &role, &err))
			fprintf(stderr, "%s\n", err.message);
		CHECK(role && err.kind == ERROR_NONE);
		_cleanup_free_ char *text = describe(role);
		CHECK_STR(text, roles[i].want);
	}
}

static void what_is_wrong_is_said_with_its_place(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {
		_cleanup_(files_done) struct files files = read_files(refusals[i].aws, refusals[i].own);
		struct role *role = NULL;
		struct error err;

		fprintf(stderr, "%s\n", refusals[i].what);
		CHECK(!target_resolve(files.config, files.settings, &refusals[i].target, &role, &err));
		CHECK(!role && err.kind == ERROR_CONFIG);
		CHECK_STR(err.message, refusals[i].want);
	}
}

static void a_profile_has_a_session_without_a_role(void)
{
	_cleanup_(files_done) struct files files = read_files(
		CORP OTHER "[profile p]\nsso_session = corp\n[profile q]\n" HELPER
			   "--profile p\n[profile r]\n" HELPER "--sso-session other\n[profile s]\n" LEGACY
			   "[profile t]\n" HELPER "--role-arn x\n",
		NULL);
	static const char *const want[][2] = {{"p", "corp"}, {"q", "corp"}, {"r", "other"}, {"s", OLD}};
	struct sso_session *session;
	struct error err;

	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		CHECK(sso_session_of_profile(files.config, files.settings, want[i][0], &session, &err));
		CHECK_STR(session->name, want[i][1]);
		CHECK(session->is_legacy == (strcmp(want[i][0], "s") == 0));
		sso_session_free(session);
	}
	CHECK(!sso_session_of_profile(files.config, files.settings, "t", &session, &err));
	CHECK(!sso_session_of_profile(files.config, files.settings, "u", &session, &err));
	CHECK(sso_session_free(NULL) == NULL);
	CHECK(role_free(NULL) == NULL);
}

static void check_scopes(const char *aws, const char *own, const char *want)
{
	_cleanup_(files_done) struct files files = read_files(aws, own);
	_cleanup_(sso_session_freep) struct sso_session *session = NULL;
	char text[200] = "";
	struct error err;

	CHECK(sso_session_resolve(files.config, files.settings, NULL, &session, &err));
	for (char **scope = session->scopes; *scope; scope++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s ", *scope);
	CHECK_STR(text, want);
}

static void scopes_always_hold_account_access(void)
{
	check_scopes(CORP, NULL, "sso:account:access ");
	check_scopes(CORP "sso_registration_scopes =\n", NULL, "sso:account:access ");
	check_scopes(CORP "sso_registration_scopes = a , sso:account:access,,b,a\n", NULL,
		     "sso:account:access a b ");
	check_scopes(CORP, "[session corp]\nscopes = own\n", "sso:account:access own ");
	check_scopes(CORP "sso_registration_scopes = a\n", "[session corp]\nscopes = own\n",
		     "sso:account:access a ");
	check_scopes("", "[session o]\nscopes = own\nstart_url = https://o\nregion = us-east-1\n",
		     "sso:account:access own ");
	check_scopes("[profile p]\n" LEGACY, NULL, "sso:account:access ");
}

static void check_option(const char *line, const char *want)
{
	_cleanup_free_ char *text = xasprintf("%s%s\n", CORP, line);
	_cleanup_(files_done) struct files files = read_files(text, NULL);
	struct sso_session *session = NULL;
	struct error err;

	CHECK(!sso_session_resolve(files.config, files.settings, "corp", &session, &err));
	CHECK(err.kind == ERROR_CONFIG && !session);
	CHECK_STR(err.message, want);
}

static void options_of_a_session_are_obeyed_or_refused(void)
{
	_cleanup_(files_done) struct files files =
		read_files(CORP "sso_redirect_port = 8080\nsso_use_device_code = True\n", NULL);
	_cleanup_(sso_session_freep) struct sso_session *session = NULL;
	struct error err;

	CHECK(sso_session_resolve(files.config, files.settings, "corp", &session, &err));
	CHECK(session->redirect_port == 8080 && session->use_device_code);
	CHECK_STR(session->where, "cfg:1");
	check_option("sso_redirect_port = 0", "cfg:4: sso_redirect_port must be a number from 1 to 65535");
	check_option("sso_redirect_port = 65536",
		     "cfg:4: sso_redirect_port must be a number from 1 to 65535");
	check_option("sso_redirect_port = 99999999999999999999",
		     "cfg:4: sso_redirect_port must be a number from 1 to 65535");
	check_option("sso_redirect_port = 80x", "cfg:4: sso_redirect_port must be a number from 1 to 65535");
	check_option("sso_redirect_port =", "cfg:4: sso_redirect_port must be a number from 1 to 65535");
	check_option("sso_use_device_code = yes", "cfg:4: sso_use_device_code must be true or false");
	check_option("sso_registration_scopes = a b",
		     "cfg:4: scopes must be up to 32 words with commas between them, "
		     "such as sso:account:access");
}

static void names_of_all_sessions_come_once_each(void)
{
	_cleanup_(files_done) struct files files =
		read_files("[profile l]\n" LEGACY OTHER CORP "[profile m]\n" LEGACY "[sso-session broken]\n",
			   "[session corp]\nuser = u\n[session own]\nstart_url = https://own\n[session "
			   "other]\nstart_url = https://x\n"
			   "[session hint]\nuser = u\n");
	static const char *const want[] = {"other", "corp", "broken", "own", OLD};
	size_t n;
	char **names = sso_session_names(files.config, files.settings, &n);

	CHECK(n == ARRAY_SIZE(want) && !names[n]);
	for (size_t i = 0; i < n; i++) {
		CHECK_STR(names[i], want[i]);
		free(names[i]);
	}
	free(names);
}

/* want: the name, or part of the error. */
static void check_proposal(const struct files *files, const struct session_proposal *proposal,
			   const char *want)
{
	_cleanup_(sso_session_freep) struct sso_session *session = NULL;
	struct error err = {0};
	const char *got = sso_session_propose(files->config, files->settings, proposal, &session, &err)
				  ? session->name
				  : err.message;

	if (!strstr(got, want)) {
		fprintf(stderr, "'%s' is not in '%s'\n", want, got);
		exit(1);
	}
	CHECK(session || (err.kind == ERROR_CONFIG && !strpbrk(err.message, "\n\033")));
}

static void a_session_that_no_file_has_can_be_proposed(void)
{
	_cleanup_(files_done) struct files files = read_files(CORP, NULL);

	check_proposal(&files, &(struct session_proposal){"new", "https://h/start", "us-east-1", NULL},
		       "new");
	check_proposal(
		&files,
		&(struct session_proposal){"corp", "https://corp.awsapps.com/start", "eu-west-1", "a,b"},
		"corp");
	check_proposal(
		&files,
		&(struct session_proposal){"corp", "https://corp.awsapps.com/start", "us-east-1", NULL},
		"there already with another start URL or region (cfg:1)");
	check_proposal(&files, &(struct session_proposal){"corp", "https://evil/start", "eu-west-1", NULL},
		       "there already with another start URL or region (cfg:1)");
	check_proposal(&files, &(struct session_proposal){"new", "http://h", "us-east-1", NULL},
		       "the new session: the start URL must be an https:// address");
	check_proposal(&files, &(struct session_proposal){"new", "https://h", "moon", NULL},
		       "the new session: 'moon' is not a region of AWS");
	check_proposal(&files, &(struct session_proposal){"n\033", "https://h", "us-east-1", NULL},
		       "holds a control character");
}

static void account_ids_and_role_names_have_a_form(void)
{
	CHECK(account_id_is_valid("000000000000"));
	CHECK(!account_id_is_valid("00000000000"));
	CHECK(!account_id_is_valid("0000000000000"));
	CHECK(!account_id_is_valid("00000000000a"));
	CHECK(!account_id_is_valid("000000000000\n"));
	CHECK(!account_id_is_valid(""));
	CHECK(role_name_is_valid("A_z+=,.@-0"));
	CHECK(role_name_is_valid("12345678901234567890123456789012"));
	CHECK(!role_name_is_valid("123456789012345678901234567890123"));
	CHECK(!role_name_is_valid(""));
	CHECK(!role_name_is_valid("a b"));
	CHECK(!role_name_is_valid("a/b"));
	CHECK(!role_name_is_valid("\xc3\xa9"));
}

int main(void)
{
	targets_come_to_roles();
	what_is_wrong_is_said_with_its_place();
	a_profile_has_a_session_without_a_role();
	scopes_always_hold_account_access();
	options_of_a_session_are_obeyed_or_refused();
	names_of_all_sessions_come_once_each();
	a_session_that_no_file_has_can_be_proposed();
	account_ids_and_role_names_have_a_form();
	return 0;
}
