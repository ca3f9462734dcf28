#pragma once
/*
 * libsecret's SecretService with prompts that are ours to decide on.
 *
 * Some services answer every change with a prompt, which most often asks nothing and is over at once;
 * elsewhere it is a window. libsecret shows all of them, and waits for ever where one is dismissed.
 */
#include <stdbool.h>

#include <libsecret/secret.h>

SecretService *keyring_service_open(GError **gerror);
/*
 * Whether object, a collection or an item, is open now; a prompt that was dismissed is no error. may_ask: a
 * prompt stays for as long as the person takes; otherwise, and outside this function, it has a moment to end
 * by itself.
 */
bool keyring_service_unlock(SecretService *service, gpointer object, bool may_ask, GError **gerror);
