#include "base/secret.h"
#include "base/wipe.h"
#include "check.h"
#include "stores/documents.h"

#define URL "https://d-1234567890.awsapps.com/start"

/* secret: its text lives as long as the request. */
static struct store_request request_of(char *name, char *url, char *region, int64_t generation, char *secret)
{
	return (struct store_request){
		.name = name,
		.start_url = url,
		.region = region,
		.generation = generation,
		.secret = {.data = secret, .len = strlen(secret)},
	};
}

static void put(struct documents *documents, const struct store_request *request)
{
	struct error err;

	CHECK(documents_put(documents, request, &err));
}

static void check_found(const struct documents *documents, const struct store_request *request)
{
	int64_t generation;
	const char *text;

	CHECK(documents_find(documents, request, &text, &generation));
	CHECK_STR(text, request->secret.data);
	CHECK(generation == request->generation);
}

static struct buffer bytes(const char *text)
{
	struct buffer b = BUFFER_INIT(4096, &secret_memory);

	CHECK(buffer_append_text(&b, text));
	return b;
}

static void documents_come_back_as_they_were_put(void)
{
	struct store_request first = request_of((char[]){"corp"}, (char[]){URL}, (char[]){"us-east-1"}, 7,
						(char[]){"{\"a\":\"h\\u00fcnter2\"}"});
	struct store_request second = request_of((char[]){"caf\303\251 \"x\""}, (char[]){URL},
						 (char[]){"eu-west-1"}, INT64_MAX, (char[]){"another"});
	_cleanup_(buffer_clearp) struct buffer plain = BUFFER_INIT(4096, &secret_memory);
	_cleanup_(documents_done) struct documents made, parsed;
	struct error err;

	documents_init(&made);
	put(&made, &first);
	put(&made, &second);
	CHECK(documents_append(&plain, &made));
	CHECK(documents_parse(&plain, "sealed", &parsed, &err));
	check_found(&parsed, &first);
	check_found(&parsed, &second);
}

static void a_document_takes_the_place_of_the_former(void)
{
	struct store_request old =
		request_of((char[]){"corp"}, (char[]){URL}, (char[]){"us-east-1"}, 7, (char[]){"old"});
	struct store_request fresh =
		request_of((char[]){"corp"}, (char[]){URL}, (char[]){"us-east-1"}, 8, (char[]){"fresh"});
	_cleanup_(documents_done) struct documents documents;

	documents_init(&documents);
	put(&documents, &old);
	put(&documents, &fresh);
	check_found(&documents, &fresh);
	CHECK(documents_remove(&documents, &fresh));
	CHECK(!documents_remove(&documents, &fresh));
}

/* A token goes only to where it was issued: all three say whose it is. */
static void sessions_of_one_name_at_other_addresses_do_not_mix(void)
{
	struct store_request mine =
		request_of((char[]){"corp"}, (char[]){URL}, (char[]){"us-east-1"}, 7, (char[]){"mine"});
	struct store_request others[] = {
		request_of((char[]){"Corp"}, (char[]){URL}, (char[]){"us-east-1"}, 1, (char[]){"1"}),
		request_of((char[]){"corp"}, (char[]){URL "/"}, (char[]){"us-east-1"}, 1, (char[]){"2"}),
		request_of((char[]){"corp"}, (char[]){URL}, (char[]){"us-east-2"}, 1, (char[]){"3"}),
		request_of((char[]){"corp"}, (char[]){"us-east-1"}, (char[]){URL}, 1, (char[]){"4"}),
		request_of((char[]){"corp"}, (char[]){""}, (char[]){""}, 1, (char[]){"5"}),
	};
	_cleanup_(documents_done) struct documents documents;
	int64_t generation;
	const char *text;

	documents_init(&documents);
	put(&documents, &mine);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		CHECK(!documents_find(&documents, &others[i], &text, &generation));
		CHECK(!documents_remove(&documents, &others[i]));
		put(&documents, &others[i]);
	}
	check_found(&documents, &mine);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		check_found(&documents, &others[i]);
}

/* Authenticated as it is, it may be of a version with a fault. */
static void a_session_that_is_there_twice_is_replaced_and_removed_whole(void)
{
#define TWIN                                                                                                 \
	"{\"name\":\"corp\",\"startUrl\":\"" URL                                                             \
	"\",\"region\":\"us-east-1\",\"generation\":3,\"secret\":\"old\"}"
	_cleanup_(buffer_clearp) struct buffer plain = bytes("{\"documents\":[" TWIN "," TWIN "]}");
	struct store_request fresh =
		request_of((char[]){"corp"}, (char[]){URL}, (char[]){"us-east-1"}, 7, (char[]){"new"});
	_cleanup_(documents_done) struct documents documents;
	struct error err;

	CHECK(documents_parse(&plain, "sealed", &documents, &err));
	put(&documents, &fresh);
	check_found(&documents, &fresh);
	CHECK(documents_remove(&documents, &fresh));
	CHECK(!documents_remove(&documents, &fresh));
}

static void what_holds_no_documents_is_refused_without_quoting_it(void)
{
	static const char *const bad[] = {
		"hunter2",
		"[]",
		"{\"documents\":\"hunter2\"}",
		"{\"documents\":{}}",
		"{\"documents\":[\"hunter2\"]}",
		"{\"documents\":[{\"name\":\"a\",\"startUrl\":\"b\",\"region\":\"c\",\"generation\":1}]}",
		"{\"documents\":[{\"name\":\"a\",\"startUrl\":\"b\",\"region\":\"c\",\"generation\":\"1\","
		"\"secret\":\"hunter2\"}]}",
		"{\"documents\":[{\"name\":1,\"startUrl\":\"b\",\"region\":\"c\",\"generation\":1,"
		"\"secret\":\"hunter2\"}]}",
		"{\"documents\":[]}hunter2",
		"{\"documents\":[],\"documents\":[]}",
		"{\"documents\":[",
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		_cleanup_(documents_done) struct documents documents = {0};
		_cleanup_(buffer_clearp) struct buffer plain = bytes(bad[i]);
		struct error err = {0};

		CHECK(!documents_parse(&plain, "'/x/sealed'", &documents, &err));
		CHECK(strstr(err.message, "/x/sealed") && !strstr(err.message, "hunter2"));
	}
}

int main(void)
{
	static const struct json_memory memory = {wipe_malloc, secret_malloc, secret_release};
	bool locked;

	CHECK(secret_init(&locked));
	json_use_memory(&memory);
	documents_come_back_as_they_were_put();
	a_document_takes_the_place_of_the_former();
	sessions_of_one_name_at_other_addresses_do_not_mix();
	a_session_that_is_there_twice_is_replaced_and_removed_whole();
	what_holds_no_documents_is_refused_without_quoting_it();
	return 0;
}
