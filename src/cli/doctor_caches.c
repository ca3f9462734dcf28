/* What other tools keep of sign-ins and credentials in files: in plain text, or sealed with a passphrase. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/json.h"
#include "base/xalloc.h"
#include "cli/configuration.h"
#include "cli/doctor.h"
#include "cli/finding.h"

#define FILE_MAX (4 * 1024 * 1024)

/* A folder below the home, or below the one of that variable. */
struct folder {
	const char *variable, *fallback, *name;
};

/*
 * Where tokens or keys lie, and the members by which a file shows that it holds some. Sources: botocore,
 * awsume's cache.py, aws-sso-cli's json_store.go, the AWS SDKs' login providers.
 */
static const struct place {
	struct folder folder;
	const char *file; /* the only one there that counts; NULL: all do */
	const char *members[2], *what;
	const char *precious; /* a member that nobody can get anew: such a file stays */
	const char *ends;     /* what ends it in an orderly way: it is not for us to remove */
} places[] = {
	{{.name = ".aws/sso/cache"}, NULL, {"accessToken"}, "a sign-in of the AWS CLI or an SDK", NULL, NULL},
	{{.name = ".aws/cli/cache"}, NULL, {"Credentials"}, "role credentials of the AWS CLI", NULL, NULL},
	{{.name = ".aws/boto/cache"}, NULL, {"Credentials"}, "role credentials of boto3", NULL, NULL},
	{{.name = ".aws/login/cache"}, NULL, {"accessToken"}, "a sign-in of 'aws login'", NULL, "aws logout"},
	{{.name = ".awsume/cache"}, NULL, {"SecretAccessKey"}, "credentials of awsume", NULL, NULL},
	{{"XDG_CACHE_HOME", ".cache", "awsume"},
	 NULL,
	 {"SecretAccessKey"},
	 "credentials of awsume",
	 NULL,
	 NULL},
	{{.name = ".aws-sso"},
	 "store.json",
	 {"CreateTokenResponse", "RoleCredentials"},
	 "sign-ins of aws-sso-cli",
	 "StaticCredentials",
	 NULL},
	{{"XDG_CONFIG_HOME", ".config", "aws-sso"},
	 "store.json",
	 {"CreateTokenResponse", "RoleCredentials"},
	 "sign-ins of aws-sso-cli",
	 "StaticCredentials",
	 NULL},
};

/* Folders of a library that these share: its files are sealed with one passphrase. Source: its file.go. */
static const struct sealed {
	struct folder folder;
	const char *tool, *passphrase;
} sealeds[] = {
	{{.name = ".awsvault/keys"}, "aws-vault", "AWS_VAULT_FILE_PASSPHRASE"},
	{{.name = ".aws-sso/secure"}, "aws-sso-cli", "AWS_SSO_FILE_PASSWORD"},
	{{"XDG_CONFIG_HOME", ".config", "aws-sso/secure"}, "aws-sso-cli", "AWS_SSO_FILE_PASSWORD"},
	{{.name = ".granted/secure-storage-aws-sso-tokens"}, "granted", NULL},
	{{.name = ".granted/secure-storage-aws-session-credentials"}, "granted", NULL},
	{{.name = ".granted/secure-storage-aws-iam-credentials"}, "granted", NULL},
};

static char *folder_path(const struct doctor *doctor, const struct folder *folder)
{
	_cleanup_free_ char *base = NULL;
	struct error ignored;

	if (!folder->variable)
		return xasprintf("%s/%s", doctor->home, folder->name);
	if (!fs_xdg(folder->variable, folder->fallback, &base, &ignored))
		return NULL;
	return xasprintf("%s/%s", base, folder->name);
}

typedef void (*file_fn)(struct doctor *doctor, const char *path, const char *name, const void *userdata);

static void visit(struct doctor *doctor, const struct folder *folder, file_fn fn, const void *userdata)
{
	_cleanup_free_ char *path = folder_path(doctor, folder);
	const struct dirent *entry;
	DIR *dir = path ? opendir(path) : NULL;

	while (dir && (entry = readdir(dir))) {
		_cleanup_free_ char *file = xasprintf("%s/%s", path, entry->d_name);

		if (entry->d_name[0] != '.')
			fn(doctor, file, entry->d_name, userdata);
	}
	if (dir)
		closedir(dir);
}

/* ---- plain text ---- */

struct held {
	bool is_renewable, is_precious;
};

/* Has it that member, with something in it? */
static bool has(const json_t *json, const char *name)
{
	const json_t *value = name ? json_object_get(json, name) : NULL;

	return value && (!json_is_object(value) || json_object_size(value) > 0);
}

