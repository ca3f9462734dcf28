#pragma once
/*
 * Locks iamic by itself, as the key lock_on says: before the machine sleeps, when the screen is locked, when
 * nobody has asked for anything for a while. It never unlocks it: that is a person's.
 */
struct agent;
struct lock_watch;

/* Of an agent that is complete. */
struct lock_watch *lock_watch_new(struct agent *agent);
/* The configuration has been read again. */
void lock_watch_configure(struct lock_watch *watch);
/* What of it cannot be had here, for people; or NULL. */
const char *lock_watch_warning(const struct lock_watch *watch);
