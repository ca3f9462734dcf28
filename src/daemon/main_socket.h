#pragma once
/* The socket that clients find: inherited from systemd, or bound by us at its address and removed when we
 * leave. */
#include <stdbool.h>

#include <systemd/sd-event.h>

#include "base/error.h"

struct main_socket;

/* Finds out where it is; binds nothing. */
bool main_socket_new(struct main_socket **ret, struct error *err) MUST_CHECK;
const char *main_socket_path(const struct main_socket *socket);
/* systemd gave it to us ($LISTEN_FDS): its unit decides about the path. */
bool main_socket_is_inherited(const struct main_socket *socket);
/* Binds and listens, unless it is inherited. */
bool main_socket_open(struct main_socket *socket, struct error *err) MUST_CHECK;
int main_socket_fd(const struct main_socket *socket);
/* gone is called once the path is no longer our socket's: nobody can find us any more. */
void main_socket_watch(struct main_socket *socket, sd_event *event, void (*gone)(void *userdata),
		       void *userdata);
/* Unlinks what is ours. */
void main_socket_remove(struct main_socket *socket);
