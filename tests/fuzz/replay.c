/*
 * Runs a fuzz target on files, in the place of libFuzzer: replay-NAME FOLDER|FILE... Each name is printed
 * before its turn, so that the last one is the file that ended the program.
 */
#include <dirent.h>
#include <errno.h>

#include "fuzz.h"

static unsigned n_replayed;

static _Noreturn void fail(const char *path)
{
	fprintf(stderr, "%s: %s\n", path, strerror(errno));
	exit(1);
}

static void replay_file(const char *path)
{
	FILE *file = fopen(path, "re");
	size_t capacity = 4096, size = 0;
	char *data = xcalloc(1, capacity), *exact;

	if (!file)
		fail(path);
	while ((size += fread(data + size, 1, capacity - size, file)) == capacity)
		data = xreallocarray(data, capacity *= 2, 1);
	if (ferror(file) || fclose(file) != 0)
		fail(path);
	exact = xcalloc(1, size ? size : 1); /* so that a sanitizer sees a byte read behind it */
	memcpy(exact, data, size);
	free(data);

	puts(path);
	fflush(stdout);
	LLVMFuzzerTestOneInput((uint8_t *)exact, size);
	free(exact);
	n_replayed++;
}

static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void replay(const char *path)
{
	struct dirent **entries;
	int n = scandir(path, &entries, is_visible, alphasort);

	if (n < 0 && errno == ENOTDIR) {
		replay_file(path);
		return;
	}
	if (n < 0)
		fail(path);
	for (int i = 0; i < n; i++) {
		_cleanup_free_ char *inside = xasprintf("%s/%s", path, entries[i]->d_name);

		replay_file(inside);
		free(entries[i]);
	}
	free(entries);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		replay(argv[i]);
	printf("%u inputs\n", n_replayed);
	return n_replayed > 0 ? 0 : 1;
}
