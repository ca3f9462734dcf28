#pragma once
/* What stdout is, and the one line at its end that is rewritten in place. */
#include <stdbool.h>

/* A terminal that can move its cursor: not TERM=dumb. */
bool terminal_is_smart(void);
bool terminal_has_colour(void);
/* A smart one whose locale has more than ASCII: block graphics. */
bool terminal_knows_utf8(void);
/* A smart one that at least passes over a link's address (OSC 8). */
bool terminal_knows_links(void);
/* 80 and 24 where nobody knows. */
unsigned terminal_columns(void);
unsigned terminal_rows(void);

/* Likewise of what is known to be a terminal. */
bool terminal_type_is_smart(void);
bool terminal_may_colour(void);
unsigned terminal_columns_of(int fd);
unsigned terminal_rows_of(int fd);

/* Shows a line of ASCII in place of the last one, cut to the terminal's width; nothing on other than smart
 * ones. */
void terminal_show_line(const char *text);
/* Takes that line away; before anything else is printed. */
void terminal_clear_line(void);
/* Likewise with the "^C" that a terminal shows for an interrupt; on one that takes nothing back, goes below
 * it. */
void terminal_clear_interrupt(void);
/* Takes away what is on the screen. */
void terminal_clear_screen(void);
