/* Which command opens an address, when none does, and what its words are. */
#include "base/cleanup.h"
#include "base/xalloc.h"
#include "check.h"
#include "cli/browser.h"

#define URL     "https://d-1234567890.awsapps.com/start/#/device?user_code=ABCD-EFGH"
#define ENCODED "https%3A%2F%2Fd-1234567890.awsapps.com%2Fstart%2F%23%2Fdevice%3Fuser_code%3DABCD-EFGH"

/* An environment: NAME, value, NAME, value, NULL. */
static const char *lookup(const char *name, void *userdata)
{
	const char *const *environment = userdata;

	for (; *environment; environment += 2) {
		if (strcmp(environment[0], name) == 0)
			return environment[1];
	}
	return NULL;
}

static void check_command(const struct browser_place *place, const char *const *environment, const char *want)
{
	_cleanup_free_ char *command = browser_command(place, lookup, (void *)(uintptr_t)environment);

	if (want)
		CHECK_STR(command, want);
	else
		CHECK(!command);
}

#define ENV(...) ((const char *const[]){__VA_ARGS__, NULL})
#define NO_ENV   ((const char *const[]){NULL})

static const struct browser_place plain = {.wish = BROWSER_IF_THERE};

static void check_words(const char *command, const char *const *want)
{
	_cleanup_(browser_words_freep) char **words = NULL;
	struct error err;
	size_t i;

	CHECK(browser_split(command, URL, &words, &err));
	for (i = 0; want[i]; i++)
		CHECK_STR(words[i], want[i]);
	CHECK(!words[i]);
}

static void the_first_command_that_is_set_counts(void)
{
	const struct browser_place configured = {.configured = "own %u"};

	check_command(&plain, ENV("DISPLAY", ":0"), "xdg-open");
	check_command(&plain, ENV("WAYLAND_DISPLAY", "wayland-0"), "xdg-open");
	check_command(&plain, ENV("DISPLAY", ":0", "BROWSER", "firefox"), "firefox");
	check_command(&plain, ENV("DISPLAY", ":0", "BROWSER", "firefox:chromium"), "firefox");
	check_command(&configured, ENV("DISPLAY", ":0", "BROWSER", "firefox"), "own %u");
	check_command(&configured, ENV("DISPLAY", ":0", "IAMIC_BROWSER", "mine:1"), "mine:1");
	check_command(&plain, ENV("DISPLAY", ":0", "IAMIC_BROWSER", "", "BROWSER", ""), "xdg-open");
}

static void check_at_hand(const struct browser_place *place, const char *const *environment, bool want)
{
	CHECK(browser_is_at_hand(place, lookup, (void *)(uintptr_t)environment) == want);
}

static void one_that_comes_back_is_on_this_machine(void)
{
	const struct browser_place never = {.wish = BROWSER_NEVER}, container = {.is_container = true};
	const struct browser_place wsl = {.is_wsl = true, .has_wslview = true};

	check_at_hand(&plain, ENV("DISPLAY", ":0"), true);
	check_at_hand(&plain, ENV("WAYLAND_DISPLAY", "wayland-0"), true);
	check_at_hand(&plain, ENV("BROWSER", "w3m"), true);
	check_at_hand(&plain, NO_ENV, false);
	check_at_hand(&plain, ENV("DISPLAY", "localhost:10.0", "SSH_CONNECTION", "1 2 3 4"), false);
	check_at_hand(&plain, ENV("DISPLAY", ":0", "SSH_TTY", "/dev/pts/1"), false);
	check_at_hand(&container, ENV("DISPLAY", ":0"), false);
	check_at_hand(&container, ENV("BROWSER", "open-outside"), false);
	check_at_hand(&wsl, ENV("DISPLAY", ":0"), false);
	check_at_hand(&never, ENV("DISPLAY", ":0"), false);
}

static void without_a_display_only_what_is_set_or_asked_for_opens(void)
{
	const struct browser_place configured = {.configured = "own"};
	const struct browser_place always = {.wish = BROWSER_ALWAYS};

	check_command(&plain, NO_ENV, NULL);
	check_command(&plain, ENV("DISPLAY", ""), NULL);
	check_command(&configured, NO_ENV, NULL);
	check_command(&plain, ENV("BROWSER", "firefox"), "firefox");
	check_command(&plain, ENV("IAMIC_BROWSER", "firefox"), "firefox");
	check_command(&always, NO_ENV, "xdg-open");
	check_command(&always, ENV("SSH_CONNECTION", "1 2 3 4"), "xdg-open");
}

static void over_ssh_without_a_display_none_opens(void)
{
	check_command(&plain, ENV("SSH_CONNECTION", "1 2 3 4"), NULL);
	check_command(&plain, ENV("SSH_CONNECTION", "1 2 3 4", "BROWSER", "firefox"), NULL);
	check_command(&plain, ENV("SSH_TTY", "/dev/pts/1", "IAMIC_BROWSER", "firefox"), NULL);
	check_command(&plain, ENV("SSH_CONNECTION", "1 2 3 4", "DISPLAY", "localhost:10.0"), "xdg-open");
}

