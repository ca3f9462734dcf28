#include "cli/network.h"

#include <stdlib.h>
#include <string.h>

#include "aws/settings.h"
#include "aws/url.h"
#include "base/buffer.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "cli/agent.h"
#include "cli/configuration.h"

#define CGROUP_MAX 65536

static const char *from_environment(const char *name, void *userdata)
{
	(void)userdata;
	return getenv(name);
}

/* The daemon shows a URL without user name and password. */
static bool is_same(const char *here, const char *shown)
{
	if (!here || !*here || !shown)
		return (!here || !*here) && !shown;
	_cleanup_free_ char *here_shown = url_without_user(here);
	return strcmp(here_shown, shown) == 0;
}

static void compare(const json_t *network, const char *name, const char *here, struct buffer *names)
{
	if (is_same(here, agent_text(network, name)))
		return;
	if (!buffer_append_format(names, "%s%s", names->len ? ", " : "", name))
		buffer_clear(names); /* no more than a few short words: cannot be */
}

/* Files count more than these variables, for a daemon that is started from here as well. */
static void compare_settings(const json_t *network, struct buffer *names)
{
	_cleanup_(settings_freep) struct settings *settings = NULL;
	struct error ignored;

	if (!configuration_settings(&settings, &ignored) ||
	    !settings_add_environment(settings, from_environment, NULL, &ignored))
		return;
	compare(network, "HTTPS_PROXY", settings->https_proxy, names);
	compare(network, "NO_PROXY", settings->no_proxy, names);
	compare(network, "AWS_CA_BUNDLE", settings->ca_bundle, names);
}

static bool is_service(long long pid)
{
	_cleanup_(buffer_clearp) struct buffer cgroup = BUFFER_INIT(CGROUP_MAX, &buffer_heap);
	_cleanup_free_ char *path = xasprintf("/proc/%lld/cgroup", pid);
	struct error ignored;
	bool exists;

	return fs_read(path, &cgroup, &exists, &ignored) && exists &&
	       strstr(cgroup.data, "/iamicd.service") != NULL;
}

char *network_restart_command(const json_t *status)
{
	long long pid = json_integer_value(json_object_get(status, "pid"));

	return is_service(pid) ? xstrdup("systemctl --user restart iamicd") : xasprintf("kill %lld", pid);
}

char *network_differences(const json_t *status)
{
	static const char *const addresses[] = {"AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_SSO_OIDC",
						"AWS_ENDPOINT_URL_SSO", "AWS_ENDPOINT_URL_STS"};
	_cleanup_(buffer_clearp) struct buffer names = BUFFER_INIT(1024, &buffer_heap);
	const json_t *network = json_object_get(status, "network");

	if (!network)
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(addresses); i++)
		compare(network, addresses[i], getenv(addresses[i]), &names);
	compare_settings(network, &names);
	return names.len ? xstrdup(names.data) : NULL;
}

void network_warn_if_other(const json_t *status)
{
	_cleanup_free_ char *names = network_differences(status), *restart = NULL;

	if (!names)
		return;
	restart = network_restart_command(status);
	if (strncmp(restart, "kill ", 5) == 0)
		log_warning("warning: the daemon's environment is that of the shell that started it, and has "
			    "other values for %s: '%s' ends it, and the next command starts one from this "
			    "shell",
			    names, restart);
	else
		log_warning("warning: the daemon is a service and has other values than this shell for %s: "
			    "write them into iamic's config (iamic-config(5)), then: %s",
			    names, restart);
}
