#pragma once
/*
 * What iamic doctor finds: an array of {"id","status","object","text","fix"}, in the order in which it was
 * looked at. Nothing in it is a secret.
 */
#include <stdbool.h>

#include <jansson.h>

#include "base/error.h"

/* In the order of their weight. */
enum finding_status {
	FINDING_OK,
	FINDING_UNKNOWN, /* could not be looked at, mostly for want of rights */
	FINDING_WARN,
	FINDING_FAIL,
};

/*
 * id: stable, for programs. object: what was looked at. fix: what to type or write, or NULL; where it takes
 * several commands, a line each. Of what is ok it is what could be had besides.
 */
void finding_add(json_t *findings, const char *id, enum finding_status status, const char *object,
		 const char *fix, const char *text, ...) __attribute__((format(printf, 6, 7)));
/* A message, which ends in what to do; fix: what is better to do, or NULL. */
void finding_add_error(json_t *findings, const char *id, enum finding_status status, const char *object,
		       const char *fix, const struct error *err);
bool findings_have(const json_t *findings, enum finding_status status);
void findings_print(const json_t *findings);
