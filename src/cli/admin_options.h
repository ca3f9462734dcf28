#pragma once
/* Values of 'iamic admin grant', checked as AWS checks them before anything is asked. */
#include "base/error.h"

/* As option_fn (options.h); a struct grant_list (admin_plan.h) gathers what may be given several times. */
bool option_user_name(const char *text, void *ret /* const char * */, struct error *err);
bool option_name(const char *text, void *ret /* const char *: of a person, or a group */, struct error *err);
bool option_email(const char *text, void *ret /* const char * */, struct error *err);
bool option_session_length(const char *text, void *ret /* int64_t, seconds */, struct error *err);
bool option_policy(const char *text, void *ret /* struct grant_list */, struct error *err);
bool option_target_account(const char *text, void *ret /* struct grant_list */, struct error *err);
