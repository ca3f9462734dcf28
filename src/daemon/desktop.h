#pragma once
/*
 * The desktop of the person whose agent this is, over the session bus: a notification, an address for the
 * browser. The browser is the desktop's child, never ours. Nothing here waits: a desktop that is not there,
 * or does not answer, is one without a person.
 */
#include <stdbool.h>

#include <systemd/sd-event.h>

struct desktop;

/* Connects when there is something to say. */
struct desktop *desktop_new(sd_event *event);

/* From the loop, once; userdata must be there until then. */
typedef void (*desktop_fn)(bool is_so, void *userdata);

/* Is there a desktop, and is its screen not locked? false: there is none, and fn is not called. */
bool desktop_find_person(struct desktop *desktop, desktop_fn fn, void *userdata);

/* Is something there that shows notifications with buttons, be it to nobody? fn is called in any case. */
void desktop_find_buttons(struct desktop *desktop, desktop_fn fn, void *userdata);

struct desktop_notice {
	const char *summary;             /* of any text that is UTF-8 */
	const char *body;                /* without markup: no &, <, > */
	const char *button;              /* or NULL */
	desktop_fn shown;                /* or NULL */
	void (*clicked)(void *userdata); /* as often as the person likes; the last notice's counts */
	void *userdata;
};
/* Takes the place of the one before. */
void desktop_show(struct desktop *desktop, const struct desktop_notice *notice);

/* It is out of date; userdata: that of the notice. Another one stays. */
void desktop_withdraw(struct desktop *desktop, const void *userdata);
/* Is there a button that a person may still click on? */
bool desktop_awaits_click(const struct desktop *desktop);

/* opened: whether a program was found for it. */
void desktop_open(struct desktop *desktop, const char *url, desktop_fn opened, void *userdata);
