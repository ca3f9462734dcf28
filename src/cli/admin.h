#pragma once
/*
 * What the verbs of 'iamic admin' share: an instance of Identity Center, asked with the credentials of a role
 * that administers it. Nothing here, or below, takes anything away.
 */
#include <stdbool.h>

#include <jansson.h>

#include "aws/target.h"
#include "base/error.h"
#include "cli/command.h"
#include "cli/role_options.h"
#include "cli/signed_call.h"

struct admin_options {
	struct target target;
	const char *region, *instance_arn;
	bool json;
};

/* member is a struct admin_options in the struct that a verb's options fill. */
#define ADMIN_OPTIONS(type, member)                                                                          \
	ROLE_OPTIONS(type, member.target),                                                                   \
		{.name = "region",                                                                           \
		 .value = "REGION",                                                                          \
		 .offset = offsetof(type, member.region),                                                    \
		 .parse = option_region,                                                                     \
		 .help = "where Identity Center is (the session's)"},                                        \
		{.name = "instance-arn",                                                                     \
		 .value = "ARN",                                                                             \
		 .offset = offsetof(type, member.instance_arn),                                              \
		 .parse = option_text,                                                                       \
		 .help = "which, where there are several"},                                                  \
	{                                                                                                    \
		.name = "json", .offset = offsetof(type, member.json), .help = "print JSON"                  \
	}

struct admin {
	struct signed_caller caller; /* in the home region, which alone knows */
	char *region, *instance_arn, *store_id;
};

void admin_done(struct admin *admin);
/* To the daemon, as the role that is meant; no instance is known yet. */
bool admin_connect(const struct admin_options *options, struct admin *ret, struct error *err) MUST_CHECK;
/* Appends the instances that the role sees, as AWS describes them. */
bool admin_list_instances(const struct admin *admin, json_t *rows, struct error *err) MUST_CHECK;
/* As admin_connect(), and finds the one that is meant, in its home region. */
bool admin_open(const struct admin_options *options, struct admin *ret, struct error *err) MUST_CHECK;

/* The input of an operation about the instance, or about its identity store, to be added to. */
json_t *admin_of_instance(const struct admin *admin);
json_t *admin_of_store(const struct admin *admin);

extern const struct command admin_instance, admin_users, admin_groups, admin_permission_sets,
	admin_assignments, admin_grant;
