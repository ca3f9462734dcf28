#include "daemon/lock_state.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/state_file.h"
#include "base/text.h"
#include "base/xalloc.h"

#define FILE_NAME "locked" /* "2026-01-31T12:00:00Z the machine went to sleep" */
#define FILE_MAX  1024

struct lock_state {
	bool is_locked;
	int64_t since;
	char *why;
	unsigned n_held;
	void (*settled)(void *userdata);
	void *userdata;
	void (*clicked)(void *userdata);
	void *clicked_userdata;
};

/* Whatever it says, it is there. */
static void read_note(struct lock_state *lock, char *note)
{
	char *rest = note + strcspn(note, " \n");

	if (*rest)
		*rest++ = '\0';
	if (!rfc3339_parse(note, &lock->since))
		lock->since = clock_wall_s();
	rest[strcspn(rest, "\n")] = '\0';
	text_make_printable(rest);
	lock->why = xstrdup(*rest ? rest : "before this iamicd was started");
}

struct lock_state *lock_state_new(void)
{
	_cleanup_(buffer_clearp) struct buffer note = BUFFER_INIT(FILE_MAX, &buffer_heap);
	struct lock_state *lock = xcalloc(1, sizeof(*lock));
	struct error err;
	bool exists;

	if (!state_file_read(FILE_NAME, &note, &exists, &err)) {
		exists = err.kind != ERROR_CONFIG || note.len > 0; /* without a folder there is no note */
		buffer_clear(&note);
		if (exists)
			log_warning("%s: whether iamic was locked is not known, so it is", err.message);
	}
	lock->is_locked = exists;
	if (exists)
		read_note(lock, note.data ? note.data : (char[]){""});
	return lock;
}

bool lock_state_is_locked(const struct lock_state *lock)
{
	return lock->is_locked;
}

bool lock_state_refuses(const struct lock_state *lock, struct error *err)
{
	if (lock->is_locked)
		lock_state_explain(err);
	return lock->is_locked;
}

void lock_state_explain(struct error *err)
{
	error_fill(err, ERROR_LOCKED, "iamic is locked: run 'iamic unlock'");
}

int64_t lock_state_since(const struct lock_state *lock)
{
	return lock->since;
}

const char *lock_state_why(const struct lock_state *lock)
{
	return lock->why;
}

void lock_state_lock(struct lock_state *lock, const char *why)
{
	lock->is_locked = true;
	lock->since = clock_wall_s();
	xstrdup_to(&lock->why, why);
}

/* Not durable: an fsync would stall the loop. */
bool lock_state_keep(const struct lock_state *lock, struct error *err)
{
	_cleanup_free_ char *note = NULL;
	char since[RFC3339_SIZE];

	note = xasprintf("%s %s\n", rfc3339_format(lock->since, since), lock->why);
	return state_file_write(FILE_NAME, note, strlen(note), false, err);
}

bool lock_state_unlock(struct lock_state *lock, struct error *err)
{
	lock->is_locked = false;
	return state_file_remove(FILE_NAME, err);
}

void lock_state_hold(struct lock_state *lock)
{
	lock->n_held++;
}

void lock_state_let_go(struct lock_state *lock)
{
	if (--lock->n_held == 0 && lock->settled)
		lock->settled(lock->userdata);
}

bool lock_state_is_held(const struct lock_state *lock)
{
	return lock->n_held > 0;
}

void lock_state_on_settled(struct lock_state *lock, void (*settled)(void *userdata), void *userdata)
{
	lock->settled = settled;
	lock->userdata = userdata;
}

void lock_state_click(struct lock_state *lock)
{
	if (lock->clicked)
		lock->clicked(lock->clicked_userdata);
}

void lock_state_on_clicked(struct lock_state *lock, void (*clicked)(void *userdata), void *userdata)
{
	lock->clicked = clicked;
	lock->clicked_userdata = userdata;
}