static bool holds(const char *path, const struct place *place, struct held *ret)
{
	_cleanup_(buffer_clearp) struct buffer text = BUFFER_INIT(FILE_MAX, &buffer_heap);
	_cleanup_json_ json_t *json = NULL;
	struct error ignored;
	bool exists;

	if (!fs_read(path, &text, &exists, &ignored) || !exists || !text.data ||
	    !json_parse_object(text.data, text.len, path, &json, &ignored))
		return false;
	*ret = (struct held){
		.is_renewable = has(json, "refreshToken"),
		.is_precious = has(json, place->precious),
	};
	return has(json, place->members[0]) || has(json, place->members[1]) || ret->is_precious;
}

static void report(struct doctor *doctor, const char *path, const struct place *place,
		   const struct held *held)
{
	bool may_import = held->is_renewable && place == &places[0];

	finding_add(doctor->findings, "plain-text-tokens", FINDING_WARN, path,
		    place->ends         ? place->ends
		    : held->is_precious ? "move its keys into a keyring, and remove it by hand"
		    : may_import        ? "iamic import --wipe, or iamic doctor --clean"
					: "iamic doctor --clean",
		    "holds in plain text %s%s%s: whoever copies the file has that too", place->what,
		    held->is_renewable ? ", which can be renewed" : "",
		    held->is_precious ? " and keys that exist nowhere else" : "");
}

static void clean(struct doctor *doctor, const char *path, const struct place *place, const struct held *held)
{
	const char *kind = held->is_renewable ? ", which can be renewed" : "";

	if (place->ends || held->is_precious)
		report(doctor, path, place, held);
	else if (fs_is_link(path))
		finding_add(doctor->findings, "plain-text-tokens", FINDING_FAIL, path,
			    "remove what it leads to by hand", "is a symbolic link to %s%s: not removed",
			    place->what, kind);
	else if (unlink(path) == 0)
		finding_add(doctor->findings, "plain-text-tokens", FINDING_OK, path, NULL,
			    "held %s%s: removed", place->what, kind);
	else
		finding_add(doctor->findings, "plain-text-tokens", FINDING_FAIL, path, "remove it by hand",
			    "holds %s%s and cannot be removed: %m", place->what, kind);
}

/* What iamicd lends there by itself, because the configuration says so, is no other tool's. */
static bool is_lent(const struct place *place, const struct held *held)
{
	_cleanup_(settings_freep) struct settings *settings = NULL;
	struct error ignored;

	return place == &places[0] && !held->is_renewable && configuration_settings(&settings, &ignored) &&
	       settings->cache_aws_cli;
}

static void look(struct doctor *doctor, const char *path, const char *name, const void *userdata)
{
	const struct place *place = userdata;
	struct held held;

	if ((place->file && strcmp(place->file, name) != 0) || !holds(path, place, &held) ||
	    is_lent(place, &held))
		return;
	if (doctor->cleans)
		clean(doctor, path, place, &held);
	else
		report(doctor, path, place, &held);
}

/* ---- sealed with a passphrase ---- */

static void count(struct doctor *doctor, const char *path, const char *name, const void *userdata)
{
	_cleanup_(buffer_clearp) struct buffer text = BUFFER_INIT(FILE_MAX, &buffer_heap);
	struct error ignored;
	size_t *const *n = userdata;
	bool exists;

	(void)doctor;
	(void)name;
	/* A JSON object in base64, as what is sealed there begins. */
	if (fs_read(path, &text, &exists, &ignored) && text.data && strncmp(text.data, "eyJ", 3) == 0)
		(**n)++;
}

static void check_sealed(struct doctor *doctor, const struct sealed *sealed)
{
	_cleanup_free_ char *path = folder_path(doctor, &sealed->folder), *fix = NULL;
	const char *passphrase = sealed->passphrase ? getenv(sealed->passphrase) : NULL;
	size_t n = 0, *counter = &n;

	visit(doctor, &sealed->folder, count, &counter);
	if (n == 0)
		return;
	fix = passphrase ? xasprintf("unset %s", sealed->passphrase)
			 : xasprintf("use %s with the keyring, and remove these files by hand", sealed->tool);
	finding_add(doctor->findings, "sealed-tokens", passphrase ? FINDING_WARN : FINDING_UNKNOWN, path, fix,
		    "holds what %s keeps, sealed with a passphrase%s", sealed->tool,
		    passphrase ? " that every program of this shell can read" : ": they are as safe as that");
}

void doctor_check_caches(struct doctor *doctor)
{
	size_t before = json_array_size(doctor->findings);

	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		visit(doctor, &places[i].folder, look, &places[i]);
	if (json_array_size(doctor->findings) == before)
		finding_add(doctor->findings, "plain-text-tokens", FINDING_OK, "~", NULL,
			    "holds no token of another tool in plain text");
	for (size_t i = 0; i < ARRAY_SIZE(sealeds); i++)
		check_sealed(doctor, &sealeds[i]);
}
