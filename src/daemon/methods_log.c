/* Log: the file is the caller's own, and is read there. */
#include "base/text.h"
#include "daemon/methods_private.h"

void method_log(struct call *call, const json_t *parameters)
{
	struct agent *agent = call_userdata(call);
	bool is_written;
	struct error err;

	(void)parameters;
	is_written = ledger_write(agent->ledger, &err);
	if (!is_written)
		text_make_message(err.message);
	call_reply(call, json_pack("{s:o, s:o}", "file", json_string_or_null(ledger_path(agent->ledger)),
				   "problem", json_string_or_null(is_written ? NULL : err.message)));
}
