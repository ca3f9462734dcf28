#pragma once
/* The checks of iamic doctor, each of which adds what it finds; none changes anything, unless it says so. */
#include <jansson.h>

#include "aws/config.h"
#include "aws/target.h"
#include "ipc/client.h"

/* What they look at; the caller's. */
struct doctor {
	json_t *findings;
	struct client *client; /* of the daemon, or NULL */
	const json_t *status;  /* its reply to Status, or NULL */
	const char *home;
	char *session; /* that is meant, or the first one; NULL: there is none */
	bool cleans;   /* --clean */
};

void doctor_check_daemon(struct doctor *doctor); /* the daemon, its store, sessions and configuration */
/* Its way to AWS: variables, proxy, certificates; and the clock, which AWS tells. */
void doctor_check_network(struct doctor *doctor);
void doctor_check_confirm(struct doctor *doctor);  /* whether a person could be asked */
void doctor_check_service(struct doctor *doctor);  /* what systemd can do for it */
void doctor_check_shell(struct doctor *doctor);    /* variables, AWS CLI, browser */
void doctor_check_profiles(struct doctor *doctor); /* AWS's configuration file, and with it these two: */
void doctor_check_keys(struct doctor *doctor, const struct config *config);
void doctor_check_files(struct doctor *doctor, const char *config_path);
/* Files in which other tools keep tokens in plain text; with cleans they are removed. */
void doctor_check_caches(struct doctor *doctor);
/* The account behind a role, against the list that the tutorial of Identity Center ends with. */
void doctor_check_account(struct doctor *doctor, const struct target *target);
