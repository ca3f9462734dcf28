#pragma once
/*
 * What is in force of iamic's own files and of AWS's: read at start, and again when they change.
 *
 * A change is noticed by inotify, and by configuration_look_again() where that does not reach (network
 * homes). AWS's file is read some hundred lines a turn of the loop. A broken file never replaces a good one:
 * the last good one stays in force and the log says file and line; when there never was one
 * configuration_get() says it to everyone.
 */
#include <stdbool.h>

#include <systemd/sd-event.h>

#include "aws/config.h"
#include "aws/settings.h"
#include "base/error.h"

struct configuration;

/* changed: after something else is in force, from the loop. */
struct configuration *configuration_new(sd_event *event, void (*changed)(void *userdata), void *userdata);

/* Both are good until the caller returns to the loop. ERROR_CONFIG: nothing is in force, and why. */
bool configuration_get(const struct configuration *configuration, const struct config **ret_config,
		       const struct settings **ret_settings, struct error *err) MUST_CHECK;
/* For who is about to answer that something is not there: true if something else is in force now than before.
 */
bool configuration_look_again(struct configuration *configuration);
/*
 * A file that is there and is not in force, because it is broken: what is wrong with it. False: there is
 * none.
 */
bool configuration_is_refused(const struct configuration *configuration, struct error *err);
/*
 * What else a person should know of iamic's own files: keys that are not known. One line each; *ret_n of
 * them.
 */
char *const *configuration_warnings(const struct configuration *configuration, size_t *ret_n);
