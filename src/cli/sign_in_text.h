#pragma once
/* What a person reads while signing in. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

void sign_in_print_begin(const char *session);
/* code and short_address are those of the device flow, or NULL. Returns how many rows of a terminal that
 * takes. */
size_t sign_in_print_address(const char *address, const char *code, const char *short_address);
/* How the browser comes back to redirect_uri, by itself or by hand. */
void sign_in_print_way_back(const char *redirect_uri, bool is_opened, bool can_paste);
void sign_in_print_done(const char *session, bool has_begun, const json_t *reply);

/* n_pasted: characters of an address that is not whole yet. */
void sign_in_show_countdown(uint64_t left_usec, size_t n_pasted);
/* AWS mostly answers before this is seen; where it is tried in vain, a person sees that something happens. */
void sign_in_show_patience(uint64_t quiet_usec);
