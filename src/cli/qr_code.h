#pragma once
/* An address as a QR code on the terminal, for a phone that looks at it. */
#include <stdbool.h>
#include <stddef.h>

struct qr_room {
	size_t columns, lines;
	bool has_colour;
};

/*
 * Its lines, made of half blocks: two rows of the code each. NULL: it does not fit, or libqrencode is not
 * there, or was not when iamic was built. The caller's to free.
 *
 * A code is dark on light. With colours it is so on every terminal; without them it takes the terminal to be
 * a light hand on dark ground, as most are.
 */
char *qr_code_draw(const char *text, const struct qr_room *room);

/* Prints it where stdout is a terminal that can show it, and where `kept` more rows stay in view with it. */
void qr_code_print(const char *text, size_t kept);
