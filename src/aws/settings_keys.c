#include "aws/settings_keys.h"

#include <stdlib.h>
#include <string.h>

#include "aws/duration.h"
#include "aws/proxy.h"
#include "aws/region.h"
#include "aws/url.h"
#include "base/cleanup.h"
#include "base/xalloc.h"

#define SCOPES_MAX_LEN 1024

/* The index of value in a NULL-terminated list, or -1. */
static int find_word(const char *const *words, const char *value)
{
	for (int i = 0; words[i]; i++)
		if (strcmp(words[i], value) == 0)
			return i;
	return -1;
}

static bool set_word(const char *const *words, void *slot, const char *value)
{
	if (find_word(words, value) < 0)
		return false;
	xstrdup_to(slot, value);
	return true;
}

/* An empty value takes back what a file below this one says. */
static bool set_text(void *slot, const char *value)
{
	xstrdup_to(slot, *value ? value : NULL);
	return true;
}

static bool set_path(void *slot, const char *value)
{
	if (*value && *value != '/' && strncmp(value, "~/", 2) != 0)
		return false;
	return set_text(slot, value);
}

static bool set_proxy(void *slot, const char *value)
{
	return (!*value || proxy_is_acceptable(value)) && set_text(slot, value);
}

static bool set_duration(void *slot, const char *value)
{
	return duration_parse(value, slot);
}

static bool set_store(void *slot, const char *value)
{
	static const char *const words[] = {"auto", "secret-service", "file", "memory", NULL};

	if (*value != '/')
		return set_word(words, slot, value);
	return set_text(slot, value);
}

static bool set_key(void *slot, const char *value)
{
	static const char *const words[] = {"auto",       "secret-service", "credential",
					    "passphrase", "random",         NULL};

	return set_word(words, slot, value);
}

static bool set_collection(void *slot, const char *value)
{
	return *value && set_text(slot, value);
}

static bool add_lock_event(struct lock_on *on, const char *word)
{
	if (strncmp(word, "idle:", strlen("idle:")) == 0)
		return duration_parse(word + strlen("idle:"), &on->idle_s) && on->idle_s > 0;
	on->suspend = on->suspend || strcmp(word, "suspend") == 0;
	on->screen = on->screen || strcmp(word, "screen") == 0;
	return strcmp(word, "suspend") == 0 || strcmp(word, "screen") == 0;
}

static bool set_lock_on(void *slot, const char *value)
{
	_cleanup_free_ char *words = xstrdup(value);
	char *rest = words, *word;
	struct lock_on on = {0};
	size_t n = 0;

	while (strcmp(value, "none") != 0 && (word = strsep(&rest, ", "))) {
		if (*word && !add_lock_event(&on, word))
			return false;
		n += *word != '\0';
	}
	if (n == 0 && strcmp(value, "none") != 0)
		return false;
	*(struct lock_on *)slot = on;
	return true;
}

static bool set_cache(void *slot, const char *value)
{
	static const char *const words[] = {"none", "aws-cli", NULL};
	int i = find_word(words, value);

	if (i >= 0)
		*(bool *)slot = i == 1;
	return i >= 0;
}

static bool set_log_level(void *slot, const char *value)
{
	static const char *const words[] = {"error", "warning", "info", "debug", NULL};

	return set_word(words, slot, value);
}

static bool set_login(void *slot, const char *value)
{
	static const char *const words[] = {
		[LOGIN_DEVICE] = "device", [LOGIN_BROWSER] = "browser", [LOGIN_AUTO] = "auto", NULL};
	int i = find_word(words, value);

	if (i >= 0)
		*(enum login_flow *)slot = (enum login_flow)i;
	return i >= 0;
}

static bool set_on_demand(void *slot, const char *value)
{
	static const char *const words[] = {[ON_DEMAND_FAIL] = "fail",
					    [ON_DEMAND_CODE] = "code",
					    [ON_DEMAND_NOTIFY] = "notify",
					    [ON_DEMAND_BROWSER] = "browser",
					    NULL};
	int i = find_word(words, value);

	if (i >= 0)
		*(enum on_demand *)slot = (enum on_demand)i;
	return i >= 0;
}

static bool set_session_length(void *slot, const char *value)
{
	return duration_parse(strcmp(value, "learnt") == 0 ? "0" : value, slot);
}

static bool set_start_url(void *slot, const char *value)
{
	return url_is_acceptable(value) && set_text(slot, value);
}

static bool set_region(void *slot, const char *value)
{
	return region_partition(value) && set_text(slot, value);
}

static bool set_scopes(void *slot, const char *value)
{
	return strlen(value) <= SCOPES_MAX_LEN && set_text(slot, value);
}

#define AT(field)    offsetof(struct settings, field)
#define TEXT(field)  offsetof(struct session_settings, field), 0
#define PLAIN(field) offsetof(struct session_settings, field), sizeof(((struct session_settings *)0)->field)

static const char a_duration[] = "a duration such as 90 (seconds), 15m, 8h or 1h30m";
static const char a_path[] = "an absolute path, or one that begins with ~/";
static const char anything[] = "text";

const struct settings_key general_keys[] = {
	{"store", AT(store), 0, set_store, "auto, secret-service, file, memory or an absolute path"},
	{"key", AT(key), 0, set_key, "auto, secret-service, credential, passphrase or random"},
	{"collection", AT(collection), 0, set_collection, "a collection's alias, such as default"},
	{"notify_before", AT(notify_before_s), 0, set_duration, a_duration},
	{"https_proxy", AT(https_proxy), 0, set_proxy, PROXY_FORM},
	{"no_proxy", AT(no_proxy), 0, set_text, anything},
	{"ca_bundle", AT(ca_bundle), 0, set_path, a_path},
	{"aws_config_file", AT(aws_config_file), 0, set_path, a_path},
	{"lock_on", AT(lock_on), 0, set_lock_on, "none, or any of suspend, screen and idle:DURATION"},
	{"confirm", AT(confirm), 0, set_text, anything},
	{"confirm_for", AT(confirm_for_s), 0, set_duration, a_duration},
	{"share_limit", AT(share_limit_s), 0, set_duration, a_duration},
	{"cache", AT(cache_aws_cli), 0, set_cache, "none or aws-cli"},
	{"denied_hint", AT(denied_hint), 0, set_text, anything},
	{"idle_exit", AT(idle_exit_s), 0, set_duration, a_duration},
	{"log_level", AT(log_level), 0, set_log_level, "error, warning, info or debug"},
};
const size_t n_general_keys = ARRAY_SIZE(general_keys);

const struct settings_key session_keys[] = {
	{"login", PLAIN(login), set_login, "device, browser or auto"},
	{"browser", TEXT(browser), set_text, anything},
	{"on_demand", PLAIN(on_demand), set_on_demand, "fail, code, notify or browser"},
	{"session_length", PLAIN(session_length_s), set_session_length, "learnt, or a duration such as 8h"},
	{"user", TEXT(user), set_text, anything},
};
const size_t n_session_keys = ARRAY_SIZE(session_keys);

const struct settings_key definition_keys[] = {
	{"start_url", TEXT(start_url), set_start_url,
	 "an https:// address (http:// only for a loopback host) without user name and blanks"},
	{"region", TEXT(region), set_region, "a region of AWS, such as us-east-1"},
	{"scopes", TEXT(scopes), set_scopes, "scopes with commas between them"},
};
const size_t n_definition_keys = ARRAY_SIZE(definition_keys);

const struct settings_key *settings_key_find(const struct settings_key *keys, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(keys[i].name, name) == 0)
			return &keys[i];
	return NULL;
}
