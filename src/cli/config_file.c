#include "cli/config_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aws/config_reader.h"
#include "aws/config_word.h"
#include "base/fs.h"
#include "base/lock.h"
#include "base/replace.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "cli/diff.h"
#include "cli/output.h"

#define LOCK_PATIENCE_S 10

struct config_file {
	char *path;   /* as the daemon has it */
	char *real;   /* what a symbolic link leads to, else the same */
	char *folder; /* of real */
	int lock;     /* of the folder, or -1 */
	enum config_file_use use;
	bool made_folder, exists, is_written;
	struct stat st; /* as it was read */
	struct buffer text;
	struct config *now;
};

static char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == path ? xstrdup("/") : xstrndup(path, (size_t)(slash - path));
}

/* ---- opening ---- */

static bool find_real(struct config_file *file, struct error *err)
{
	struct stat st;

	file->real = realpath(file->path, NULL);
	if (!file->real && lstat(file->path, &st) == 0)
		return error_set(err, ERROR_CONFIG,
				 "'%s' is a symbolic link that leads nowhere: remove it, or make what it "
				 "leads to",
				 file->path);
	if (!file->real)
		file->real = xstrdup(file->path);
	file->folder = folder_of(file->real);
	return true;
}

static bool make_folder(struct config_file *file, struct error *err)
{
	if (access(file->folder, F_OK) == 0)
		return true;
	file->made_folder = true;
	return fs_make_private_dir(file->folder, err);
}

