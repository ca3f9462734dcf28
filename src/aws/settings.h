#pragma once
/*
 * What iamic's own configuration says (iamic-config(5) lists the keys): an administrator's file below a
 * person's, and IAMIC_KEY of the environment above both. Pure: bytes and a lookup in, struct out. inih reads
 * the lines.
 *
 * An unknown key is a warning that names file and line; a bad value an error that also says what is allowed.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "aws/endpoint.h"
#include "base/error.h"

enum login_flow { LOGIN_DEVICE, LOGIN_BROWSER, LOGIN_AUTO };
enum on_demand { ON_DEMAND_FAIL, ON_DEMAND_CODE, ON_DEMAND_NOTIFY, ON_DEMAND_BROWSER };

/* The keys that a [session NAME] section may hold; those it leaves out have the general value. */
struct session_settings {
	char *name;      /* NULL in the general one */
	char *start_url; /* NULL unless the section defines a session by itself */
	char *region;
	char *scopes; /* as written, comma-separated, or NULL */
	char *where;  /* "PATH:LINE" of the section */
	enum login_flow login;
	char *browser; /* or NULL */
	enum on_demand on_demand;
	int64_t session_length_s; /* 0: learnt */
	char *user;               /* or NULL */
	unsigned given;           /* which keys the section itself gives: a bit each, for settings.c */
};

/* What locks iamic by itself. */
struct lock_on {
	bool suspend, screen;
	int64_t idle_s; /* 0: however long nobody asks for anything */
};

struct settings {
	char *store; /* "auto", "secret-service", "file", "memory", or an absolute path */
	char *key;   /* of the sealed file: "auto", … */
	char *collection;
	struct session_settings general;
	struct session_settings *sessions;
	size_t n_sessions;
	int64_t notify_before_s;
	char *https_proxy, *no_proxy, *ca_bundle,
		*aws_config_file;    /* or NULL: environment and defaults are merged in */
	char *confirm, *denied_hint; /* or NULL */
	struct lock_on lock_on;
	int64_t confirm_for_s, share_limit_s, idle_exit_s;
	bool cache_aws_cli;
	char *log_level;
	char **warnings; /* one line each */
	size_t n_warnings;
};

struct settings *settings_new(void); /* the defaults */
struct settings *settings_free(struct settings *settings);
DEFINE_CLEANUP(struct settings *, settings_free)

/*
 * Adds a file; later ones win. path is for messages. After a failure the settings are good for
 * settings_free() only.
 */
bool settings_add_file(struct settings *settings, const char *path, const char *data, size_t len,
		       struct error *err) MUST_CHECK;
/*
 * Comes last: IAMIC_STORE and so on over the files, for sessions as well; https_proxy and no_proxy (in
 * capitals too), AWS_CA_BUNDLE, AWS_CONFIG_FILE, BROWSER below them; then ~/.aws/config, if HOME is known.
 * "~/" in front of a path becomes HOME.
 */
bool settings_add_environment(struct settings *settings, environment_fn lookup, void *userdata,
			      struct error *err) MUST_CHECK;
/* The section of that name, or the general one; NULL name: the general one. */
const struct session_settings *settings_session(const struct settings *settings, const char *name);
