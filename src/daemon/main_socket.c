#include "daemon/main_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <systemd/sd-daemon.h>

#include "base/log.h"
#include "base/xalloc.h"
#include "ipc/address.h"
#include "ipc/socket.h"
#include "ipc/socket_place.h"

struct main_socket {
	struct address address;
	int fd;
	bool is_inherited;
	struct socket_place place;
	sd_event_source *inotify;
	void (*gone)(void *userdata);
	void *userdata;
};

/* Where a socket that systemd made is bound, so that status can say it. */
static void read_bound_path(struct main_socket *socket)
{
	struct sockaddr_un bound = {0};
	socklen_t len = sizeof(bound);

	if (getsockname(socket->fd, (struct sockaddr *)&bound, &len) == 0 && bound.sun_path[0] == '/')
		memcpy(socket->address.path, bound.sun_path,
		       sizeof(bound.sun_path) < sizeof(socket->address.path) ? sizeof(bound.sun_path)
									     : sizeof(socket->address.path));
	socket->address.path[sizeof(socket->address.path) - 1] = '\0';
}

static bool inherit(struct main_socket *socket, struct error *err)
{
	int n = sd_listen_fds(1);

	if (n == 0)
		return true;
	if (n != 1 || sd_is_socket(SD_LISTEN_FDS_START, AF_UNIX, SOCK_STREAM, 1) <= 0)
		return error_set(err, ERROR_CONFIG,
				 "systemd handed over something else than one listening stream socket: see "
				 "iamicd.socket");
	socket->fd = SD_LISTEN_FDS_START;
	socket->is_inherited = true;
	if (fcntl(socket->fd, F_SETFL, O_NONBLOCK) < 0)
		return error_errno(err, "cannot use the socket that systemd handed over");
	read_bound_path(socket);
	return true;
}

bool main_socket_new(struct main_socket **ret, struct error *err)
{
	_cleanup_free_ struct main_socket *socket = xcalloc(1, sizeof(*socket));

	socket->fd = -1;
	if (!inherit(socket, err))
		return false;
	if (!socket->is_inherited &&
	    (!address_resolve(&socket->address, err) ||
	     (!socket->address.is_explicit && !address_make_folder(&socket->address, err))))
		return false;
	*ret = TAKE(socket);
	return true;
}

const char *main_socket_path(const struct main_socket *socket)
{
	return socket->address.path;
}

bool main_socket_is_inherited(const struct main_socket *socket)
{
	return socket->is_inherited;
}

int main_socket_fd(const struct main_socket *socket)
{
	return socket->fd;
}

bool main_socket_open(struct main_socket *socket, struct error *err)
{
	if (socket->is_inherited)
		return true;
	if (!socket_listen(socket->address.path, &socket->fd, err))
		return false;
	return socket_place_note(socket->address.path, &socket->place, err);
}

static int on_folder_event(sd_event_source *source, const struct inotify_event *event, void *userdata)
{
	struct main_socket *socket = userdata;

	(void)source;
	(void)event;
	if (socket_place_is_held(&socket->place))
		return 0;
	log_info("'%s' is no longer ours", socket->address.path);
	socket->inotify = sd_event_source_disable_unref(socket->inotify);
	socket->gone(socket->userdata); /* nothing after this line */
	return 0;
}

void main_socket_watch(struct main_socket *socket, sd_event *event, void (*gone)(void *userdata),
		       void *userdata)
{
	_cleanup_free_ char *folder = xstrdup(socket->address.path);
	char *slash = strrchr(folder, '/');

	if (socket->is_inherited || !slash)
		return;
	*slash = '\0';
	socket->gone = gone;
	socket->userdata = userdata;
	if (sd_event_add_inotify(event, &socket->inotify, folder,
				 IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF,
				 on_folder_event, socket) < 0)
		log_warning("'%s' cannot be watched: it may be removed without my knowing", folder);
}

void main_socket_remove(struct main_socket *socket)
{
	socket->inotify = sd_event_source_disable_unref(socket->inotify);
	if (!socket->is_inherited)
		socket_place_leave(&socket->place);
}
