#pragma once
/* What a person is told when the AWS configuration was changed, or did not have to be. */
#include "aws/config_edits.h"
#include "cli/config_file.h"

void config_outcome_print(const char *path, const struct config_edits *edits,
			  enum config_file_outcome outcome);
/* Warns of keys in the AWS CLI's credentials file that tools take instead of a profile that was written. */
void config_outcome_look_for_keys(const struct config_edits *edits);
