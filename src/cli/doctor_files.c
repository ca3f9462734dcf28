/* Who else can read or write the files that matter. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "aws/proxy.h"
#include "aws/settings.h"
#include "base/fs.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "cli/configuration.h"
#include "cli/doctor.h"
#include "cli/finding.h"

#define ID       "permissions"
#define FILE_MAX (256 * 1024)

/* What others may not have, and what takes it away. */
struct rule {
	mode_t wrong;
	const char *option, *text;
};

static const struct rule written = {022, "go-w",
				    "can be written by others, who can say there what runs as you"};
static const struct rule read_keys = {044, "600", "can be read by others, with the keys that are in it"};
static const struct rule read_password = {044, "600", "can be read by others, with the proxy's password"};

static void check(struct doctor *doctor, const char *path, const struct rule *rule)
{
	_cleanup_free_ char *word = shell_word(path), *fix = xasprintf("chmod %s %s", rule->option, word);
	struct stat st;

	if (stat(path, &st) == 0 && (st.st_mode & rule->wrong))
		finding_add(doctor->findings, ID, FINDING_FAIL, path, fix, "%s", rule->text);
}

/* A password in front of the proxy's host is the one secret that iamic's own file may hold. */
static void check_own(struct doctor *doctor)
{
	_cleanup_(buffer_clearp) struct buffer text = BUFFER_INIT(FILE_MAX, &buffer_heap);
	_cleanup_(settings_freep) struct settings *settings = settings_new();
	_cleanup_free_ char *folder = NULL, *path = NULL;
	struct error ignored;
	bool exists;

	if (!fs_xdg("XDG_CONFIG_HOME", ".config", &folder, &ignored))
		return;
	path = xasprintf("%s/iamic/config", folder);
	if (fs_read(path, &text, &exists, &ignored) && exists &&
	    settings_add_file(settings, path, text.data, text.len, &ignored) && settings->https_proxy &&
	    proxy_has_user(settings->https_proxy))
		check(doctor, path, &read_password);
}

void doctor_check_files(struct doctor *doctor, const char *config_path)
{
	_cleanup_free_ char *folder = xasprintf("%s/.aws", doctor->home);
	_cleanup_free_ char *credentials = configuration_credentials_path();
	size_t before = json_array_size(doctor->findings);

	check(doctor, folder, &written);
	check(doctor, config_path, &written);
	if (credentials)
		check(doctor, credentials, &read_keys);
	check_own(doctor);
	if (json_array_size(doctor->findings) == before)
		finding_add(doctor->findings, ID, FINDING_OK, folder, NULL, "is yours alone to write");
}
