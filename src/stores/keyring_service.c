#include "stores/keyring_service.h"

#define PROMPT_MS 1000 /* for one that asks nothing */

/* libsecret's callbacks have no room for a struct of ours. */
static bool is_asking;

static gboolean on_patience_over(gpointer cancellable)
{
	g_cancellable_cancel(cancellable); /* libsecret dismisses the prompt */
	return G_SOURCE_REMOVE;
}

/* libsecret's own never ends when a prompt is dismissed (0.20 and 0.21): that is no error, and no value. */
static void on_performed(GObject *prompt, GAsyncResult *result, gpointer userdata)
{
	g_autoptr(GTask) task = userdata;
	GError *gerror = NULL;
	GVariant *value = secret_prompt_perform_finish(SECRET_PROMPT(prompt), result, &gerror);

	if (value)
		g_task_return_pointer(task, value, (GDestroyNotify)g_variant_unref);
	else if (gerror)
		g_task_return_error(task, gerror);
	else
		g_task_return_new_error(task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "its prompt was dismissed");
}

static void on_prompt(SecretService *service, SecretPrompt *prompt, const GVariantType *type,
		      GCancellable *unused, GAsyncReadyCallback callback, gpointer userdata)
{
	g_autoptr(GCancellable) cancellable = g_cancellable_new();
	GTask *task = g_task_new(service, NULL, callback, userdata);

	(void)unused;
	if (!is_asking) {
		g_autoptr(GSource) patience = g_timeout_source_new(PROMPT_MS);

		g_source_set_callback(patience, on_patience_over, g_object_ref(cancellable), g_object_unref);
		g_source_attach(patience, g_main_context_get_thread_default());
	}
	secret_prompt_perform(prompt, "", type, cancellable, on_performed, task);
}

static GVariant *on_prompt_over(SecretService *service, GAsyncResult *result, GError **error)
{
	(void)service;
	return g_task_propagate_pointer(G_TASK(result), error);
}

static void on_class_init(gpointer class, gpointer data)
{
	SecretServiceClass *service_class = class;

	(void)data;
	service_class->prompt_async = on_prompt;
	service_class->prompt_finish = on_prompt_over;
}

SecretService *keyring_service_open(GError **gerror)
{
	/* libsecret's synchronous functions are made of the others: this is the way of every prompt. */
	GType type = g_type_register_static_simple(SECRET_TYPE_SERVICE, "IamicSecretService",
						   sizeof(SecretServiceClass), on_class_init,
						   sizeof(SecretService), NULL, 0);

	return secret_service_open_sync(type, NULL, SECRET_SERVICE_NONE, NULL, gerror);
}

bool keyring_service_unlock(SecretService *service, gpointer object, bool may_ask, GError **gerror)
{
	g_autoptr(GList) objects = g_list_append(NULL, object);
	GError *own = NULL;
	int n;

	is_asking = may_ask;
	n = secret_service_unlock_sync(service, objects, NULL, NULL, &own);
	is_asking = false;
	if (g_error_matches(own, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		g_clear_error(&own);
	else if (own)
		g_propagate_error(gerror, own);
	return n > 0;
}
