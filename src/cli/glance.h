#pragma once
/*
 * What is known at once: for prompts and completions, which start no daemon, wait for nobody, and rather say
 * nothing than an error. Every part may lack.
 */
#include <jansson.h>

#include "aws/config.h"
#include "aws/settings.h"
#include "base/cleanup.h"
#include "ipc/client.h"

struct glance {
	struct client *client; /* of the daemon that runs */
	json_t *status;        /* its reply to Status */
	struct settings *settings;
	struct config *config;
};

/* The daemon's reply to ProfileSession. */
json_t *glance_profile_session(const char *profile);

void glance_take(struct glance *ret);
void glance_done(struct glance *glance);

/* One call more; NULL where it fails or takes longer than people wait for a completion. */
json_t *glance_call(struct glance *glance, const char *method, json_t *parameters_taken);
/* The session of that profile, to be freed; or NULL. */
char *glance_session_of_profile(const struct glance *glance, const char *profile);
