#pragma once
/* iamicd's command line. */
#include <stdbool.h>

struct main_options {
	bool replaces, was_started_by_client;
};

/* Ends the process where that is what an option asks for, or where one is not known. */
void main_options_read(int argc, char **argv, struct main_options *ret);