static void none_opens_where_none_is_wanted(void)
{
	const struct browser_place never = {.wish = BROWSER_NEVER, .configured = "own"};

	check_command(&never, ENV("DISPLAY", ":0", "IAMIC_BROWSER", "firefox"), NULL);
}

static void under_wsl_windows_opens_it(void)
{
	const struct browser_place wsl = {.is_wsl = true, .has_wslview = true};
	const struct browser_place bare = {.is_wsl = true};

	check_command(&wsl, NO_ENV, "wslview");
	check_command(&wsl, ENV("DISPLAY", ":0"), "wslview");
	check_command(&wsl, ENV("BROWSER", "firefox"), "firefox");
	check_command(&bare, NO_ENV, NULL);
	check_command(&bare, ENV("DISPLAY", ":0"), "xdg-open");
}

static void under_wsl_without_wslview_windows_opens_it_nevertheless(void)
{
	static const char rundll32[] = "rundll32.exe url.dll,FileProtocolHandler";
	const struct browser_place windows = {.is_wsl = true, .has_rundll32 = true};
	const struct browser_place both = {.is_wsl = true, .has_rundll32 = true, .has_xdg_open = true};
	const struct browser_place all = {.is_wsl = true, .has_wslview = true, .has_rundll32 = true};
	const struct browser_place wine = {.has_rundll32 = true};

	check_command(&windows, NO_ENV, rundll32);
	check_command(&windows, ENV("DISPLAY", ":0"), rundll32);
	check_command(&windows, ENV("SSH_CONNECTION", "1 2 3 4"), NULL);
	check_command(&windows, ENV("BROWSER", "firefox"), "firefox");
	check_command(&both, NO_ENV, rundll32);
	check_command(&both, ENV("DISPLAY", ":0"), "xdg-open");
	check_command(&all, ENV("DISPLAY", ":0"), "wslview");
	check_command(&wine, ENV("DISPLAY", ":0"), "xdg-open");
	check_words(rundll32, ENV("rundll32.exe", "url.dll,FileProtocolHandler", URL));
}

static void the_address_is_where_the_command_wants_it_else_last(void)
{
	check_words("xdg-open", ENV("xdg-open", URL));
	check_words("firefox --new-window %u", ENV("firefox", "--new-window", URL));
	check_words("lynx %s -dump", ENV("lynx", URL, "-dump"));
	check_words("chrome --app=%u", ENV("chrome", "--app=" URL));
	check_words("x %u%u", ENV("x", URL URL));
	check_words("x 100%", ENV("x", "100%", URL));
	check_words("x %d %%u", ENV("x", "%d", "%" URL));
	check_words("firefox -P work %u", ENV("firefox", "-P", "work", URL));
	check_words("chromium --profile-directory=\"Profile 1\" %u",
		    ENV("chromium", "--profile-directory=Profile 1", URL));
}

static void within_another_address_it_is_encoded(void)
{
	check_words("firefox ext+container:name=At%20work&url=%q",
		    ENV("firefox", "ext+container:name=At%20work&url=" ENCODED));
	check_words("x %q%u %e9", ENV("x", ENCODED URL, "%e9"));
}

static void the_longest_address_fits_in_encoded_too(void)
{
	_cleanup_(browser_words_freep) char **words = NULL;
	char url[2049] = "";
	struct error err;

	memset(url, '/', sizeof(url) - 1);
	CHECK(browser_split("x %q", url, &words, &err));
	CHECK(strlen(words[1]) == 3 * strlen(url));
}

static void quotes_keep_blanks_and_nothing_else_of_a_shell_is_known(void)
{
	check_words(" \"/mnt/c/Program Files/x.exe\"  %u ", ENV("/mnt/c/Program Files/x.exe", URL));
	check_words("a\\ b 'c d'", ENV("a b", "c d", URL));
	check_words("x $HOME `id` $(id) ; & | > *",
		    ENV("x", "$HOME", "`id`", "$(id)", ";", "&", "|", ">", "*", URL));
}

static void a_command_that_is_none_is_an_error(void)
{
	char **words = NULL;
	struct error err;

	CHECK(!browser_split("", URL, &words, &err));
	CHECK(!browser_split("  ", URL, &words, &err));
	CHECK(!browser_split("'open", URL, &words, &err));
	CHECK(strstr(err.message, "quote"));
	CHECK(!browser_open("/nonexistent/browser", URL, &(pid_t){0}, &err));
	CHECK(strstr(err.message, "cannot start '/nonexistent/browser': No such file"));
}

int main(void)
{
	the_first_command_that_is_set_counts();
	one_that_comes_back_is_on_this_machine();
	without_a_display_only_what_is_set_or_asked_for_opens();
	over_ssh_without_a_display_none_opens();
	none_opens_where_none_is_wanted();
	under_wsl_windows_opens_it();
	under_wsl_without_wslview_windows_opens_it_nevertheless();
	the_address_is_where_the_command_wants_it_else_last();
	within_another_address_it_is_encoded();
	the_longest_address_fits_in_encoded_too();
	quotes_keep_blanks_and_nothing_else_of_a_shell_is_known();
	a_command_that_is_none_is_an_error();
	return 0;
}
