#pragma once
/* What a confirmation says to the person who is asked, and to whoever is refused. */
#include <stdint.h>

#include "base/error.h"
#include "daemon/caller.h"
#include "daemon/confirmation_role.h"

enum confirmation_refusal {
	CONFIRMATION_DENIED,
	CONFIRMATION_CLOSED,
	CONFIRMATION_UNANSWERED,
	CONFIRMATION_SCREEN_IS_LOCKED,
	CONFIRMATION_SHOWS_NOTHING,
	CONFIRMATION_TOO_MANY,
};

/* Both printable and the caller's; the body is without markup. */
char *confirmation_summary(const struct confirmation_role *role);
char *confirmation_body(const struct confirmation_role *role, const struct caller *caller, int64_t holds_s);

/* again_s: when asking makes sense again. */
void confirmation_refuse(const struct confirmation_role *role, enum confirmation_refusal why, int64_t again_s,
			 struct error *err);
