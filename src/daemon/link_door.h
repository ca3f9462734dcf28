#pragma once
/*
 * Addresses of this machine that lead on to links which are secrets. The arguments of the browser that a link
 * is opened in show it to every user of the machine; a door lets this user's programs through, and no others.
 * Each stays for five minutes, or until there are too many.
 */
#include <systemd/sd-event.h>

#include "base/cleanup.h"
#include "base/error.h"

struct link_doors;

struct link_doors *link_doors_new(sd_event *event);
bool link_doors_are_open(const struct link_doors *doors); /* any */

/* All of them. */
void link_doors_close(struct link_doors *doors);

/* ret: "http://127.0.0.1:PORT/", and something that keeps the browser from knowing it already. */
bool link_doors_open(struct link_doors *doors, const char *link, char **ret, struct error *err) MUST_CHECK;
