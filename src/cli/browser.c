#include "cli/browser.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "aws/url.h"
#include "aws/words.h"
#include "base/buffer.h"
#include "base/fs.h"
#include "base/wsl.h"
#include "base/xalloc.h"

#define WORD_MAX 8192 /* bytes, with the address in it, which may be of 2,048 and encoded */

/* Unlike cmd.exe and powershell.exe it has no syntax that an address could meet, and unlike explorer.exe it
 * opens those with a query. */
#define RUNDLL32 "rundll32.exe url.dll,FileProtocolHandler"

static const char *non_empty(const char *text)
{
	return text && *text ? text : NULL;
}

static bool is_over_ssh(environment_fn lookup, void *userdata)
{
	return non_empty(lookup("SSH_CONNECTION", userdata)) || non_empty(lookup("SSH_TTY", userdata));
}

static bool has_display(environment_fn lookup, void *userdata)
{
	return non_empty(lookup("DISPLAY", userdata)) || non_empty(lookup("WAYLAND_DISPLAY", userdata));
}

/*
 * Without a display nothing graphical can come up, and over SSH what comes up is on the wrong machine; a
 * command that the person has set may know a way.
 */
static bool can_be_seen(const struct browser_place *place, bool is_set, environment_fn lookup, void *userdata)
{
	if (has_display(lookup, userdata))
		return true;
	if (is_over_ssh(lookup, userdata))
		return false;
	return is_set || (place->is_wsl && (place->has_wslview || place->has_rundll32));
}

/* Where nothing is set. Under WSL a person may have a browser of Linux, and an xdg-open that knows it. */
static const char *opener(const struct browser_place *place, bool is_seen)
{
	if (place->is_wsl && place->has_wslview)
		return "wslview";
	if (place->is_wsl && place->has_rundll32 && !(is_seen && place->has_xdg_open))
		return RUNDLL32;
	return "xdg-open";
}

char *browser_command(const struct browser_place *place, environment_fn lookup, void *userdata)
{
	const char *own = non_empty(lookup("IAMIC_BROWSER", userdata));
	const char *usual = non_empty(lookup("BROWSER", userdata));
	const char *command = own ? own : non_empty(place->configured);

	if (place->wish == BROWSER_NEVER)
		return NULL;
	if (place->wish != BROWSER_ALWAYS && !can_be_seen(place, own || usual, lookup, userdata))
		return NULL;
	if (command)
		return xstrdup(command);
	if (usual)
		return xstrndup(usual, strcspn(usual, ":")); /* by custom a list, best first */
	return xstrdup(opener(place, has_display(lookup, userdata)));
}

bool browser_is_at_hand(const struct browser_place *place, environment_fn lookup, void *userdata)
{
	_cleanup_free_ char *command = browser_command(place, lookup, userdata);

	return command && !place->is_wsl && !place->is_container && !is_over_ssh(lookup, userdata);
}

static bool append_url(struct buffer *out, char letter, const char *url)
{
	return letter == 'q' ? url_append_encoded(out, url) : buffer_append_text(out, url);
}

/* word with the address for each %u, %s or %q. */
static char *with_url(const char *word, const char *url, bool *has_url)
{
	_cleanup_(buffer_clearp) struct buffer out = BUFFER_INIT(WORD_MAX, &buffer_heap);
	const char *from = word;
	bool ok = true;

	for (const char *p = strchr(word, '%'); p && ok; p = strchr(p + 1, '%')) {
		if (p < from || !p[1] || !strchr("usq", p[1]))
			continue;
		ok = buffer_append(&out, from, (size_t)(p - from)) && append_url(&out, p[1], url);
		from = p + 2;
		*has_url = true;
	}
	return ok && buffer_append_text(&out, from) ? xstrdup(out.data) : NULL;
}

bool browser_split(const char *command, const char *url, char ***ret_words, struct error *err)
{
	_cleanup_(browser_words_freep) char **words = NULL;
	_cleanup_free_ char **pieces = NULL;
	bool has_url = false;
	size_t n;

	pieces = words_split(command, &n);
	if (!pieces)
		return error_set(err, ERROR_CONFIG, "a quote is left open in the browser's command '%s'",
				 command);
	if (n == 0)
		return error_set(err, ERROR_CONFIG, "the browser's command is empty");
	words = xcalloc(n + 2, sizeof(*words));
	for (size_t i = 0; i < n; i++) {
		words[i] = with_url(pieces[i], url, &has_url);
		if (!words[i])
			return error_set(err, ERROR_CONFIG, "the browser's command is too long");
	}
	if (!has_url)
		words[n] = xstrdup(url);
	*ret_words = TAKE(words);
	return true;
}

