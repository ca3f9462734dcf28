/*
 *   (handed out) ──► in memory ──(a second later)──► in the file
 *                        │  ▲                            │
 *          (too many) ◄──┘  └────(the disk is full)──────┘
 *
 * The file has an end. Whoever is lent a role may ask for it as often as they like, and what others were
 * given must not go for that: of them it takes a few hundred lines, and then one now and then.
 */
#include "daemon/ledger.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/rolling_file.h"
#include "base/state_file.h"
#include "base/xalloc.h"
#include "daemon/program.h"
#include "daemon/timer.h"

#define FILE_NAME  "log"
#define FILE_MAX   (1024 * 1024)
#define MEMORY_MAX (256 * 1024)
#define ENOUGH     (16 * 1024)         /* to be written without a pause */
#define PAUSE_USEC USEC_PER_SEC        /* in which lines gather */
#define AGAIN_USEC (60 * USEC_PER_SEC) /* after a write that failed */
#define LENT_LINES 300                 /* at once, of all to whom something is lent, */
#define LENT_USEC  (10 * USEC_PER_SEC) /* and how long each takes to be free again */

struct ledger {
	sd_event *event;
	char *path;          /* NULL: nothing is recorded */
	struct buffer lines; /* that are not in the file yet */
	unsigned long long n_lost;
	unsigned long long n_left_out; /* of what was lent */
	uint64_t lent_free_usec;       /* when all of LENT_LINES are free again */
	sd_event_source *timer;
	uint64_t not_before_usec; /* the next write */
	bool has_warned;
};

struct ledger *ledger_new(sd_event *event, bool is_kept)
{
	struct ledger *ledger = xcalloc(1, sizeof(*ledger));
	struct error err;

	ledger->event = sd_event_ref(event);
	ledger->lines = BUFFER_INIT(MEMORY_MAX, &buffer_heap);
	if (is_kept && !state_file_path(FILE_NAME, &ledger->path, &err))
		log_warning("%s: who is given credentials is not recorded", err.message);
	return ledger;
}

const char *ledger_path(const struct ledger *ledger)
{
	return ledger->path;
}

/* ---- writing ---- */

/* The last thing that is known of those lines: how many they were. */
static bool append_lost(struct ledger *ledger, struct buffer *lines)
{
	char time[RFC3339_SIZE];

	return ledger->n_lost + ledger->n_left_out == 0 ||
	       buffer_append_format(lines, "{\"time\":\"%s\",\"lost\":%llu}\n",
				    rfc3339_format(clock_wall_s(), time),
				    ledger->n_lost + ledger->n_left_out);
}

static bool write_all(struct ledger *ledger, struct error *err)
{
	_cleanup_(buffer_clearp) struct buffer lost = BUFFER_INIT(256, &buffer_heap);
	size_t len = ledger->lines.len;

	if (len > 0 && !rolling_file_append(ledger->path, ledger->lines.data, len, FILE_MAX, err))
		return false;
	buffer_clear(&ledger->lines);
	if (!append_lost(ledger, &lost))
		abort(); /* there is room for a number */
	if (lost.len > 0 && !rolling_file_append(ledger->path, lost.data, lost.len, FILE_MAX, err))
		return false;
	if (ledger->n_lost > 0)
		log_warning("'%s': recorded again; %llu lines were lost", ledger->path, ledger->n_lost);
	ledger->n_lost = ledger->n_left_out = 0;
	return true;
}

bool ledger_write(struct ledger *ledger, struct error *err)
{
	timer_disarm(&ledger->timer);
	if (!ledger->path || write_all(ledger, err))
		return true;
	ledger->not_before_usec = clock_boot_usec() + AGAIN_USEC;
	if (!ledger->has_warned)
		log_warning("%s: who is given credentials is not recorded", err->message);
	ledger->has_warned = true;
	return false;
}

static int on_pause_over(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct error ignored; /* it has been said, and what is not written stays */

	(void)source;
	(void)usec;
	(void)!ledger_write(userdata, &ignored);
	return 0;
}

/* ---- gathering ---- */

static json_t *text_or_null(const char *text)
{
	json_t *string = text ? json_string(text) : NULL;

	return string ? string : json_null(); /* jansson takes UTF-8 only */
}

static bool append_line(struct buffer *lines, const struct handout *handout)
{
	_cleanup_free_ char *program = program_of(handout->pid);
	_cleanup_json_ json_t *line = NULL;
	size_t before = lines->len;
	char time[RFC3339_SIZE];

	line = json_pack("{s:s, s:o, s:o, s:o, s:i, s:o, s:o}", "time", rfc3339_format(clock_wall_s(), time),
			 "session", text_or_null(handout->session), "accountId",
			 text_or_null(handout->account_id), "roleName", text_or_null(handout->role_name),
			 "pid", (int)handout->pid, "program", text_or_null(program), "share",
			 text_or_null(handout->share));
	if (json_append(lines, line) && buffer_append(lines, "\n", 1))
		return true;
	lines->len = before;
	return false;
}

static bool has_room_for_lent(struct ledger *ledger)
{
	uint64_t now = clock_boot_usec();

	if (ledger->lent_free_usec > now + (LENT_LINES - 1) * LENT_USEC)
		return false;
	ledger->lent_free_usec = (ledger->lent_free_usec > now ? ledger->lent_free_usec : now) + LENT_USEC;
	return true;
}

/* From the loop: whoever asks has the answer by then. */
static void write_soon(struct ledger *ledger, uint64_t pause_usec)
{
	uint64_t at_usec = clock_boot_usec() + pause_usec;

	if (at_usec < ledger->not_before_usec)
		at_usec = ledger->not_before_usec;
	timer_arm(ledger->event, &ledger->timer, at_usec, on_pause_over, ledger);
}

void ledger_add(struct ledger *ledger, const struct handout *handout)
{
	bool were_few = ledger->lines.len < ENOUGH;

	if (!ledger->path)
		return;
	if (handout->share && !has_room_for_lent(ledger)) {
		ledger->n_left_out++; /* which is said with the next line that is written, and writes none */
		return;
	}
	if (!append_line(&ledger->lines, handout))
		ledger->n_lost++;
	if (were_few && ledger->lines.len >= ENOUGH)
		write_soon(ledger, 0);
	else if (!ledger->timer)
		write_soon(ledger, PAUSE_USEC);
}
