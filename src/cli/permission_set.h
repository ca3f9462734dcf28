#pragma once
/* Permission sets of an instance of Identity Center. AWS lists their ARNs alone; each has to be asked for. */
#include "cli/signed_call.h"

/* As AWS describes it, with a name and an ARN at least. */
bool permission_set_describe(const struct signed_caller *caller, const char *instance_arn, const json_t *arn,
			     json_t **ret, struct error *err) MUST_CHECK;
/* As AWS describes the one of that name; *ret stays NULL where there is none. */
bool permission_set_find(const struct signed_caller *caller, const char *instance_arn, const char *name,
			 json_t **ret, struct error *err) MUST_CHECK;
/* Appends all of them, described. */
bool permission_set_list(const struct signed_caller *caller, const char *instance_arn, json_t *rows,
			 struct error *err) MUST_CHECK;
