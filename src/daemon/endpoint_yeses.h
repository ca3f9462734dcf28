#pragma once
/* What a person has allowed to endpoints, each for as long as it is there. */
#include "base/list.h"
#include "daemon/role_cache.h"

/* Once. */
void endpoint_yeses_add(struct list *yeses, const struct role_key *role, const void *endpoint);
bool endpoint_yeses_have(const struct list *yeses, const struct role_key *role, const void *endpoint);
void endpoint_yeses_end(struct list *yeses, const void *endpoint);
/* Those to a session's roles and its namesakes'; NULL: all. */
void endpoint_yeses_forget(struct list *yeses, const struct session *session);
