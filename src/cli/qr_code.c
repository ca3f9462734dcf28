#include "cli/qr_code.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/xalloc.h"
#include "build-config.h"
#include "cli/terminal.h"

#if IAMIC_HAS_QRENCODE
#include <dlfcn.h>
#include <qrencode.h>
#define LIBRARY "libqrencode.so.4"
#endif

#define DRAWING_MAX (128 * 1024) /* bytes: the largest code, of 177 modules, takes half of it */

/* 47 for terminals that know no bright colours: there it is light grey. */
#define BLACK_ON_WHITE "\033[30;47;107m"
#define NO_COLOUR      "\033[0m"

/*
 * Modules that stay light around a code. The standard wants four. Readers are content with two, and on 80
 * columns and 24 lines only that leaves room for the address of a company and what stands above it.
 */
static const int margins[] = {4, 2};

struct code {
	int width;           /* modules a side */
	unsigned char *dark; /* the lowest bit of each, row by row; NULL: there is no code */
};

/* What other bytes mean, readers guess. */
static bool is_ascii(const char *text)
{
	while (*text && !(*text & 0x80))
		text++;
	return !*text;
}

#if IAMIC_HAS_QRENCODE

static struct code copy_of(const QRcode *made)
{
	size_t side = (size_t)made->width;
	struct code code = {.width = made->width, .dark = xcalloc(side, side)};

	memcpy(code.dark, made->data, side * side);
	return code;
}

/* The smallest that there is for the text; terminals do not get dirty, so little is spent on correction. */
static struct code encode_with(void *library, const char *text)
{
	typeof(QRcode_encodeString) *encode_string = dlsym(library, "QRcode_encodeString");
	typeof(QRcode_free) *free_made = dlsym(library, "QRcode_free");
	struct code code = {0};
	QRcode *made;

	if (!encode_string || !free_made)
		return code;
	made = encode_string(text, 0, QR_ECLEVEL_L, QR_MODE_8, true);
	if (made) {
		code = copy_of(made);
		free_made(made);
	}
	return code;
}

/* Loaded when it is needed: linked, it would cost a tenth of the time that a shell waits for its prompt. */
static struct code encode(const char *text)
{
	void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
	struct code code = {0};

	if (!library)
		return code;
	code = encode_with(library, text);
	dlclose(library);
	return code;
}

#else

static struct code encode(const char *text)
{
	(void)text;
	return (struct code){0};
}

#endif

/* Two rows a line. There is always an odd one; it has a light one below it. */
static size_t lines_of(int side)
{
	return ((size_t)side + 1) / 2;
}

/* 0: even the narrowest does not fit. */
static int choose_margin(const struct code *code, const struct qr_room *room)
{
	for (size_t i = 0; i < ARRAY_SIZE(margins); i++) {
		int side = code->width + 2 * margins[i];

		if ((size_t)side <= room->columns && lines_of(side) <= room->lines)
			return margins[i];
	}
	return 0;
}

static bool is_dark(const struct code *code, int x, int y)
{
	if (x < 0 || y < 0 || x >= code->width || y >= code->width)
		return false;
	return code->dark[y * code->width + x] & 1;
}

/* The rows y and y + 1. inked: what the terminal's hand draws is the dark of the code, or its light. */
static bool draw_line(struct buffer *out, const struct code *code, int y, int margin, bool inks_dark)
{
	static const char *const blocks[] = {" ", "▀", "▄", "█"};
	bool ok = true;

	for (int x = -margin; x < code->width + margin && ok; x++) {
		bool upper = is_dark(code, x, y) == inks_dark, lower = is_dark(code, x, y + 1) == inks_dark;

		ok = buffer_append_text(out, blocks[upper + 2 * lower]);
	}
	return ok;
}

/* Each line has its own colours: what is beside it keeps the terminal's. */
static bool draw(struct buffer *out, const struct code *code, int margin, bool has_colour)
{
	bool ok = true;

	for (int y = -margin; y < code->width + margin && ok; y += 2)
		ok = buffer_append_text(out, has_colour ? BLACK_ON_WHITE : "") &&
		     draw_line(out, code, y, margin, has_colour) &&
		     buffer_append_text(out, has_colour ? NO_COLOUR "\n" : "\n");
	return ok;
}

char *qr_code_draw(const char *text, const struct qr_room *room)
{
	_cleanup_(buffer_clearp) struct buffer out = BUFFER_INIT(DRAWING_MAX, &buffer_heap);
	const struct code code = is_ascii(text) ? encode(text) : (struct code){0};
	_cleanup_free_ unsigned char *dark = code.dark;
	int margin = dark ? choose_margin(&code, room) : 0;

	return margin && draw(&out, &code, margin, room->has_colour) ? xstrdup(out.data) : NULL;
}

void qr_code_print(const char *text, size_t kept)
{
	const struct qr_room room = {
		.columns = terminal_columns(),
		.lines = terminal_rows() > kept ? terminal_rows() - kept : 0,
		.has_colour = terminal_has_colour(),
	};
	_cleanup_free_ char *lines = NULL;

	if (!terminal_is_smart() || !terminal_knows_utf8())
		return;
	lines = qr_code_draw(text, &room);
	if (lines)
		fputs(lines, stdout);
}
