#pragma once
/*
 * Members of a JSON object that comes from elsewhere, each with the type and the form it must have.
 *
 * All of a document's members are asked for one after the other, and whether that went well is looked at
 * once, at the end: the first that cannot be used is remembered by its name. A member that is null is as one
 * that is missing. Pointers to text live as long as the object.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/secret.h"

#define MEMBER_TEXT_MAX   2048
#define MEMBER_SECRET_MAX (32 * 1024)           /* client secrets have kilobytes */
#define MEMBER_TIME_MAX   INT64_C(253402300799) /* the end of the year 9999 */

struct members {
	const json_t *object;
	const char *unusable; /* NULL: none so far; names are static text of the caller */
	bool is_full;         /* the arena had no room for a secret */
};

/* Text of at least one byte without control characters; NULL if it is not that. */
const char *member_text(struct members *members, const char *name);
const char *member_text_or_null(struct members *members, const char *name);
/* Bytes that a header may hold: visible ASCII. */
struct secret *member_secret(struct members *members, const char *name);
struct secret *member_secret_or_null(struct members *members, const char *name);
/* A whole number, brought into the range; AWS's servers may write it as 3600.0. */
int64_t member_number(struct members *members, const char *name, int64_t min, int64_t max);
int64_t member_number_or(struct members *members, const char *name, int64_t absent, int64_t min, int64_t max);
