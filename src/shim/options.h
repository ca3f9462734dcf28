#pragma once
/* The shim's command line. Pure but for $AWS_PROFILE. */
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "shim/request.h"

enum options_action { OPTIONS_RUN, OPTIONS_HELP, OPTIONS_VERSION };

struct options {
	enum options_action action;
	struct request request; /* its texts are borrowed of argv and the environment */
};

/* ERROR_USAGE without "see --help". --help and --version win over what is wrong behind them. */
bool options_parse(int argc, char *const argv[], struct options *ret, struct error *err) MUST_CHECK;

extern const char options_help[];
