/*
 *	{"documents":[
 *	  {"name":"corp","startUrl":"https://…","region":"us-east-1","generation":7,"secret":"…"}
 *	]}
 */
#include "stores/documents.h"

#include <string.h>

void documents_done(struct documents *documents)
{
	json_decref(documents->list);
	documents->list = NULL;
}

void documents_init(struct documents *documents)
{
	documents->list = json_array();
}

static bool is_document(const json_t *document)
{
	return json_is_string(json_object_get(document, "name")) &&
	       json_is_string(json_object_get(document, "startUrl")) &&
	       json_is_string(json_object_get(document, "region")) &&
	       json_is_integer(json_object_get(document, "generation")) &&
	       json_is_string(json_object_get(document, "secret"));
}

bool documents_parse(const struct buffer *plain, const char *path, struct documents *ret, struct error *err)
{
	_cleanup_json_ json_t *root = NULL;
	const json_t *document;
	json_t *list;
	size_t i;

	if (!json_parse_secret(plain->data, plain->len, path, &root, err))
		return false;
	list = json_object_get(root, "documents");
	if (!json_is_array(list))
		return error_set(err, ERROR_STORE, "'%s' holds no documents: move it away and sign in again",
				 path);
	json_array_foreach (list, i, document) {
		if (!is_document(document))
			return error_set(err, ERROR_STORE,
					 "'%s' holds something that is no document: move it away and sign in "
					 "again",
					 path);
	}
	ret->list = json_incref(list);
	return true;
}

bool documents_append(struct buffer *out, const struct documents *documents)
{
	_cleanup_json_ json_t *root = json_pack("{s:O}", "documents", documents->list);

	return root && json_append(out, root);
}

static bool is_text(const json_t *document, const char *member, const char *text)
{
	return strcmp(json_string_value(json_object_get(document, member)), text) == 0;
}

static size_t find(const struct documents *documents, const struct store_request *request)
{
	const json_t *document;
	size_t i;

	json_array_foreach (documents->list, i, document) {
		if (is_text(document, "name", request->name) &&
		    is_text(document, "startUrl", request->start_url) &&
		    is_text(document, "region", request->region))
			break;
	}
	return i;
}

bool documents_find(const struct documents *documents, const struct store_request *request,
		    const char **ret_text, int64_t *ret_generation)
{
	const json_t *document = json_array_get(documents->list, find(documents, request));

	if (!document)
		return false;
	*ret_text = json_string_value(json_object_get(document, "secret"));
	*ret_generation = json_integer_value(json_object_get(document, "generation"));
	return true;
}

bool documents_put(struct documents *documents, const struct store_request *request, struct error *err)
{
	json_t *document = json_pack_secret("{s:s, s:s, s:s, s:I, s:s%}", "name", request->name, "startUrl",
					    request->start_url, "region", request->region, "generation",
					    (json_int_t)request->generation, "secret", request->secret.data,
					    request->secret.len);

	documents_remove(documents, request);
	if (!document || json_array_append_new(documents->list, document) < 0)
		return error_set(err, ERROR_STORE,
				 "the request's secret is not text, or there is no memory for it");
	return true;
}

/* Whatever there is of the session, should it be there twice. */
bool documents_remove(struct documents *documents, const struct store_request *request)
{
	bool was_there = false;

	while (json_array_remove(documents->list, find(documents, request)) == 0)
		was_there = true;
	return was_there;
}