/* File systems that know no locks on folders (NFS) are written to without one. */
static bool lock_folder(struct config_file *file, struct error *err)
{
	file->lock = open(file->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (file->lock < 0)
		return error_errno(err, "cannot open '%s'", file->folder);
	if (lock_wait(file->lock, LOCK_PATIENCE_S) || errno != EINTR)
		return true;
	return error_set(err, ERROR_TIMED_OUT, "another program is changing '%s' since %d s: try again",
			 file->path, LOCK_PATIENCE_S);
}

static bool read_file(struct config_file *file, struct error *err)
{
	if (!fs_read(file->real, &file->text, &file->exists, err))
		return false;
	if (file->exists && stat(file->real, &file->st) < 0)
		return error_errno(err, "cannot look at '%s'", file->path);
	if (file->exists && !S_ISREG(file->st.st_mode))
		return error_set(err, ERROR_CONFIG, "'%s' is not a file: it is not changed", file->path);
	return config_parse(file->path, file->text.data, file->text.len, &file->now, err);
}

bool config_file_open(const char *path, enum config_file_use use, struct config_file **ret, struct error *err)
{
	_cleanup_(config_file_closep) struct config_file *file = xcalloc(1, sizeof(*file));

	file->path = xstrdup(path);
	file->use = use;
	file->lock = -1;
	file->text = BUFFER_INIT(CONFIG_FILE_MAX, &buffer_heap);
	if (path[0] != '/')
		return error_set(err, ERROR_CONFIG, "'%s' is not an absolute path", path);
	if (!find_real(file, err))
		return false;
	if (use == CONFIG_FILE_CHANGE && (!make_folder(file, err) || !lock_folder(file, err)))
		return false;
	if (!read_file(file, err))
		return false;
	*ret = TAKE(file);
	return true;
}

struct config_file *config_file_close(struct config_file *file)
{
	if (!file)
		return NULL;
	if (file->made_folder && !file->is_written)
		rmdir(file->folder);
	closep(&file->lock);
	buffer_clear(&file->text);
	config_free(file->now);
	free(file->path);
	free(file->real);
	free(file->folder);
	free(file);
	return NULL;
}

const struct config *config_file_now(const struct config_file *file)
{
	return file->now;
}

/* ---- changing ---- */

/* root may write what is read-only: a mode without w says that something else manages the file. */
static bool is_read_only(const struct config_file *file)
{
	if (file->exists && (!(file->st.st_mode & S_IWUSR) || access(file->real, W_OK) < 0))
		return true;
	return access(file->folder, W_OK) < 0 && errno != ENOENT;
}

static bool check_writable(const struct config_file *file, struct error *err)
{
	if (is_read_only(file))
		return error_set(err, ERROR_CONFIG,
				 "'%s' is read-only, nothing was written: put what is printed here into it, "
				 "where it is made",
				 file->path);
	if (file->exists && file->st.st_uid != geteuid() && geteuid() != 0)
		return error_set(err, ERROR_CONFIG,
				 "'%s' belongs to uid %u, nothing was written: put what is printed here into "
				 "it",
				 file->path, (unsigned)file->st.st_uid);
	return true;
}

/* The AWS CLI and editors take no lock. */
static bool check_unchanged(const struct config_file *file, struct error *err)
{
	struct stat st;
	bool exists = stat(file->real, &st) == 0;

	if (exists == file->exists &&
	    (!exists || (st.st_ino == file->st.st_ino && st.st_size == file->st.st_size &&
			 st.st_mtim.tv_sec == file->st.st_mtim.tv_sec &&
			 st.st_mtim.tv_nsec == file->st.st_mtim.tv_nsec)))
		return true;
	return error_set(err, ERROR_CONFIG,
			 "'%s' was changed by another program just now, nothing was written: try again",
			 file->path);
}

/* Beside the link, not beside what it leads to: that may be a folder under version control. */
static bool write_backup(const struct config_file *file, struct error *err)
{
	_cleanup_free_ char *name = xasprintf("%s.iamic-backup", file->path);
	_cleanup_free_ char *fresh = xasprintf("%s.new", name);

	return !file->exists || replace_file(name, fresh, &file->text, &file->st) ||
	       error_errno(err, "cannot write '%s'", name);
}

static bool write_text(struct config_file *file, const struct buffer *text, struct error *err)
{
	_cleanup_free_ char *fresh = xasprintf("%s.iamic-new", file->real);

	if (!write_backup(file, err) || !check_unchanged(file, err))
		return false;
	file->is_written = replace_file(file->real, fresh, text, file->exists ? &file->st : NULL);
	return file->is_written || error_errno(err, "cannot write in '%s'", file->folder);
}

/* ---- showing ---- */

static void print_line(const char *text, size_t len)
{
	_cleanup_free_ char *line = xstrndup(text, len);
	size_t n = strlen(line);

	if (n > 0 && line[n - 1] == '\r')
		line[n - 1] = '\0';
	text_make_printable(line);
	puts(line);
}

static void print_section(const char *header, const struct config_section *section)
{
	print_line(header, strlen(header));
	for (size_t i = 0; i < section->n_keys; i++) {
		_cleanup_free_ char *value = xstrdup(section->keys[i].value);
		char *rest = value, *line = strsep(&rest, "\n");
		_cleanup_free_ char *first = xasprintf("%s = %s", section->keys[i].name, line);

		print_line(first, strlen(first));
		while ((line = strsep(&rest, "\n"))) {
			fputs("  ", stdout);
			print_line(line, strlen(line));
		}
	}
}

static bool print_sections(const struct config_file *file, const struct buffer *text,
			   const struct config_edit *edits, size_t n, struct error *err)
{
	_cleanup_(config_freep) struct config *config = NULL;

	if (!config_parse(file->path, text->data, text->len, &config, err))
		return false;
	for (size_t i = 0; i < n; i++) {
		const struct config_section *section = config_find(config, edits[i].kind, edits[i].name);
		_cleanup_free_ char *header = NULL;

		if (!section)
			continue;
		if (!config_header(edits[i].kind, edits[i].name, &header, err))
			return false;
		if (i > 0)
			putchar('\n');
		print_section(header, section);
	}
	return output_flush(err);
}

static bool print_diff(const struct config_file *file, const struct buffer *text, struct error *err)
{
	_cleanup_(buffer_clearp) struct buffer diff = BUFFER_INIT(3 * CONFIG_FILE_MAX, &buffer_heap);
	const struct diff_text before = {file->exists ? file->path : "/dev/null", file->text.data,
					 file->text.len};
	const struct diff_text after = {file->path, text->data, text->len};

	if (!diff_unified(&before, &after, &diff))
		return error_set(err, ERROR_CONFIG, "the difference is too large to be shown");
	if (!isatty(STDOUT_FILENO)) {
		fwrite(diff.data ? diff.data : "", 1, diff.len, stdout);
		return output_flush(err);
	}
	for (const char *p = diff.data; p && *p; p = strchrnul(p, '\n'), p += *p != '\0')
		print_line(p, strcspn(p, "\n"));
	return output_flush(err);
}

/* ---- saving ---- */

static bool is_same(const struct buffer *a, const struct buffer *b)
{
	return a->len == b->len && (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

bool config_file_save(struct config_file *file, const struct config_edit *edits, size_t n,
		      enum config_file_outcome *ret, struct error *err)
{
	_cleanup_(buffer_clearp) struct buffer text = BUFFER_INIT(CONFIG_FILE_MAX, &buffer_heap);
	struct error ignored;

	if (!config_edit(file->path, file->text.data, file->text.len, edits, n, &text, err))
		return false;
	*ret = CONFIG_FILE_SAME;
	if (is_same(&file->text, &text))
		return true;
	*ret = CONFIG_FILE_SHOWN;
	if (file->use == CONFIG_FILE_LOOK)
		return print_diff(file, &text, err);
	if (file->use == CONFIG_FILE_PRINT)
		return print_sections(file, &text, edits, n, err);
	*ret = CONFIG_FILE_WRITTEN;
	if (check_writable(file, err))
		return write_text(file, &text, err);
	if (!print_sections(file, &text, edits, n, &ignored))
		*err = ignored;
	return false;
}
