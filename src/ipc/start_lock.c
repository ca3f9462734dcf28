#include "ipc/start_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/clock.h"
#include "iamic/protocol.h"

#define NOTE_SIZE (START_NOTE_TEXT_SIZE + sizeof("18446744073709551615 9 \n"))

_Static_assert(START_NOTE_TEXT_SIZE >= sizeof(((struct error *)0)->message), "a note holds every reason");

bool start_lock_open(const char *socket_path, int *ret_fd, struct error *err)
{
	char path[IAMIC_SOCKET_PATH_MAX + sizeof(".lock")];
	int fd;

	snprintf(path, sizeof(path), "%s.lock", socket_path);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600);
	if (fd < 0 && errno == ELOOP)
		return error_set(err, ERROR_CONFIG, "'%s' is a symbolic link: remove it", path);
	if (fd < 0)
		return error_errno(err, "cannot open '%s'", path);
	*ret_fd = fd;
	return true;
}

bool start_lock_try(int fd)
{
	return flock(fd, LOCK_EX | LOCK_NB) == 0 || (errno != EWOULDBLOCK && errno != EINTR);
}

/* "TIME KIND TEXT\n": without its newline a note was not written to its end. */
bool start_note_read(int fd, struct start_note *ret)
{
	char data[NOTE_SIZE + 1], *p = data, *text, *end;
	ssize_t n = pread(fd, data, NOTE_SIZE, 0);
	unsigned long kind;
	uint64_t time_usec;

	if (n <= 0 || memchr(data, '\0', (size_t)n))
		return false;
	data[n] = '\0';
	end = strchr(data, '\n');
	if (!end || end[1] != '\0')
		return false;
	*end = '\0';
	time_usec = strtoull(p, &p, 10);
	kind = strtoul(p, &text, 10);
	if (p == data || text == p || *text++ != ' ' || kind > ERROR_LOCKED ||
	    strlen(text) >= sizeof(ret->text))
		return false;
	*ret = (struct start_note){.time_usec = time_usec, .kind = (enum error_kind)kind};
	memcpy(ret->text, text, strlen(text));
	return true;
}

/* Nobody is worse off than without a note when it cannot be written. */
void start_note_write(int fd, enum error_kind kind, const char *text)
{
	char data[NOTE_SIZE];
	int n = snprintf(data, sizeof(data), "%" PRIu64 " %d %s\n", clock_boot_usec(), (int)kind, text);

	start_note_clear(fd);
	if (n > 0 && (size_t)n < sizeof(data) && pwrite(fd, data, (size_t)n, 0) != n)
		start_note_clear(fd);
}

void start_note_clear(int fd)
{
	int ignored = ftruncate(fd, 0);

	(void)ignored;
}
