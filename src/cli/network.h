#pragma once
/*
 * Proxy, certificates and addresses: those of the daemon, which keeps the environment that it was started
 * with, beside those that one started from this shell would have.
 */
#include <jansson.h>

/* The variables that have other values here than in the daemon, with commas, to be freed; or NULL. */
char *network_differences(const json_t *status);
/* What to write and to type so that it has this shell's, in lines; to be freed. */
char *network_advice(const json_t *status);
/* Warns when there are some, in a line that says how to start another daemon. status may be NULL. */
void network_warn_if_other(const json_t *status);
/* What ends the daemon so that the next one is as the program and the environment are now. */
char *network_restart_command(const json_t *status);
