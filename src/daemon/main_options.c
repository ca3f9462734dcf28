#include "daemon/main_options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/nearest.h"
#include "iamic/protocol.h"

#include "build-config.h"

static void print_help(void)
{
	fputs("Usage: iamicd [OPTION]...\n"
	      "The agent that keeps AWS IAM Identity Center sign-ins and hands out credentials.\n"
	      "Clients start it when they need it; see iamicd(8).\n"
	      "\n"
	      "  --replace             take over from the daemon that is running\n"
	      "  --started-by-client   let go of stderr once ready\n"
	      "  --help                show this and exit\n"
	      "  --version             show the version and exit\n"
	      "\n"
	      "Example: iamicd --replace\n",
	      stdout);
}

static _Noreturn void refuse_option(const char *word, const struct option *known)
{
	const char *name = word + strspn(word, "-");
	struct nearest nearest = {.word = name, .len = strcspn(name, "=")};

	for (; known->name; known++)
		nearest_try(&nearest, known->name);
	log_error("unknown option '%s'%s%s%s: see 'iamicd --help'", word, nearest.name ? ", perhaps '--" : "",
		  nearest.name ? nearest.name : "", nearest.name ? "'" : "");
	exit(IAMIC_EXIT_USAGE);
}

void main_options_read(int argc, char **argv, struct main_options *ret)
{
	static const struct option known[] = {
		{"replace", no_argument, NULL, 'r'},
		{"started-by-client", no_argument, NULL, 'c'},
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'v'},
		{0},
	};
	int option;

	opterr = 0;
	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		switch (option) {
		case 'r':
			ret->replaces = true;
			break;
		case 'c':
			ret->was_started_by_client = true;
			break;
		case 'h':
			print_help();
			exit(IAMIC_EXIT_OK);
		case 'v':
			puts("iamic " IAMIC_VERSION);
			exit(IAMIC_EXIT_OK);
		default:
			refuse_option(argv[optind - 1], known);
		}
	}
	if (optind < argc) {
		log_error("unexpected argument '%s': see 'iamicd --help'", argv[optind]);
		exit(IAMIC_EXIT_USAGE);
	}
}
