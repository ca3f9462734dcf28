#include "aws/credentials.h"

#include "aws.h"
#include "base/xalloc.h"
#include "check.h"

#define NOW INT64_C(1769860800)
#define MIN INT64_C(60)

static struct credentials granted(int64_t life_s)
{
	return (struct credentials){.granted_at = NOW, .expires_at = NOW + life_s};
}

static void check_last_good(int64_t life_s, int64_t want_s)
{
	struct credentials credentials = granted(life_s);

	CHECK(credentials_are_good(&credentials, NOW));
	CHECK(credentials_are_good(&credentials, NOW + want_s));
	CHECK(!credentials_are_good(&credentials, NOW + want_s + 1));
}

static void more_than_fifteen_minutes_must_be_left_where_aws_grants_it(void)
{
	check_last_good(12 * 60 * MIN, (12 * 60 - 15) * MIN - 1);
	check_last_good(60 * MIN, 45 * MIN - 1);
	check_last_good(20 * MIN, 5 * MIN - 1);
}

static void a_short_grant_is_good_to_a_quarter_of_its_life(void)
{
	check_last_good(20 * MIN - 1, 15 * MIN - 1);
	check_last_good(16 * MIN, 12 * MIN - 1);
	check_last_good(8 * MIN, 6 * MIN - 1);
	check_last_good(8, 5);
	check_last_good(1, 0);
}

static void what_has_expired_is_not_good(void)
{
	struct credentials credentials = granted(60 * MIN), dead = granted(0), odd = granted(-5);

	CHECK(!credentials_are_expired(&credentials, NOW + 60 * MIN - 1));
	CHECK(credentials_are_expired(&credentials, NOW + 60 * MIN));
	CHECK(credentials_are_expired(&dead, NOW) && !credentials_are_good(&dead, NOW));
	CHECK(credentials_are_expired(&odd, NOW) && !credentials_are_good(&odd, NOW));
}

static void they_are_renewed_before_they_stop_being_good(void)
{
	static const int64_t lives[] = {43200, 3600, 1201, 1200, 1199, 900, 60, 8, 4, 3};

	for (size_t i = 0; i < ARRAY_SIZE(lives); i++) {
		struct credentials credentials = granted(lives[i]);
		int64_t last = credentials_renew_at(&credentials, 0);

		for (unsigned jitter = 0; jitter < 1024; jitter++) {
			int64_t at = credentials_renew_at(&credentials, jitter);

			CHECK(at > NOW && at <= last);
			CHECK(credentials_are_good(&credentials, at - 1));
		}
	}
}

static void an_hour_is_renewed_some_minutes_ahead(void)
{
	struct credentials credentials = granted(60 * MIN), dead = granted(0);

	CHECK(credentials_renew_at(&credentials, 0) == NOW + 40 * MIN);
	CHECK(credentials_renew_at(&credentials, 1023) >= NOW + 37 * MIN);
	CHECK(credentials_renew_at(&dead, 1023) == NOW + 1);
}

static void the_last_renewal_is_shortly_before_the_portal_session_ends(void)
{
	static const struct {
		int64_t length, latest, earliest; /* of the session; from its begin */
	} sessions[] = {{8 * 60 * MIN, 470 * MIN, 465 * MIN}, {80 * MIN, 70 * MIN, 65 * MIN}, {40, 35, 33}};

	for (size_t i = 0; i < ARRAY_SIZE(sessions); i++) {
		struct credentials credentials = granted(60 * MIN);
		int64_t ends = NOW + sessions[i].length;

		CHECK(credentials_last_renewal_at(&credentials, NOW, ends, 0) == NOW + sessions[i].latest);
		for (unsigned jitter = 0; jitter < 1024; jitter++) {
			int64_t at = credentials_last_renewal_at(&credentials, NOW, ends, jitter);

			CHECK(at >= NOW + sessions[i].earliest && at <= NOW + sessions[i].latest);
			credentials.granted_at = at; /* whatever the jitter of the next */
			CHECK(credentials_last_renewal_at(&credentials, NOW, ends, 0) == 0);
			CHECK(credentials_last_renewal_at(&credentials, NOW, ends, 1023) == 0);
			credentials.granted_at = NOW;
		}
	}
}

static void without_a_known_end_there_is_no_last_renewal(void)
{
	struct credentials credentials = granted(60 * MIN), late = granted(60 * MIN);

	late.granted_at = NOW + 9 * 60 * MIN; /* the session lasts longer than was foretold */
	CHECK(credentials_last_renewal_at(&credentials, 0, 0, 0) == 0);
	CHECK(credentials_last_renewal_at(&credentials, NOW, 0, 512) == 0);
	CHECK(credentials_last_renewal_at(&credentials, NOW, NOW, 0) == 0);
	CHECK(credentials_last_renewal_at(&late, NOW, NOW + 8 * 60 * MIN, 0) == 0);
}

static struct credentials *with_document(const char *document)
{
	struct credentials *credentials = xcalloc(1, sizeof(*credentials));

	credentials->document = secret_new(document, strlen(document));
	CHECK(credentials->document);
	return credentials;
}

static const char document[] = "{\"Version\":1,\"AccessKeyId\":\"ASIAX\",\"SecretAccessKey\":\"" SECRET
			       "\",\"SessionToken\":\"token\",\"Expiration\":\"2026-01-31T12:00:00Z\","
			       "\"AccountId\":\"123456789012\"}";

static void a_signed_call_gets_the_keys(void)
{
	_cleanup_(credentials_freep) struct credentials *credentials = with_document(document);
	_cleanup_(role_keys_freep) struct role_keys *keys = credentials_keys(credentials);

	CHECK(keys);
	CHECK_STR(secret_text(keys->access_key_id), "ASIAX");
	CHECK_STR(secret_text(keys->secret_access_key), SECRET);
	CHECK_STR(secret_text(keys->session_token), "token");
}

static void no_keys_come_from_what_is_no_document(void)
{
	static const char *const cases[] = {
		"", "{}", "hunter2", "{\"AccessKeyId\":\"a\"}",
		"{\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"b\",\"SessionToken\":7}"};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(credentials_freep) struct credentials *credentials = with_document(cases[i]);

		CHECK(!credentials_keys(credentials));
	}
}

static void a_full_arena_gives_none(void)
{
	_cleanup_(credentials_freep) struct credentials *credentials = with_document(document);
	_cleanup_(role_keys_freep) struct role_keys *keys = NULL;
	static struct hoard hoard;

	hoard_fill(&hoard);
	keys = credentials_keys(credentials);
	hoard_release(&hoard);
	CHECK(!keys);
}

static void nothing_may_be_freed(void)
{
	CHECK(!credentials_free(NULL) && !role_keys_free(NULL));
}

int main(void)
{
	use_memory_as_the_daemon_does();
	more_than_fifteen_minutes_must_be_left_where_aws_grants_it();
	a_short_grant_is_good_to_a_quarter_of_its_life();
	what_has_expired_is_not_good();
	they_are_renewed_before_they_stop_being_good();
	an_hour_is_renewed_some_minutes_ahead();
	the_last_renewal_is_shortly_before_the_portal_session_ends();
	without_a_known_end_there_is_no_last_renewal();
	a_signed_call_gets_the_keys();
	no_keys_come_from_what_is_no_document();
	a_full_arena_gives_none();
	nothing_may_be_freed();
	return 0;
}
