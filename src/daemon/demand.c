#include "daemon/demand.h"

#include "base/xalloc.h"

struct demand {
	const struct configuration *configuration; /* main's */
	struct history *history;                   /* main's */
	bool was_locked;                           /* the screen, since it began */
	bool has_begun;                            /* one that may still turn out to be none */
};

struct demand *demand_new(const struct configuration *configuration, struct history *history)
{
	struct demand *demand = xcalloc(1, sizeof(*demand));

	*demand = (struct demand){.configuration = configuration, .history = history};
	return demand;
}

static enum on_demand kind_of(const struct demand *demand, const char *session)
{
	const struct settings *settings;
	const struct config *config;
	struct error err;

	return configuration_get(demand->configuration, &config, &settings, &err)
		       ? settings_session(settings, session)->on_demand
		       : ON_DEMAND_FAIL;
}

enum on_demand demand_begin(struct demand *demand, const char *session)
{
	enum on_demand kind = kind_of(demand, session);

	if (kind == ON_DEMAND_FAIL || demand->has_begun || history_is_unanswered(demand->history))
		return ON_DEMAND_FAIL;
	demand->has_begun = true;
	demand->was_locked = false;
	return kind;
}

void demand_spent(struct demand *demand, const char *session)
{
	history_unanswered(demand->history, session);
}

void demand_unspent(struct demand *demand)
{
	demand->has_begun = false;
}

bool demand_waits_for_desktop(const struct demand *demand, const char *session)
{
	enum on_demand kind = kind_of(demand, session);

	return (kind == ON_DEMAND_NOTIFY || kind == ON_DEMAND_BROWSER) &&
	       history_is_unanswered(demand->history);
}

void demand_saw_screen(struct demand *demand, bool is_locked)
{
	if (is_locked)
		demand->was_locked = true;
	else if (demand->was_locked)
		demand_person_acted(demand);
}

void demand_person_acted(struct demand *demand)
{
	demand->has_begun = false;
	demand->was_locked = false;
	history_answered(demand->history);
}
