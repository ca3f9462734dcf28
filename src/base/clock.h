#pragma once
/*
 * The only place that asks what time it is; everyone else is told.
 *
 * Durations are microseconds of CLOCK_BOOTTIME, which goes on during suspend; points in time are seconds
 * since the epoch.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define USEC_PER_SEC  UINT64_C(1000000)
#define USEC_PER_MSEC UINT64_C(1000)

uint64_t clock_boot_usec(void);
int64_t clock_wall_s(void);

#define RFC3339_SIZE sizeof("9999-12-31T23:59:59Z")

/* "2026-01-31T12:00:00Z". Times outside the years 0 to 9999 are clamped to them. */
const char *rfc3339_format(int64_t s, char text[static RFC3339_SIZE]);
/* Any RFC 3339 time: fractions are dropped, offsets applied, the "UTC" of old AWS CLIs accepted for "Z". */
bool rfc3339_parse(const char *text, int64_t *ret_s);
/* IMF-fixdate of HTTP: "Tue, 24 Nov 2026 22:48:39 GMT". */
bool http_date_parse(const char *text, int64_t *ret_s);
