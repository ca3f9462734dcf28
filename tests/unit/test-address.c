#include "ipc/address.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "check.h"

static char *base; /* a folder of the test's own */
static struct address address;
static struct error err;

static char *below(const char *name)
{
	return xasprintf("%s/%s", base, name);
}

static void make(const char *name, mode_t mode)
{
	_cleanup_free_ char *path = below(name);

	CHECK(mkdir(path, 0700) == 0);
	CHECK(chmod(path, mode) == 0);
}

/* Variables by name and value; a NULL value unsets. A value that begins with '~' is below the test's folder.
 */
static void set(const char *name, const char *value)
{
	_cleanup_free_ char *path = value && value[0] == '~' ? below(value + 1) : xstrdup_or_null(value);

	if (path)
		setenv(name, path, 1);
	else
		unsetenv(name);
}

static bool resolve(const char *socket, const char *runtime, const char *home)
{
	set("IAMIC_SOCKET", socket);
	set("XDG_RUNTIME_DIR", runtime);
	set("HOME", home);
	err = (struct error){.kind = ERROR_NONE};
	return address_resolve(&address, &err);
}

static void check_path(const char *name)
{
	_cleanup_free_ char *path = below(name);

	CHECK_STR(address.path, path);
}

static bool run_user_is_there(void)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/run/user/%u", (unsigned)getuid());
	return stat(path, &st) == 0 && st.st_uid == getuid() && !(st.st_mode & 022);
}

/* Where there is no folder of ours below /run/user, as in containers, the home is next. */
static void check_fallback(const char *host)
{
	_cleanup_free_ char *name = xasprintf("home/.cache/iamic/run-%s/socket", host);
	char path[64];

	snprintf(path, sizeof(path), "/run/user/%u/iamic/socket", (unsigned)getuid());
	if (run_user_is_there())
		CHECK_STR(address.path, path);
	else
		check_path(name);
}

static const char *host(void)
{
	static char name[65];

	CHECK(gethostname(name, sizeof(name)) == 0);
	return name;
}

static void an_address_that_is_set_is_taken_as_it_is(void)
{
	char path[IAMIC_SOCKET_PATH_MAX + 2];

	CHECK(resolve("/no/such/folder/x", "~run", "~home"));
	CHECK_STR(address.path, "/no/such/folder/x");
	CHECK(address.is_explicit);
	CHECK(address_make_folder(&address, &err));
	CHECK(access("/no", F_OK) < 0);
	CHECK(!resolve("x/y", "~run", "~home"));
	CHECK(err.kind == ERROR_CONFIG && strstr(err.message, "x/y"));
	memset(path, 'x', sizeof(path));
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	CHECK(!resolve(path, "~run", "~home"));
	CHECK(err.kind == ERROR_CONFIG && strstr(err.message, "108 bytes"));
	path[sizeof(path) - 2] = '\0';
	CHECK(resolve(path, "~run", "~home"));
	CHECK_STR(address.path, path);
}

static void the_runtime_folder_comes_first(void)
{
	CHECK(resolve(NULL, "~run", "~home"));
	check_path("run/iamic/socket");
	CHECK(!address.is_explicit);
	CHECK(resolve("", "~run//", "~home"));
	check_path("run/iamic/socket");
	CHECK(resolve(NULL, "~link-to-run", NULL));
	check_path("link-to-run/iamic/socket");
}

static void a_base_that_is_not_ours_alone_is_skipped(void)
{
	static const char *const bases[] = {NULL, "", "relative", "~absent", "~open", "~group", "~file", "/"};

	for (size_t i = 0; i < ARRAY_SIZE(bases); i++) {
		if (bases[i] && strcmp(bases[i], "/") == 0 && getuid() == 0)
			continue;
		CHECK(resolve(NULL, bases[i], "~home"));
		check_fallback(host());
	}
}

static void looking_makes_nothing(void)
{
	_cleanup_free_ char *run = below("run/iamic"), *cache = below("home/.cache");

	CHECK(resolve(NULL, "~run", "~home"));
	CHECK(resolve(NULL, NULL, "~home"));
	CHECK(access(run, F_OK) < 0 && access(cache, F_OK) < 0);
}

