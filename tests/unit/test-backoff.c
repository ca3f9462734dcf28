#include "aws/backoff.h"

#include "base/clock.h"
#include "check.h"

#define S USEC_PER_SEC

static void pauses_are_anywhere_below_a_limit_that_doubles(void)
{
	static const uint64_t limits_ms[] = {100,  200,   400,   800,   1600, 3200,
					     6400, 12800, 20000, 20000, 20000};

	for (unsigned i = 0; i < sizeof(limits_ms) / sizeof(limits_ms[0]); i++) {
		CHECK(backoff_pause_usec(i, 0, -1) == 0);
		CHECK(backoff_pause_usec(i, UINT32_MAX, -1) == limits_ms[i] * USEC_PER_MSEC);
		CHECK(backoff_pause_usec(i, UINT32_MAX / 2, -1) <= limits_ms[i] * USEC_PER_MSEC / 2 + 1);
		CHECK(backoff_pause_usec(i, UINT32_MAX / 2, -1) >= limits_ms[i] * USEC_PER_MSEC / 2 - 1);
	}
	CHECK(backoff_pause_usec(63, UINT32_MAX, -1) == 20 * S);
	CHECK(backoff_pause_usec(UINT32_MAX, UINT32_MAX, -1) == 20 * S);
}

static void retry_after_is_obeyed_up_to_five_minutes(void)
{
	CHECK(backoff_pause_usec(0, 0, 0) == 0);
	CHECK(backoff_pause_usec(0, UINT32_MAX, 1) == 1 * S);
	CHECK(backoff_pause_usec(20, UINT32_MAX, 1) == 20 * S);
	CHECK(backoff_pause_usec(0, 0, 300) == 300 * S);
	CHECK(backoff_pause_usec(0, 0, 301) == 300 * S);
	CHECK(backoff_pause_usec(0, 0, INT64_MAX) == 300 * S);
	CHECK(backoff_pause_usec(0, 0, INT64_MIN) == 0);
}

static bool admits(struct circuit *circuit, uint64_t now_usec)
{
	uint64_t unused;

	return circuit_admits(circuit, now_usec, &unused);
}

static void three_failures_in_a_row_open_it(void)
{
	struct circuit circuit = {0};

	CHECK(admits(&circuit, 0));
	circuit_failed(&circuit, 1);
	circuit_failed(&circuit, 2);
	CHECK(!circuit_is_open(&circuit) && admits(&circuit, 3));
	circuit_failed(&circuit, 3);
	CHECK(circuit_is_open(&circuit) && !admits(&circuit, 4));
}

static void a_success_in_between_ends_the_row(void)
{
	struct circuit circuit = {0};

	circuit_failed(&circuit, 1);
	circuit_failed(&circuit, 2);
	circuit_succeeded(&circuit);
	circuit_failed(&circuit, 3);
	circuit_failed(&circuit, 4);
	CHECK(!circuit_is_open(&circuit));
}

static void five_seconds_of_failure_open_it(void)
{
	struct circuit circuit = {0};

	circuit_failed(&circuit, 10 * S);
	circuit_failed(&circuit, 15 * S - 1);
	CHECK(!circuit_is_open(&circuit));
	circuit_succeeded(&circuit);
	circuit_failed(&circuit, 10 * S);
	circuit_failed(&circuit, 15 * S);
	CHECK(circuit_is_open(&circuit));
}

static struct circuit opened_at(uint64_t now_usec)
{
	struct circuit circuit = {0};

	for (int i = 0; i < 3; i++)
		circuit_failed(&circuit, now_usec);
	CHECK(circuit_is_open(&circuit));
	return circuit;
}

static void one_probe_goes_out_after_a_second(void)
{
	struct circuit circuit = opened_at(10 * S);
	uint64_t at = 0;

	CHECK(!circuit_admits(&circuit, 10 * S, &at) && at == 11 * S);
	CHECK(!circuit_admits(&circuit, 11 * S - 1, &at) && at == 11 * S);
	CHECK(admits(&circuit, 11 * S));
	CHECK(!circuit_admits(&circuit, 11 * S, &at) && at > 11 * S);
	CHECK(!circuit_admits(&circuit, 50 * S, &at) && at > 50 * S);
}

static void pauses_between_probes_double_up_to_thirty_seconds(void)
{
	static const unsigned pauses_s[] = {1, 2, 4, 8, 16, 30, 30, 30};
	struct circuit circuit = opened_at(0);
	uint64_t now = 0, at;

	for (unsigned i = 0; i < sizeof(pauses_s) / sizeof(pauses_s[0]); i++) {
		CHECK(!circuit_admits(&circuit, now, &at) && at == now + pauses_s[i] * S);
		now = at;
		CHECK(admits(&circuit, now));
		circuit_failed(&circuit, now);
	}
}

static void a_probe_that_succeeds_closes_it_for_good(void)
{
	struct circuit circuit = opened_at(0);
	uint64_t at;

	CHECK(admits(&circuit, 1 * S));
	circuit_failed(&circuit, 1 * S);
	CHECK(admits(&circuit, 3 * S));
	circuit_succeeded(&circuit);
	CHECK(!circuit_is_open(&circuit) && admits(&circuit, 3 * S) && admits(&circuit, 3 * S));
	circuit_failed(&circuit, 4 * S);
	CHECK(!circuit_is_open(&circuit));
	circuit = opened_at(5 * S);
	CHECK(!circuit_admits(&circuit, 5 * S, &at) && at == 6 * S);
}

static void a_probe_that_is_withdrawn_makes_room_for_another(void)
{
	struct circuit circuit = opened_at(0);

	CHECK(admits(&circuit, 1 * S) && !admits(&circuit, 1 * S));
	circuit_withdrawn(&circuit);
	CHECK(circuit_is_open(&circuit) && admits(&circuit, 1 * S) && !admits(&circuit, 1 * S));
	circuit_withdrawn(&circuit);
	circuit_succeeded(&circuit);
	circuit_withdrawn(&circuit);
	CHECK(!circuit_is_open(&circuit) && admits(&circuit, 1 * S));
}

static void a_failure_from_before_it_opened_changes_nothing(void)
{
	struct circuit circuit = opened_at(0);
	uint64_t at;

	circuit_failed(&circuit, S / 2);
	circuit_failed(&circuit, S / 2);
	CHECK(!circuit_admits(&circuit, S / 2, &at) && at == 1 * S);
}

int main(void)
{
	pauses_are_anywhere_below_a_limit_that_doubles();
	retry_after_is_obeyed_up_to_five_minutes();
	three_failures_in_a_row_open_it();
	a_success_in_between_ends_the_row();
	five_seconds_of_failure_open_it();
	one_probe_goes_out_after_a_second();
	pauses_between_probes_double_up_to_thirty_seconds();
	a_probe_that_succeeds_closes_it_for_good();
	a_probe_that_is_withdrawn_makes_room_for_another();
	a_failure_from_before_it_opened_changes_nothing();
	return 0;
}
