// SPDX-License-Identifier: GPL-3.0-or-later
#include "control/service.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "control/interface.h"
#include "control/status_json.h"

void service_reply_done(struct service_reply *reply)
{
    json_object_put(reply->parameters);
    *reply = (struct service_reply){0};
}

/* The answer, taking the parameters; NULL is a failure to make them. */
static int answer(struct service_reply *ret_reply, const char *error, struct json_object *parameters)
{
    if (!parameters)
        return -ENOMEM;
    *ret_reply = (struct service_reply){.error = error, .parameters = parameters};
    return SERVICE_REPLIED;
}

struct json_object *service_named(const char *key, const char *value)
{
    _cleanup_json_ struct json_builder json = json_begin();

    json_add_text(&json, key, value);
    return json_finish(&json);
}

static int refuse_parameter(struct service_reply *ret_reply, const char *parameter)
{
    return answer(ret_reply, MESSAGE_ERROR_INVALID_PARAMETER, service_named("parameter", parameter));
}

/* sites */

static struct site_status site_at(const struct service *service, size_t index)
{
    struct site_status status;

    service->source->site(service->source->context, index, &status);
    return status;
}

size_t service_seek_site(const struct service *service, const char *name)
{
    size_t low = 0, high = service->source->n_sites(service->source->context);

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (strcmp(site_at(service, middle).site, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

size_t service_find_site(const struct service *service, const char *name)
{
    size_t n = service->source->n_sites(service->source->context);
    size_t index = service_seek_site(service, name);

    return index < n && text_equal(site_at(service, index).site, name) ? index : n;
}

static struct json_object *known_sites(const struct service *service)
{
    _cleanup_(json_freep) struct json_object *array = json_object_new_array();
    size_t n = service->source->n_sites(service->source->context);

    if (!array)
        return NULL;
    for (size_t i = 0; i < n; i++)
        if (json_append(array, json_new_text(site_at(service, i).site)) < 0)
            return NULL;
    return steal_pointer(&array);
}

struct json_object *service_unknown_site(const struct service *service, const char *site)
{
    _cleanup_json_ struct json_builder json = json_begin();

    json_add_text(&json, "site", site);
    json_add(&json, "known", known_sites(service));
    return json_finish(&json);
}

/* parameters */

/* The name of the first parameter that `known` does not list (NULL at its end); NULL where there is none. */
static const char *unknown_parameter(const struct message_call *call, const char *const *known)
{
    if (!call->parameters)
        return NULL;
    json_object_object_foreach(call->parameters, key, value)
    {
        const char *const *name = known;

        (void)value;
        while (*name && !text_equal(*name, key))
            name++;
        if (!*name)
            return key;
    }
    return NULL;
}

/* A text without a NUL inside; NULL where it is absent or null. False where it is something else. */
static bool text_parameter(const struct message_call *call, const char *key, const char **ret_text)
{
    struct json_object *value = NULL;

    *ret_text = NULL;
    if (!call->parameters || !json_object_object_get_ex(call->parameters, key, &value) || !value)
        return true;
    if (!json_object_is_type(value, json_type_string))
        return false;
    *ret_text = json_object_get_string(value);
    return strlen(*ret_text) == (size_t)json_object_get_string_len(value);
}

static const char *const no_parameters[] = {NULL};
static const char *const site_parameter[] = {"site", NULL};
static const char *const interface_parameter[] = {"interface", NULL};

/* org.varlink.service */

static struct json_object *interface_names(void)
{
    _cleanup_(json_freep) struct json_object *array = json_object_new_array();

    if (!array)
        return NULL;
    for (const struct interface *interface = interfaces; interface->name; interface++)
        if (json_append(array, json_new_text(interface->name)) < 0)
            return NULL;
    return steal_pointer(&array);
}

static int call_get_info(const struct service *service, const struct message_call *call,
                         struct service_reply *ret_reply)
{
    _cleanup_json_ struct json_builder json = json_begin();
    const char *unknown = unknown_parameter(call, no_parameters);
    struct daemon_status status;

    if (unknown)
        return refuse_parameter(ret_reply, unknown);
    service->source->daemon(service->source->context, &status);
    json_add_text(&json, "vendor", PACKAGE_NAME);
    json_add_text(&json, "product", PACKAGE_NAME);
    json_add_text(&json, "version", status.version);
    json_add_text(&json, "url", PACKAGE_URL);
    json_add(&json, "interfaces", interface_names());
    return answer(ret_reply, NULL, json_finish(&json));
}

static int call_get_interface_description(const struct service *service, const struct message_call *call,
                                          struct service_reply *ret_reply)
{
    const char *unknown = unknown_parameter(call, interface_parameter), *name;

    (void)service;
    if (unknown || !text_parameter(call, "interface", &name) || !name)
        return refuse_parameter(ret_reply, unknown ? unknown : "interface");
    for (const struct interface *interface = interfaces; interface->name; interface++)
        if (text_equal(interface->name, name))
            return answer(ret_reply, NULL, service_named("description", interface->text));
    return answer(ret_reply, MESSAGE_ERROR_INTERFACE_NOT_FOUND, service_named("interface", name));
}

/* io.adminkeyd.Control */

static struct json_object *daemon_json(const struct service *service)
{
    struct daemon_status status;

    service->source->daemon(service->source->context, &status);
    return status_json_daemon(&status);
}

struct json_object *service_site_status(const struct service *service, const struct site_status *status)
{
    _cleanup_json_ struct json_builder json = json_begin();

    json_add(&json, "daemon", daemon_json(service));
    json_add(&json, "site", status_json_site(status));
    return json_finish(&json);
}

static struct json_object *all_sites(const struct service *service)
{
    _cleanup_(json_freep) struct json_object *array = json_object_new_array();
    size_t n = service->source->n_sites(service->source->context);

    if (!array)
        return NULL;
    for (size_t i = 0; i < n; i++) {
        struct site_status status = site_at(service, i);

        if (json_append(array, status_json_site(&status)) < 0)
            return NULL;
    }
    return steal_pointer(&array);
}

static int status_at_once(const struct service *service, const char *site, struct service_reply *ret_reply)
{
    _cleanup_json_ struct json_builder json = {0};

    if (site) {
        struct site_status status = site_at(service, service_find_site(service, site));

        return answer(ret_reply, NULL, service_site_status(service, &status));
    }
    json = json_begin();
    json_add(&json, "daemon", daemon_json(service));
    json_add(&json, "sites", all_sites(service));
    return answer(ret_reply, NULL, json_finish(&json));
}

/* Reads the parameter that Status and Monitor share. 0, or SERVICE_REPLIED with what is wrong about it. */
static int read_site(const struct service *service, const struct message_call *call, const char **ret_site,
                     struct service_reply *ret_reply)
{
    const char *unknown = unknown_parameter(call, site_parameter), *site;

    if (unknown || !text_parameter(call, "site", &site))
        return refuse_parameter(ret_reply, unknown ? unknown : "site");
    if (site && service_find_site(service, site) == service->source->n_sites(service->source->context))
        return answer(ret_reply, SERVICE_ERROR_UNKNOWN_SITE, service_unknown_site(service, site));
    *ret_site = site;
    return 0;
}

static int call_status(const struct service *service, const struct message_call *call,
                       struct service_reply *ret_reply)
{
    const char *site;
    int r = read_site(service, call, &site, ret_reply);

    if (r != 0)
        return r;
    return call->more ? SERVICE_STREAMS_STATUS : status_at_once(service, site, ret_reply);
}

static int call_monitor(const struct service *service, const struct message_call *call,
                        struct service_reply *ret_reply)
{
    const char *site;
    int r = read_site(service, call, &site, ret_reply);

    return r != 0 ? r : SERVICE_STREAMS_CHANGES;
}

static struct json_object *rejected_errors(const struct service *service)
{
    _cleanup_json_ struct json_builder json = json_begin();
    struct daemon_status daemon;

    service->source->daemon(service->source->context, &daemon);
    json_add(&json, "errors",
             daemon.rejected ? status_json_problems(daemon.rejected, false) : json_object_new_array());
    return json_finish(&json);
}

static int call_reload(const struct service *service, const struct message_call *call,
                       struct service_reply *ret_reply)
{
    const char *unknown = unknown_parameter(call, no_parameters);
    int r;

    if (unknown)
        return refuse_parameter(ret_reply, unknown);
    r = service->source->reload(service->source->context);
    if (r < 0)
        return r;
    if (r == CONTROL_RELOAD_REFUSED)
        return answer(ret_reply, SERVICE_ERROR_BAD_POLICY, rejected_errors(service));
    return answer(ret_reply, NULL, json_object_new_object());
}

static const struct service_method methods[] = {
    {"org.varlink.service.GetInfo", ACCESS_ANYBODY, call_get_info},
    {"org.varlink.service.GetInterfaceDescription", ACCESS_ANYBODY, call_get_interface_description},
    {SERVICE_INTERFACE ".Status", ACCESS_VIEWERS, call_status, .costly = true},
    {SERVICE_INTERFACE ".Monitor", ACCESS_VIEWERS, call_monitor, .only_more = true},
    {SERVICE_INTERFACE ".Reload", ACCESS_OPERATORS, call_reload, .costly = true},
};

const struct service_method *service_methods(size_t *ret_n)
{
    *ret_n = ARRAY_SIZE(methods);
    return methods;
}

static const struct service_method *find_method(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(methods); i++)
        if (text_equal(methods[i].name, name))
            return &methods[i];
    return NULL;
}

/* MethodNotFound where the part before the last dot is an interface of ours, else InterfaceNotFound. */
static int refuse_unknown_method(const char *method, struct service_reply *ret_reply)
{
    const char *dot = strrchr(method, '.');
    size_t length = dot ? (size_t)(dot - method) : strlen(method);
    _cleanup_free_ char *name = strndup(method, length);

    if (!name)
        return -ENOMEM;
    for (const struct interface *interface = interfaces; interface->name; interface++)
        if (text_equal(interface->name, name))
            return answer(ret_reply, MESSAGE_ERROR_METHOD_NOT_FOUND, service_named("method", method));
    return answer(ret_reply, MESSAGE_ERROR_INTERFACE_NOT_FOUND, service_named("interface", name));
}

int service_call(const struct service *service, const struct peer *peer, const struct message_call *call,
                 struct service_reply *ret_reply, const char **ret_site, enum access *ret_access)
{
    const struct service_method *method = find_method(call->method);
    struct json_object *site = NULL;
    int r;

    if (!method)
        return refuse_unknown_method(call->method, ret_reply);
    if (!bouncer_allows(service->bouncer, peer, method->access))
        return answer(ret_reply, SERVICE_ERROR_NOT_AUTHORIZED, json_object_new_object());
    if (method->only_more && !call->more)
        return answer(ret_reply, MESSAGE_ERROR_EXPECTED_MORE, json_object_new_object());
    r = method->handle(service, call, ret_reply);
    ret_reply->costly = method->costly;
    if (r == SERVICE_STREAMS_STATUS || r == SERVICE_STREAMS_CHANGES) {
        json_object_object_get_ex(call->parameters, "site", &site);
        *ret_site = site ? json_object_get_string(site) : NULL;
        *ret_access = method->access;
    }
    return r;
}
