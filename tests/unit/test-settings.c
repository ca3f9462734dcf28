#include "aws/settings.h"

#include "aws/proxy.h"
#include "base/xalloc.h"
#include "check.h"

/* NAME=VALUE strings, NULL-terminated. */
static const char *look_up(const char *name, void *userdata)
{
	for (const char *const *p = userdata; *p; p++)
		if (strncmp(*p, name, strlen(name)) == 0 && (*p)[strlen(name)] == '=')
			return *p + strlen(name) + 1;
	return NULL;
}

static bool add_environment(struct settings *settings, const char *const *environment, struct error *err)
{
	union {
		const char *const *from;
		void *to;
	} cast = {environment};

	return settings_add_environment(settings, look_up, cast.to, err);
}

static bool add_text(struct settings *settings, const char *path, const char *text, struct error *err)
{
	return settings_add_file(settings, path, text, strlen(text), err);
}

static struct settings *read_text(const char *text)
{
	struct settings *settings = settings_new();
	struct error err = {0};

	if (!add_text(settings, "own", text, &err))
		fprintf(stderr, "%s\n", err.message);
	CHECK(err.kind == ERROR_NONE);
	return settings;
}

static void the_defaults_are_those_of_the_manual(void)
{
	_cleanup_(settings_freep) struct settings *settings = settings_new();

	CHECK_STR(settings->store, "auto");
	CHECK_STR(settings->key, "auto");
	CHECK_STR(settings->collection, "default");
	CHECK(settings->general.login == LOGIN_DEVICE && settings->general.on_demand == ON_DEMAND_FAIL);
	CHECK(settings->general.session_length_s == 0 && !settings->general.browser &&
	      !settings->general.user);
	CHECK(settings->notify_before_s == 15 * 60 && settings->share_limit_s == 8 * 3600);
	CHECK(settings->confirm_for_s == 0 && settings->idle_exit_s == 0 && !settings->cache_aws_cli);
	CHECK(!settings->lock_on.suspend && !settings->lock_on.screen && !settings->lock_on.idle_s);
	CHECK(!settings->confirm && !settings->denied_hint && !settings->https_proxy);
	CHECK_STR(settings->log_level, "info");
	CHECK(settings_free(NULL) == NULL);
}

static void every_key_is_read(void)
{
	_cleanup_(settings_freep) struct settings *s = read_text(
		"store = /usr/bin/pass-helper\nkey = passphrase\ncollection = login\nlogin = auto\nbrowser = "
		"firefox %u\n"
		"on_demand = notify\nsession_length = 8h\nuser = ann@example.com\nnotify_before = 0\n"
		"https_proxy = http://proxy:3128\nno_proxy = .corp\nca_bundle = /etc/ca.pem\naws_config_file "
		"= ~/aws\n"
		"lock_on = suspend, screen idle:10m\nconfirm = *Admin*\nconfirm_for = 5m\nshare_limit = "
		"1h30m\n"
		"cache = aws-cli\ndenied_hint = ask #cloud\nidle_exit = 90\nlog_level = debug\n");

	CHECK_STR(s->store, "/usr/bin/pass-helper");
	CHECK_STR(s->key, "passphrase");
	CHECK_STR(s->collection, "login");
	CHECK(s->general.login == LOGIN_AUTO && s->general.on_demand == ON_DEMAND_NOTIFY);
	CHECK_STR(s->general.browser, "firefox %u");
	CHECK(s->general.session_length_s == 8 * 3600);
	CHECK_STR(s->general.user, "ann@example.com");
	CHECK(s->notify_before_s == 0 && s->confirm_for_s == 300 && s->share_limit_s == 5400 &&
	      s->idle_exit_s == 90);
	CHECK_STR(s->https_proxy, "http://proxy:3128");
	CHECK_STR(s->no_proxy, ".corp");
	CHECK_STR(s->ca_bundle, "/etc/ca.pem");
	CHECK_STR(s->aws_config_file, "~/aws");
	CHECK(s->lock_on.suspend && s->lock_on.screen && s->lock_on.idle_s == 600);
	CHECK_STR(s->confirm, "*Admin*");
	CHECK_STR(s->denied_hint, "ask #cloud");
	CHECK(s->cache_aws_cli);
	CHECK_STR(s->log_level, "debug");
	CHECK(s->n_warnings == 0);
}

static void every_word_that_is_allowed_is_taken(void)
{
	static const char *const good[] = {
		"store = auto",        "store = secret-service",
		"store = file",        "store = memory",
		"key = auto",          "key = secret-service",
		"key = credential",    "key = random",
		"login = device",      "login = browser",
		"on_demand = fail",    "on_demand = code",
		"on_demand = browser", "session_length = learnt",
		"lock_on = none",      "lock_on = idle:1h",
		"cache = none",        "log_level = error",
		"log_level = warning", "log_level = info",
		"browser =",           "user =",
		"ca_bundle =",
	};

	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		settings_free(read_text(good[i]));
}

