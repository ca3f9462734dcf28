#pragma once
/* What the checks of iamicd's unit share; see cli/doctor.h for the checks. */
#include "cli/doctor.h"
#include "cli/systemd.h"

void doctor_check_strict(struct doctor *doctor, const struct systemd *systemd);
/* Where the key of the sealed file comes from, and whether systemd could keep it. */
void doctor_check_key(struct doctor *doctor, const struct systemd *systemd);

/* The folder of the person's drop-ins for iamicd.service, or NULL. This and what follows is to be freed. */
char *doctor_unit_folder(void);
/* A path as a word of a shell, with "~/" for the home. */
char *doctor_path_word(const struct doctor *doctor, const char *path);
/* The commands, each with its line's end, that make iamicd a service where it is none yet; may be "". */
char *doctor_service_lines(const struct systemd *systemd);
/* How to get a service manager, where that is in a person's hands; or NULL. Static. */
const char *doctor_manager_fix(void);
