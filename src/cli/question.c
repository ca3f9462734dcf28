#include "cli/question.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/strip.h"
#include "base/buffer.h"
#include "base/text.h"
#include "base/xalloc.h"

/* One line as it is typed. */
struct line {
	const struct tty *tty;
	const struct question *question;
	struct buffer text;
};

static const char *text_of(const struct line *line)
{
	return line->text.data ? line->text.data : "";
}

static void show_question(const struct line *line)
{
	const char *usual = line->question->usual;
	_cleanup_free_ char *question = usual && *usual ? xasprintf("%s [%s]: ", line->question->words, usual)
							: xasprintf("%s: ", line->question->words);

	text_make_printable(question);
	dprintf(line->tty->fd, "%s", question);
}

static void show_again(const struct line *line)
{
	dprintf(line->tty->fd, "\n");
	show_question(line);
	dprintf(line->tty->fd, "%s", text_of(line));
}

static bool is_wrapped(const struct line *line)
{
	const char *usual = line->question->usual ? line->question->usual : "";

	return text_columns(line->question->words) + text_columns(usual) + strlen(" []: ") +
		       text_columns(text_of(line)) >=
	       tty_columns(line->tty);
}

/* All behind that many bytes; a cursor in the first column cannot go back to the line above. */
static void cut(struct line *line, size_t len)
{
	size_t columns = text_columns(text_of(line) + len);
	bool wrapped = is_wrapped(line);

	line->text.len = len;
	line->text.data[len] = '\0';
	if (wrapped)
		show_again(line);
	for (size_t n = wrapped ? 0 : columns; n > 0; n--)
		dprintf(line->tty->fd, "\b \b");
}

static void take_back(struct line *line)
{
	size_t len = line->text.len;

	if (len == 0)
		return;
	do
		len--;
	while ((line->text.data[len] & 0xc0) == 0x80);
	cut(line, len);
}

static void take_all_back(struct line *line)
{
	if (line->text.len > 0)
		cut(line, 0);
}

/* False: interrupted. */
static bool read_line(struct line *line)
{
	char character[TTY_TEXT_SIZE];

	for (;;) {
		switch (tty_read(line->tty, character)) {
		case TTY_TEXT:
			if (buffer_append_text(&line->text, character))
				dprintf(line->tty->fd, "%s", character);
			break;
		case TTY_BACKSPACE:
			take_back(line);
			break;
		case TTY_CLEAR:
			take_all_back(line);
			break;
		case TTY_ENTER:
			dprintf(line->tty->fd, "\n");
			return true;
		case TTY_INTERRUPT:
			dprintf(line->tty->fd, "\n");
			return false;
		default:
			break;
		}
	}
}

/* *ret stays NULL where nothing was answered. */
static bool ask_once(const struct tty *tty, const struct question *question, char **ret)
{
	struct line line = {
		.tty = tty, .question = question, .text = BUFFER_INIT(QUESTION_MAX, &buffer_heap)};
	bool answered;
	char *text;

	show_question(&line);
	answered = read_line(&line);
	text = line.text.data ? strip_text(line.text.data) : (char[]){""};
	if (answered && *text)
		*ret = xstrdup(text);
	else if (answered)
		*ret = xstrdup_or_null(question->usual);
	buffer_clear(&line.text);
	return answered;
}

bool question_ask_at(const struct tty *tty, const struct question *question, char **ret, struct error *err)
{
	for (;;) {
		_cleanup_free_ char *answer = NULL;

		if (!ask_once(tty, question, &answer))
			return error_set(err, ERROR_NONE, "%s", "");
		if (!answer)
			continue;
		if (!question->check || question->check(&answer, question->userdata, err)) {
			*ret = TAKE(answer);
			return true;
		}
		dprintf(tty->fd, "iamic: %s\n", err->message);
	}
}

bool question_ask(const struct question *question, char **ret, struct error *err)
{
	struct tty tty;
	bool ok;

	if (!tty_open(&tty))
		return error_set(err, ERROR_USAGE, "%s is asked for at a terminal, and there is none",
				 question->words);
	ok = question_ask_at(&tty, question, ret, err);
	tty_close(&tty);
	return ok;
}
