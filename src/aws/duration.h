#pragma once
/* How long something lasts: as people write it, and as AWS does (ISO 8601). Pure. */
#include <stdbool.h>
#include <stdint.h>

/* "15m", "8h", "90" (seconds), "1h30m", "0"; units are s, m, h, d; at most ten years. */
bool duration_parse(const char *text, int64_t *ret_s);
/* "PT8H", "PT1H30M", "P1D"; at most ten years. */
bool duration_parse_iso(const char *text, int64_t *ret_s);

#define DURATION_SIZE 48
/* "8h", "1h30m"; "PT8H", "PT1H30M". From 0 to ten years. */
const char *duration_format(int64_t s, char text[static DURATION_SIZE]);
const char *duration_format_iso(int64_t s, char text[static DURATION_SIZE]);
