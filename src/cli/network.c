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

#define CGROUP_MAX      65536
#define DIFFERENCES_MAX 65536

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

/* Variables that iamicd reads, and the key of iamic's config that says the same, if there is one. */
static const struct variable {
	const char *name, *key;
} variables[] = {
	{"HTTPS_PROXY", "https_proxy"},
	{"NO_PROXY", "no_proxy"},
	{"AWS_CA_BUNDLE", "ca_bundle"},
	{"AWS_ENDPOINT_URL", NULL},
	{"AWS_ENDPOINT_URL_SSO_OIDC", NULL},
	{"AWS_ENDPOINT_URL_SSO", NULL},
	{"AWS_ENDPOINT_URL_STS", NULL},
	{"AWS_ENDPOINT_URL_SIGNIN", NULL},
	{"AWS_USE_FIPS_ENDPOINT", NULL},
	{"AWS_USE_DUALSTACK_ENDPOINT", NULL},
	{"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", NULL},
};

/* What a daemon that is started from here would have; files count more than the first three variables. */
static const char *value_here(const struct settings *settings, size_t i)
{
	const char *const of_settings[] = {settings->https_proxy, settings->no_proxy, settings->ca_bundle};

	return i < ARRAY_SIZE(of_settings) ? of_settings[i] : getenv(variables[i].name);
}

typedef void (*difference_fn)(const struct variable *variable, const char *here /* or NULL */,
			      struct buffer *text);

/* What fn makes of each that differs, to be freed; NULL: none does, or that cannot be said. */
static char *visit_differences(const json_t *status, difference_fn fn)
{
	_cleanup_(buffer_clearp) struct buffer text = BUFFER_INIT(DIFFERENCES_MAX, &buffer_heap);
	_cleanup_(settings_freep) struct settings *settings = NULL;
	const json_t *network = json_object_get(status, "network");
	struct error ignored;

	if (!network || !configuration_settings(&settings, &ignored) ||
	    !settings_add_environment(settings, from_environment, NULL, &ignored))
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(variables); i++) {
		const char *here = value_here(settings, i);

		if (!is_same(here, agent_text(network, variables[i].name)))
			fn(&variables[i], here && *here ? here : NULL, &text);
	}
	return text.len ? xstrdup(text.data) : NULL;
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

static void add_name(const struct variable *variable, const char *here, struct buffer *text)
{
	(void)here;
	(void)!buffer_append_format(text, "%s%s", text->len ? ", " : "", variable->name);
}

char *network_differences(const json_t *status)
{
	return visit_differences(status, add_name);
}

/* With a word in the place of a user name and password, which are nothing for a screen. */
static char *without_secrets(const char *value)
{
	_cleanup_free_ char *shown = url_without_user(value);
	const char *host = strstr(shown, "://");

	if (strcmp(shown, value) == 0 || !host)
		return TAKE(shown);
	return xasprintf("%.*s://USER:PASSWORD@%s", (int)(host - shown), shown, host + strlen("://"));
}

/* A key in the person's file, which holds whoever starts the daemon. */
static void add_key(const struct variable *variable, const char *here, struct buffer *text)
{
	_cleanup_free_ char *value = here ? without_secrets(here) : NULL, *folder = NULL;
	struct error ignored;

	if (variable->key && value && fs_xdg("XDG_CONFIG_HOME", ".config", &folder, &ignored))
		(void)!buffer_append_format(text, "write into %s/iamic/config: %s = %s\n", folder,
					    variable->key, value);
}

/* A service has its variables from its manager. */
static void add_line(const struct variable *variable, const char *here, struct buffer *text)
{
	_cleanup_free_ char *value = here ? without_secrets(here) : NULL;

	if (!here)
		(void)!buffer_append_format(text, "systemctl --user unset-environment %s\n", variable->name);
	else if (variable->key)
		add_key(variable, here, text);
	else
		(void)!buffer_append_format(text, "write into ~/.config/environment.d/iamic.conf: %s=%s\n",
					    variable->name, value);
}

char *network_advice(const json_t *status)
{
	_cleanup_free_ char *restart = network_restart_command(status);
	bool is_killed = strncmp(restart, "kill ", strlen("kill ")) == 0;
	_cleanup_free_ char *lines = visit_differences(status, is_killed ? add_key : add_line);

	return is_killed ? xasprintf("%s%s", lines ? lines : "", restart)
			 : xasprintf("%ssystemctl --user daemon-reload\n%s", lines ? lines : "", restart);
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
