#pragma once
/*
 * What AWS has listed last, for whoever wants an answer at once and takes one that is a little old: a shell
 * that completes asks with every Tab. What is assigned to a person is the same for as long as one sign-in
 * lasts, as good as always. It lives as long as iamicd.
 */
#include <jansson.h>

#include "daemon/session.h"

#define LIST_MEMORY_MAX 5000 /* rows, of all lists together: some MiB */

struct list_memory;

struct list_memory *list_memory_new(void);
/* A listing that has come to its end, account_id as in listing.h; sign_in: the session's when it began. A
 * very long one is not kept, nor what another sign-in has overtaken. */
void list_memory_keep(struct list_memory *memory, const struct session *session, uint64_t sign_in,
		      const char *account_id, json_t *items);
/* One of the sign-in of now that is not older; borrowed. NULL: there is none. */
json_t *list_memory_find(const struct list_memory *memory, const struct session *session,
			 const char *account_id, int64_t max_age_s);
