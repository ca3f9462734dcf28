#include <stdio.h>

#include "build-config.h"
#include "cli/command.h"
#include "iamic/protocol.h"

static int run(const void *values, char *const *words)
{
	(void)values;
	(void)words;
	puts("iamic " IAMIC_VERSION);
	return IAMIC_EXIT_OK;
}

const struct command command_version = {
	.name = "version",
	.words = "",
	.summary = "show the version of this program",
	.description = "Shows the version of this program. The daemon's is shown by 'iamic status'.",
	.run = run,
};
