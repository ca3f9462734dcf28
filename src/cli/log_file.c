#include "cli/log_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/fs.h"
#include "base/json.h"
#include "base/rolling_file.h"
#include "base/xalloc.h"

#define CHUNK    (64 * 1024)
#define LINE_MAX (2 * CHUNK)

struct log_file {
	char *path, *old;
	int fd;             /* -1: there is none yet */
	struct buffer rest; /* the beginning of a line that is not whole yet */
	bool has_read_old;
};

struct log_file *log_file_new(const char *path)
{
	struct log_file *file = xcalloc(1, sizeof(*file));

	file->path = xstrdup(path);
	file->old = rolling_file_old(path);
	file->fd = -1;
	file->rest = BUFFER_INIT(LINE_MAX, &buffer_heap);
	return file;
}

static void forget(struct log_file *file)
{
	if (file->fd >= 0)
		close(file->fd);
	file->fd = -1;
	buffer_clear(&file->rest);
}

struct log_file *log_file_free(struct log_file *file)
{
	if (!file)
		return NULL;
	forget(file);
	free(file->path);
	free(file->old);
	free(file);
	return NULL;
}

static bool is_same(int fd, const char *path, bool *ret_is_there)
{
	struct stat open_one, named;

	*ret_is_there = stat(path, &named) == 0;
	return *ret_is_there && fstat(fd, &open_one) == 0 && open_one.st_dev == named.st_dev &&
	       open_one.st_ino == named.st_ino;
}

static bool open_one(const char *path, int *ret_fd, struct error *err)
{
	*ret_fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	return *ret_fd >= 0 || errno == ENOENT ? true : error_errno(err, "cannot read '%s'", path);
}

static void take_line(const char *text, size_t len, json_t *lines)
{
	struct error ignored;
	json_t *line;

	if (json_parse_object(text, len, "", &line, &ignored))
		json_array_append_new(lines, line);
}

static void take_lines(struct buffer *text, json_t *lines)
{
	size_t begin = 0;

	for (size_t i = 0; i < text->len; i++) {
		if (text->data[i] != '\n')
			continue;
		take_line(text->data + begin, i - begin, lines);
		begin = i + 1;
	}
	if (begin > 0)
		buffer_consume(text, begin);
	else if (text->len > LINE_MAX - CHUNK)
		buffer_clear(text); /* no line of ours is as long */
}

static bool read_rest(int fd, const char *path, struct buffer *rest, json_t *lines, struct error *err)
{
	for (;;) {
		ssize_t n;

		if (!buffer_reserve(rest, CHUNK))
			return error_set(err, ERROR_INTERNAL, "'%s' has a line that is too long", path);
		n = read(fd, rest->data + rest->len, CHUNK);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_errno(err, "cannot read '%s'", path);
		if (n == 0)
			return true;
		rest->len += (size_t)n;
		take_lines(rest, lines);
	}
}

/* Once; the file that is open is the one that came after it. */
static bool read_old(struct log_file *file, json_t *lines, struct error *err)
{
	_cleanup_(buffer_clearp) struct buffer rest = BUFFER_INIT(LINE_MAX, &buffer_heap);
	_cleanup_close_ int fd = -1;

	file->has_read_old = true;
	return open_one(file->old, &fd, err) && (fd < 0 || read_rest(fd, file->old, &rest, lines, err));
}

/* The one that has the name now, unless it gets another name just then. */
static bool open_current(struct log_file *file, struct error *err)
{
	bool is_there, has_been_renamed;

	do {
		if (!open_one(file->path, &file->fd, err))
			return false;
		has_been_renamed =
			file->fd >= 0 && !file->has_read_old && is_same(file->fd, file->old, &is_there);
		if (has_been_renamed)
			forget(file);
	} while (has_been_renamed);
	return true;
}

bool log_file_read(struct log_file *file, json_t *lines, struct error *err)
{
	bool is_there;

	for (;;) {
		if (file->fd < 0 && !open_current(file, err))
			return false;
		if (!file->has_read_old && !read_old(file, lines, err))
			return false;
		if (file->fd < 0)
			return true;
		if (!read_rest(file->fd, file->path, &file->rest, lines, err))
			return false;
		if (is_same(file->fd, file->path, &is_there) || !is_there)
			return true;
		forget(file);
	}
}
