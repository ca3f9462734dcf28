#pragma once
/* How what is lent can be used, as lines that can be typed. */
#include <sys/types.h>

#include <jansson.h>

/* reply: of Share, once it is open. */
void share_print(const json_t *reply, const char *path, uid_t uid);
