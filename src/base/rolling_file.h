#pragma once
/*
 * A private file of lines that grows at its end. When it would get longer than its cap it becomes PATH.old,
 * in place of the one before, and a new one begins.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/*
 * Whole lines: all of them are there when it returns true, and none when it returns false. Makes the file,
 * 0600, and its folder. Not durable: nothing waits for the disk.
 */
bool rolling_file_append(const char *path, const char *lines, size_t len, size_t max,
			 struct error *err) MUST_CHECK;
/* The name of the one before. */
char *rolling_file_old(const char *path);