void browser_words_free(char **words)
{
	if (!words)
		return;
	for (size_t i = 0; words[i]; i++)
		free(words[i]);
	free(words);
}

static const char *own_environment(const char *name, void *userdata)
{
	(void)userdata;
	return getenv(name);
}

static bool is_in_path(const char *program)
{
	const char *path = getenv("PATH");

	while (path && *path) {
		size_t len = strcspn(path, ":");
		_cleanup_free_ char *file = xasprintf("%.*s/%s", (int)len, path, program);

		if (len > 0 && access(file, X_OK) == 0)
			return true;
		path += len + (path[len] == ':');
	}
	return false;
}

/* What the usual ones leave in it: Docker, Podman, systemd-nspawn and LXC (of whose first process we have the
 * environment). */
static bool is_container(void)
{
	return non_empty(getenv("container")) || access("/.dockerenv", F_OK) == 0 ||
	       access("/run/.containerenv", F_OK) == 0 || access("/run/systemd/container", F_OK) == 0;
}

static struct browser_place here(enum browser_wish wish, const char *configured)
{
	struct browser_place place = {
		.wish = wish,
		.configured = configured,
		.is_wsl = wsl_is_here(),
		.is_container = is_container(),
	};

	if (place.is_wsl) {
		place.has_wslview = is_in_path("wslview");
		place.has_rundll32 = is_in_path("rundll32.exe");
		place.has_xdg_open = is_in_path("xdg-open");
	}
	return place;
}

char *browser_command_here(enum browser_wish wish, const char *configured)
{
	const struct browser_place place = here(wish, configured);

	return browser_command(&place, own_environment, NULL);
}

bool browser_is_there(const char *command)
{
	_cleanup_(browser_words_freep) char **words = NULL;
	struct error ignored;

	if (!browser_split(command, "", &words, &ignored))
		return false;
	return strchr(words[0], '/') ? access(words[0], X_OK) == 0 : is_in_path(words[0]);
}

bool browser_is_at_hand_here(enum browser_wish wish, const char *configured)
{
	const struct browser_place place = here(wish, configured);
	_cleanup_free_ char *command = browser_command(&place, own_environment, NULL);

	return browser_is_at_hand(&place, own_environment, NULL) && browser_is_there(command);
}

/*
 * A child starts with nothing of ours: no terminal to be interrupted from, no pipe whose reader waits for its
 * end, no blocked signal. What execvp() says goes into the pipe, which success closes.
 */
static void __attribute__((noreturn)) run(char *const *words, int report)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	sigset_t none;

	setsid();
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0)
		_exit(127);
	if (dup3(report, 3, O_CLOEXEC) == 3 || report == 3)
		close_range(4, UINT_MAX, 0);
	execvp(words[0], words);
	if (write(3, &errno, sizeof(errno)) < 0)
		_exit(126);
	_exit(127);
}

bool browser_open(const char *command, const char *url, pid_t *ret_pid, struct error *err)
{
	_cleanup_(browser_words_freep) char **words = NULL;
	_cleanup_close_ int from = -1, to = -1;
	int ends[2], why = 0;
	ssize_t n;
	pid_t pid;

	if (!browser_split(command, url, &words, err))
		return false;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_errno(err, "cannot start '%s'", words[0]);
	from = ends[0];
	to = ends[1];
	pid = fork();
	if (pid < 0)
		return error_errno(err, "cannot start '%s'", words[0]);
	if (pid == 0)
		run(words, to);
	close(to);
	to = -1;
	do {
		n = read(from, &why, sizeof(why));
	} while (n < 0 && errno == EINTR);
	if (n == sizeof(why)) {
		(void)waitpid(pid, NULL, 0);
		errno = why;
		return error_errno(err, "cannot start '%s'", words[0]);
	}
	*ret_pid = pid;
	return true;
}
