#include "daemon/process.h"

#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <curl/curl.h>
#include <openssl/crypto.h>

#include "base/json.h"
#include "base/log.h"
#include "base/secret.h"
#include "base/wipe.h"

#define DESCRIPTORS_WANTED 8192

/* A descriptor 0, 1 or 2 that is closed would be the next file or socket that we open, and be printed into.
 */
static bool open_stdio(struct error *err)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
			return error_errno(err, "cannot open /dev/null");
	}
	return true;
}

static void set_limits(void)
{
	struct rlimit limit = {0, 0};

	setrlimit(RLIMIT_CORE, &limit);
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		rlim_t wanted = limit.rlim_max < DESCRIPTORS_WANTED ? limit.rlim_max : DESCRIPTORS_WANTED;

		if (limit.rlim_cur < wanted) {
			limit.rlim_cur = wanted;
			setrlimit(RLIMIT_NOFILE, &limit);
		}
	}
}

static void *crypto_malloc(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return wipe_malloc(size);
}

static void *crypto_realloc(void *p, size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return wipe_realloc(p, size);
}

static void crypto_free(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	wipe_free(p);
}

/* Before the libraries have allocated anything. libcurl's threads that resolve names need no heaps of their
 * own. */
static bool set_memory(struct error *err)
{
	static const struct json_memory memory = {wipe_malloc, secret_malloc, secret_release};
	bool is_locked;

	mallopt(M_ARENA_MAX, 1);
	json_use_memory(&memory);
	if (CRYPTO_set_mem_functions(crypto_malloc, crypto_realloc, crypto_free) != 1)
		return error_set(err, ERROR_INTERNAL, "OpenSSL does not take an allocator any more");
	if (!secret_init(&is_locked))
		return error_set(err, ERROR_INTERNAL, "there is no memory that secrets could be kept in");
	if (!is_locked)
		log_warning("secrets may be swapped out: RLIMIT_MEMLOCK is too small");
	if (curl_global_init_mem(CURL_GLOBAL_DEFAULT, wipe_malloc, wipe_free, wipe_realloc, wipe_strdup,
				 wipe_calloc) != CURLE_OK)
		return error_set(err, ERROR_INTERNAL, "libcurl cannot be used");
	return true;
}

bool process_harden(struct error *err)
{
	umask(077);
	if (!open_stdio(err))
		return false;
	prctl(PR_SET_DUMPABLE, 0);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	signal(SIGPIPE, SIG_IGN);
	set_limits();
	return set_memory(err);
}

bool process_logs_to_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat st;

	return stream && sscanf(stream, "%llu:%llu", &device, &inode) == 2 &&
	       fstat(STDERR_FILENO, &st) == 0 && st.st_dev == device && st.st_ino == inode;
}

void process_let_go_of_stdio(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0)
		return;
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		dup2(null, fd);
	if (null > STDERR_FILENO)
		close(null);
}
