#pragma once
/*
 * on_demand: what happens when someone wants credentials, and nobody is signed in and nobody is asked.
 *
 * However many want them, for however many sessions and for however long: there is one sign-in that no person
 * has begun, and no second before a person has acted (signed in, or asked to; clicked; unlocked). Who is away
 * overnight must not find a hundred of them in the morning, so that is remembered over the daemon's end.
 */
#include <stdbool.h>

#include "daemon/configuration.h"
#include "daemon/history.h"

struct demand;

/* Both are main's. */
struct demand *demand_new(const struct configuration *configuration, struct history *history);

/*
 * Credentials of that session are wanted: what may be done about it now? If anything, the one sign-in counts
 * as begun. ON_DEMAND_FAIL: nothing.
 */
enum on_demand demand_begin(struct demand *demand, const char *session);
/* Its address was there for a person to see, or it failed for good: it was the one. */
void demand_spent(struct demand *demand, const char *session);
/* Neither AWS nor a desktop with a person could be reached, and nobody has seen anything of it: it was none.
 */
void demand_unspent(struct demand *demand);
/* Is the one over, and would the desktop be asked for another one if a person had acted? */
bool demand_waits_for_desktop(const struct demand *demand, const char *session);
/* The screen, as it was found since: one that was locked and is not any more, someone has unlocked. */
void demand_saw_screen(struct demand *demand, bool is_locked);
/* Someone is there. */
void demand_person_acted(struct demand *demand);
