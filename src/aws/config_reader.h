#pragma once
/*
 * AWS's configuration file, read as botocore reads it, in steps.
 *
 * A reader takes the file's bytes and is stepped some hundred lines at a time, so that a file of ten thousand
 * profiles does not hold up an event loop. It refuses the whole file for what botocore refuses it for: a
 * header without ], a line without =, a key before any section, a NUL, a BOM, a duplicate key or section.
 * Every error says PATH:LINE and what to do, and never quotes a value. What it yields is immutable. Pure: no
 * file is opened here.
 *
 * One thing is not as in botocore: [DEFAULT] is a section like any other that we do not know. Python's
 * configparser puts its keys into every section; nobody who writes it in AWS's file means that, no other SDK
 * does it, and it could give a profile a credential_process or an account that its section does not show.
 */
#include <stdbool.h>
#include <stddef.h>

#include "aws/config.h"
#include "base/error.h"

struct config_reader;

enum config_progress { CONFIG_MORE, CONFIG_DONE, CONFIG_FAILED };

/* path is for messages only. Takes the bytes, which need no NUL behind them: data_taken (or NULL) is freed.
 */
struct config_reader *config_reader_new(const char *path, char *data_taken, size_t len);
struct config_reader *config_reader_free(struct config_reader *reader);
DEFINE_CLEANUP(struct config_reader *, config_reader_free)
/* Reads up to max_lines lines. CONFIG_DONE sets *ret, CONFIG_FAILED err; after either only free is allowed.
 */
enum config_progress config_reader_step(struct config_reader *reader, size_t max_lines, struct config **ret,
					struct error *err) MUST_CHECK;

/* All of it, for who can wait. The bytes stay the caller's. */
bool config_parse(const char *path, const char *data, size_t len, struct config **ret,
		  struct error *err) MUST_CHECK;
