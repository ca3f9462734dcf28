#include "base/wsl.h"

#include <stdlib.h>
#include <string.h>

#include "base/fs.h"

bool wsl_is_here(void)
{
	_cleanup_(buffer_clearp) struct buffer release = BUFFER_INIT(256, &buffer_heap);
	const char *distribution = getenv("WSL_DISTRO_NAME");
	struct error ignored;
	bool exists;

	return (distribution && *distribution) ||
	       (fs_read("/proc/sys/kernel/osrelease", &release, &exists, &ignored) && exists &&
		strcasestr(release.data, "microsoft"));
}
