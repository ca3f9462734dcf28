#include "ipc/error_name.h"

#include <string.h>

#include "iamic/protocol.h"

/* Kinds first come, first named: error_name() takes the first row of a kind. */
static const struct {
	enum error_kind kind;
	const char *name;
} table[] = {
	{ERROR_INTERNAL, IAMIC_INTERFACE ".Internal"},
	{ERROR_LOGIN_REQUIRED, IAMIC_INTERFACE ".LoginRequired"},
	{ERROR_DENIED, IAMIC_INTERFACE ".Denied"},
	{ERROR_UNAVAILABLE, IAMIC_INTERFACE ".Unavailable"},
	{ERROR_TIMED_OUT, IAMIC_INTERFACE ".TimedOut"},
	{ERROR_CONFIG, IAMIC_INTERFACE ".Config"},
	{ERROR_STORE, IAMIC_INTERFACE ".StoreUnavailable"},
	{ERROR_LOCKED, IAMIC_INTERFACE ".Locked"},
	/* A parameter is what the person typed; a method that is missing means that the two do not fit. */
	{ERROR_USAGE, IAMIC_SERVICE_INTERFACE ".InvalidParameter"},
	{ERROR_UNAVAILABLE, IAMIC_SERVICE_INTERFACE ".InterfaceNotFound"},
	{ERROR_UNAVAILABLE, IAMIC_SERVICE_INTERFACE ".MethodNotFound"},
	{ERROR_UNAVAILABLE, IAMIC_SERVICE_INTERFACE ".MethodNotImplemented"},
	{ERROR_DENIED, IAMIC_SERVICE_INTERFACE ".PermissionDenied"},
};

_Static_assert(ERROR_INTERNAL == IAMIC_EXIT_INTERNAL && ERROR_USAGE == IAMIC_EXIT_USAGE &&
		       ERROR_LOGIN_REQUIRED == IAMIC_EXIT_LOGIN_REQUIRED &&
		       ERROR_DENIED == IAMIC_EXIT_DENIED && ERROR_UNAVAILABLE == IAMIC_EXIT_UNAVAILABLE &&
		       ERROR_TIMED_OUT == IAMIC_EXIT_TIMED_OUT && ERROR_CONFIG == IAMIC_EXIT_CONFIG &&
		       ERROR_STORE == IAMIC_EXIT_STORE && ERROR_LOCKED == IAMIC_EXIT_LOCKED,
	       "an error's kind is the exit status of the program that reports it");

const char *error_name(enum error_kind kind)
{
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		if (table[i].kind == kind && kind != ERROR_USAGE)
			return table[i].name;
	}
	return table[0].name;
}

enum error_kind error_kind_of_name(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		if (strcmp(table[i].name, name) == 0)
			return table[i].kind;
	}
	return ERROR_INTERNAL;
}
