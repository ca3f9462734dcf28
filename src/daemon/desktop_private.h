#pragma once
/* What the desktop*.c share, and nobody else sees. */
#include <stdint.h>

#include <systemd/sd-bus.h>

#include "base/list.h"
#include "daemon/desktop.h"

#define NOTIFICATIONS      "org.freedesktop.Notifications"
#define NOTIFICATIONS_PATH "/org/freedesktop/Notifications"

struct desktop {
	sd_event *event;
	sd_bus *session, *system; /* NULL: not connected */
	uint32_t notice_id;       /* 0: none is shown */
	char *shower;             /* who shows it: the unique name on the session bus */
	bool is_open;             /* and nobody has closed it */
	void (*clicked)(void *userdata);
	void *notice_userdata;
	struct list questions; /* struct desktop_question, by .link */
};

/* Connects where that is needed; NULL: there is none. */
sd_bus *desktop_session_bus(struct desktop *desktop);

/* A Notify as it goes over the bus. */
struct desktop_notify {
	uint32_t replaces; /* 0: none */
	const char *summary, *body;
	char **actions; /* key, button, ..., NULL; or NULL */
	bool is_urgent; /* and stays until someone acts */
};
/* Negative: it could not be sent. slot: or NULL. */
int desktop_notify(sd_bus *bus, const struct desktop_notify *notify, sd_bus_message_handler_t fn,
		   void *userdata);
void desktop_close(struct desktop *desktop, uint32_t id);

/* desktop_question.c: signals of the notification service. sender: the unique name of who sent them. */
void desktop_questions_clicked(struct desktop *desktop, const char *sender, uint32_t id, const char *key);
void desktop_questions_closed(struct desktop *desktop, const char *sender, uint32_t id);
/* The bus on which they were shown is gone. */
void desktop_questions_lost(struct desktop *desktop);
