#include <stdio.h>

#include "base/json.h"
#include "build-config.h"
#include "cli/command.h"
#include "cli/output.h"
#include "iamic/protocol.h"

struct version_values {
	bool json;
};

static const struct option version_options[] = {
	{.name = "json", .offset = offsetof(struct version_values, json), .help = "print JSON"},
};

static int run(const void *userdata, char *const *words)
{
	const struct version_values *values = userdata;
	_cleanup_json_ json_t *document = NULL;
	struct error err;

	(void)words;
	if (!values->json) {
		puts("iamic " IAMIC_VERSION);
		return IAMIC_EXIT_OK;
	}
	document = json_pack("{s:s}", "version", IAMIC_VERSION);
	return print_json(document, false, &err) ? IAMIC_EXIT_OK : command_fail(&err);
}

const struct command command_version = {
	.name = "version",
	.words = "",
	.summary = "show the version of this program",
	.description = "Shows the version of this program. The daemon's is shown by 'iamic status'.",
	.example = "iamic version --json",
	.options = version_options,
	.n_options = ARRAY_SIZE(version_options),
	.values_size = sizeof(struct version_values),
	.run = run,
};
