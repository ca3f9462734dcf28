#pragma once
/* The reply to Status as people read it. */
#include <stdint.h>

#include <jansson.h>

void status_print(const json_t *status, int64_t now);