static void the_folder_is_made_for_its_owner_alone(void)
{
	_cleanup_free_ char *run = below("run/iamic"), *cache = below("home/.cache");
	_cleanup_free_ char *folder = xasprintf("%s/iamic/run-%s", cache, host());
	struct stat st;

	umask(0);
	CHECK(resolve(NULL, "~run", "~home"));
	CHECK(address_make_folder(&address, &err));
	CHECK(stat(run, &st) == 0 && (st.st_mode & 07777) == 0700);
	CHECK(address_make_folder(&address, &err));
	CHECK(resolve(NULL, "~run", NULL));
	CHECK(rmdir(run) == 0);
	if (run_user_is_there())
		return;
	CHECK(resolve(NULL, NULL, "~home"));
	CHECK(address_make_folder(&address, &err));
	CHECK(stat(cache, &st) == 0 && (st.st_mode & 07777) == 0700);
	CHECK(stat(folder, &st) == 0 && (st.st_mode & 07777) == 0700);
	CHECK(resolve(NULL, NULL, "~home"));
}

static void a_folder_of_ours_that_is_not_private_is_never_skipped(void)
{
	_cleanup_free_ char *folder = below("run/iamic"), *target = below("elsewhere");
	FILE *file;

	make("run/iamic", 0770);
	CHECK(!resolve(NULL, "~run", "~home"));
	CHECK(err.kind == ERROR_CONFIG && strstr(err.message, folder) && strstr(err.message, "chmod 700"));
	CHECK(chmod(folder, 0755) == 0);
	CHECK(resolve(NULL, "~run", "~home"));
	CHECK(rmdir(folder) == 0);
	make("elsewhere", 0700);
	CHECK(symlink(target, folder) == 0);
	CHECK(!resolve(NULL, "~run", "~home"));
	CHECK(err.kind == ERROR_CONFIG && strstr(err.message, "symbolic link"));
	CHECK(unlink(folder) == 0);
	CHECK(symlink("nowhere", folder) == 0);
	CHECK(!resolve(NULL, "~run", "~home"));
	CHECK(err.kind == ERROR_CONFIG);
	CHECK(unlink(folder) == 0);
	file = fopen(folder, "w");
	CHECK(file && fclose(file) == 0);
	CHECK(!resolve(NULL, "~run", "~home"));
	CHECK(err.kind == ERROR_CONFIG && strstr(err.message, "not a directory"));
	CHECK(unlink(folder) == 0);
}

static void a_long_path_is_a_matter_of_configuration(void)
{
	char name[120] = "run/";
	_cleanup_free_ char *runtime = NULL;

	memset(name + 4, 'x', sizeof(name) - 5);
	name[sizeof(name) - 1] = '\0';
	make(name, 0700);
	runtime = xasprintf("~%s", name);
	CHECK(!resolve(NULL, runtime, "~home"));
	CHECK(err.kind == ERROR_CONFIG && strstr(err.message, "XDG_RUNTIME_DIR"));
}

static void without_a_home_there_is_no_place(void)
{
	if (run_user_is_there())
		return;
	CHECK(!resolve(NULL, NULL, NULL));
	CHECK(err.kind == ERROR_CONFIG && strstr(err.message, "HOME is not set"));
	CHECK(!resolve(NULL, NULL, "~absent"));
	CHECK(err.kind == ERROR_CONFIG && strstr(err.message, "not a directory"));
	make("shared", 0700);
	make("shared/.cache", 0777);
	CHECK(!resolve(NULL, NULL, "~shared"));
	CHECK(err.kind == ERROR_CONFIG && strstr(err.message, ".cache' is not yours alone"));
}

static void prepare(void)
{
	_cleanup_free_ char *file = NULL, *link = NULL, *run = NULL;
	char template[] = "/tmp/iamic-XXXXXX";
	FILE *stream;

	CHECK(mkdtemp(template));
	base = xstrdup(template);
	make("run", 0700);
	make("home", 0700);
	make("open", 01777);
	make("group", 0770);
	file = below("file");
	stream = fopen(file, "w");
	CHECK(stream && fclose(stream) == 0);
	link = below("link-to-run");
	run = below("run");
	CHECK(symlink(run, link) == 0);
}

static void clean_up(void)
{
	_cleanup_free_ char *command = xasprintf("rm -r '%s'", base);

	CHECK(system(command) == 0);
	free(base);
}

int main(void)
{
	prepare();
	an_address_that_is_set_is_taken_as_it_is();
	the_runtime_folder_comes_first();
	a_base_that_is_not_ours_alone_is_skipped();
	looking_makes_nothing();
	the_folder_is_made_for_its_owner_alone();
	a_folder_of_ours_that_is_not_private_is_never_skipped();
	a_long_path_is_a_matter_of_configuration();
	without_a_home_there_is_no_place();
	clean_up();
	return 0;
}