static void a_bad_value_names_file_and_line_and_what_is_allowed(void)
{
	static const struct {
		const char *text, *message;
	} rows[] = {
		{"store = keyring",
		 "own:2: store must be auto, secret-service, file, memory or an absolute path"},
		{"store = bin/helper",
		 "own:2: store must be auto, secret-service, file, memory or an absolute path"},
		{"key = hunter2",
		 "own:2: key must be auto, secret-service, credential, passphrase or random"},
		{"collection =", "own:2: collection must be a collection's alias, such as default"},
		{"login = Device", "own:2: login must be device, browser or auto"},
		{"login = device # c", "own:2: login must be device, browser or auto"},
		{"on_demand = yes", "own:2: on_demand must be fail, code, notify or browser"},
		{"session_length = -8h", "own:2: session_length must be learnt, or a duration such as 8h"},
		{"notify_before = soon",
		 "own:2: notify_before must be a duration such as 90 (seconds), 15m, 8h or 1h30m"},
		{"ca_bundle = ca.pem",
		 "own:2: ca_bundle must be an absolute path, or one that begins with ~/"},
		{"lock_on = idle:0",
		 "own:2: lock_on must be none, or any of suspend, screen and idle:DURATION"},
		{"lock_on = ,", "own:2: lock_on must be none, or any of suspend, screen and idle:DURATION"},
		{"cache = yes", "own:2: cache must be none or aws-cli"},
		{"log_level = 7", "own:2: log_level must be error, warning, info or debug"},
		{"browser = x\x1b[2J", "own:2: browser holds a control character: remove it"},
		{"[session a]\nregion = us-east-1.evil.com",
		 "own:3: region must be a region of AWS, such as us-east-1"},
		{"[session a]\nstart_url = http://evil.com",
		 "own:3: start_url must be an https:// address (http:// only for a loopback host) without "
		 "user name and "
		 "blanks"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_(settings_freep) struct settings *settings = settings_new();
		_cleanup_free_ char *text = xasprintf("\n%s\n", rows[i].text);
		struct error err;

		CHECK(!add_text(settings, "own", text, &err));
		CHECK(err.kind == ERROR_CONFIG);
		CHECK_STR(err.message, rows[i].message);
	}
}

static void what_is_unknown_is_a_warning(void)
{
	_cleanup_(settings_freep) struct settings *settings =
		read_text("stroe = auto\nstart_url = https://h\n[sesion a]\nx = 1\ny = 1\n[session b]\nstore "
			  "= file\nregin = x\n"
			  "[session]\nz = 1\n[session \"a\x1b\"]\nz = 1\n");

	CHECK(settings->n_warnings == 7);
	CHECK_STR(settings->warnings[0], "own:1: unknown key 'stroe'");
	CHECK_STR(settings->warnings[1], "own:2: unknown key 'start_url'");
	CHECK_STR(settings->warnings[2], "own:3: unknown section [sesion a]: there is only [session NAME]");
	CHECK_STR(settings->warnings[3], "own:7: 'store' counts outside of [session] only");
	CHECK_STR(settings->warnings[4], "own:8: unknown key 'regin'");
	CHECK_STR(settings->warnings[5], "own:9: unknown section [session]: there is only [session NAME]");
	CHECK_STR(settings->warnings[6],
		  "own:11: unknown section [session \"a?\"]: there is only [session NAME]");
	CHECK_STR(settings->store, "auto");
}

static void a_later_file_wins_and_sections_inherit(void)
{
	_cleanup_(settings_freep) struct settings *settings = settings_new();
	struct error err;

	CHECK(add_text(settings, "etc",
		       "login = browser\nuser = etc\nstore = file\n[session corp]\nstart_url = https://etc\n"
		       "region = us-east-1\nlogin = auto\n[session 'a b']\nuser = x\n",
		       &err));
	CHECK(add_text(settings, "own", "user = own\n[session corp]\nscopes = a,b\n", &err));
	CHECK_STR(settings->store, "file");
	CHECK(settings->n_sessions == 2);

	const struct session_settings *corp = settings_session(settings, "corp");
	CHECK_STR(corp->name, "corp");
	CHECK_STR(corp->start_url, "https://etc");
	CHECK_STR(corp->region, "us-east-1");
	CHECK_STR(corp->scopes, "a,b");
	CHECK_STR(corp->where, "etc:4");
	CHECK(corp->login == LOGIN_AUTO);
	CHECK_STR(corp->user, "own");
	CHECK_STR(settings_session(settings, "a b")->user, "x");
	CHECK(settings_session(settings, "a b")->login == LOGIN_BROWSER);
	CHECK(settings_session(settings, "other") == &settings->general);
	CHECK(settings_session(settings, NULL) == &settings->general);
	CHECK(!settings->general.name);
}

static void an_empty_value_takes_back_what_a_file_below_says(void)
{
	_cleanup_(settings_freep) struct settings *settings = settings_new();
	struct error err;

	CHECK(add_text(settings, "etc", "https_proxy = http://p\nuser = x\nlock_on = screen\n", &err));
	CHECK(add_text(settings, "own", "https_proxy =\nuser =\nlock_on = none\n", &err));
	CHECK(!settings->https_proxy && !settings->general.user && !settings->lock_on.screen);
}

static void the_environment_is_above_the_files_and_below_them(void)
{
	_cleanup_(settings_freep) struct settings *settings = read_text(
		"login = device\nhttps_proxy = http://file\n[session corp]\nlogin = browser\nbrowser = b1\n");
	static const char *const environment[] = {
		"IAMIC_STORE=memory",   "IAMIC_LOGIN=auto",         "IAMIC_KEY=",
		"IAMIC_CONFIRM_FOR=2m", "HTTPS_PROXY=http://upper", "https_proxy=http://lower",
		"NO_PROXY=.upper",      "AWS_CA_BUNDLE=~/ca.pem",   "AWS_CONFIG_FILE=/aws/config",
		"BROWSER=b2",           "HOME=/home/ann",           NULL};
	struct error err;

	CHECK(add_environment(settings, environment, &err));
	CHECK_STR(settings->store, "memory");
	CHECK_STR(settings->key, "auto");
	CHECK(settings->confirm_for_s == 120);
	CHECK(settings->general.login == LOGIN_AUTO);
	CHECK(settings_session(settings, "corp")->login == LOGIN_AUTO);
	CHECK_STR(settings->https_proxy, "http://file");
	CHECK_STR(settings->no_proxy, ".upper");
	CHECK_STR(settings->ca_bundle, "/home/ann/ca.pem");
	CHECK_STR(settings->aws_config_file, "/aws/config");
	CHECK_STR(settings->general.browser, "b2");
	CHECK_STR(settings_session(settings, "corp")->browser, "b1");
}

static void the_aws_configuration_is_below_home_by_default(void)
{
	_cleanup_(settings_freep) struct settings *with = settings_new(), *without = settings_new();
	struct error err;

	CHECK(add_environment(with, (const char *const[]){"HOME=/home/ann", "https_proxy=http://l", NULL},
			      &err));
	CHECK_STR(with->aws_config_file, "/home/ann/.aws/config");
	CHECK_STR(with->https_proxy, "http://l");
	CHECK(add_environment(without, (const char *const[]){"HOME=relative", NULL}, &err));
	CHECK(!without->aws_config_file);
}

static void a_bad_variable_is_named_and_not_quoted(void)
{
	static const struct {
		const char *variable, *message;
	} rows[] = {
		{"IAMIC_LOGIN=hunter2", "IAMIC_LOGIN: login must be device, browser or auto"},
		{"IAMIC_STORE=x\n", "IAMIC_STORE: store holds a control character: remove it"},
		{"HTTPS_PROXY=http://u:hunter2@h\n", "HTTPS_PROXY holds a control character: remove it"},
		{"HTTPS_PROXY=http://u:hunter2/x@h", "HTTPS_PROXY must be " PROXY_FORM},
		{"IAMIC_HTTPS_PROXY=u:hunter2%zz@h", "IAMIC_HTTPS_PROXY: https_proxy must be " PROXY_FORM},
		{"AWS_CONFIG_FILE=here", "AWS_CONFIG_FILE must be an absolute path, or begin with ~/"},
		{"AWS_CA_BUNDLE=~/ca",
		 "AWS_CA_BUNDLE begins with ~/, but HOME is not an absolute path: set HOME"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_(settings_freep) struct settings *settings = settings_new();
		struct error err;

		CHECK(!add_environment(settings, (const char *const[]){rows[i].variable, NULL}, &err));
		CHECK(err.kind == ERROR_CONFIG);
		CHECK_STR(err.message, rows[i].message);
	}
}

int main(void)
{
	the_defaults_are_those_of_the_manual();
	every_key_is_read();
	every_word_that_is_allowed_is_taken();
	a_bad_value_names_file_and_line_and_what_is_allowed();
	what_is_unknown_is_a_warning();
	a_later_file_wins_and_sections_inherit();
	an_empty_value_takes_back_what_a_file_below_says();
	the_environment_is_above_the_files_and_below_them();
	the_aws_configuration_is_below_home_by_default();
	a_bad_variable_is_named_and_not_quoted();
	return 0;
}
