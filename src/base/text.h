#pragma once
/* Text that comes from elsewhere, made fit to be shown or sent. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Decodes one character of UTF-8 at p, which ends at end; returns its length, or 0 for bytes that are not
 * UTF-8 (overlong forms and surrogates included).
 */
size_t utf8_decode(const char *p, const char *end, uint32_t *ret_character);
bool utf8_is_valid(const char *text, size_t len);

/* C0, DEL, C1, and the bidi controls U+202A to U+202E and U+2066 to U+2069: what could move a cursor or lie
 * about order. */
bool character_is_control(uint32_t character);
bool text_has_controls(const char *text);

/*
 * In place, never longer than before: controls and bytes that are not UTF-8 become '?', and the result is one
 * line that no terminal obeys.
 */
void text_make_printable(char *text);
/* As above, and '\' and '"' become '/' and '\'': the form of every error message on the socket, which the
 * shim prints without a JSON parser. */
void text_make_message(char *text);
/* As one word of a shell, printable, and quoted only where it must be; the caller's to free. */
char *shell_word(const char *text);
/* For a message: 'iamic-login corp' with its quotes, but iamic-login 'my corp', to be typed as it stands. */
char *command_to_type(const char *program, const char *word);
/* Columns on a terminal, for aligned tables; needs a UTF-8 locale for wide characters. */
size_t text_columns(const char *text);
/* How many bytes of text fit into that many columns, no character cut. */
size_t text_fit(const char *text, size_t columns);
