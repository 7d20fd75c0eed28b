// SPDX-License-Identifier: GPL-3.0-or-later
#include "adminkeyctl/setup_policy.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "os/zone_file.h"

#define VALUE_MAX (4 * SETUP_ANSWER_MAX)

/* A single-quoted scalar: nothing in it means anything to YAML but the quote itself, which is doubled. */
static const char *quote(char buffer[static VALUE_MAX], const char *text)
{
    size_t n = 0;

    buffer[n++] = '\'';
    for (; *text && n + 3 < VALUE_MAX; text++) {
        if (*text == '\'')
            buffer[n++] = '\'';
        buffer[n++] = *text;
    }
    buffer[n++] = '\'';
    buffer[n] = '\0';
    return buffer;
}

static int write_list(struct bytes *bytes, const char *text, size_t size)
{
    int r = bytes_append_text(bytes, "[");

    for (size_t at = 0; r == 0 && at < size;) {
        size_t length = strcspn(text + at, ", ");

        r = bytes_printf(bytes, "%s'%.*s'", at > 0 ? ", " : "", (int)length, text + at);
        at += length + 1;
    }
    return r < 0 ? r : bytes_append_text(bytes, "]\n");
}

/* `indent` is that of the site's keys. */
static int write_hours(struct bytes *bytes, const char *hours, int indent)
{
    size_t days = strcspn(hours, " ");
    int r;

    if (text_equal(hours, "never"))
        return bytes_printf(bytes, "%*sactive_hours: never\n", indent, "");
    r = bytes_printf(bytes, "%*sactive_hours:\n%*s  - weekdays: ", indent, "", indent, "");
    if (r == 0)
        r = write_list(bytes, hours, days);
    if (r == 0)
        r = bytes_printf(bytes, "%*s    times: ", indent, "");
    return r < 0 ? r : write_list(bytes, hours + days + 1, strlen(hours + days + 1));
}

static int write_key(struct bytes *bytes, int indent, const char *key, const char *value)
{
    char quoted[VALUE_MAX];

    return bytes_printf(bytes, "%*s%s: %s\n", indent, "", key,
                        text_equal(key, "enforce") ? value : quote(quoted, value));
}

/* The keys of a site that are single values, with the answer that each is. */
static const struct {
    const char *key;
    enum setup_answer answer;
} keys[] = {
    {"url", ANSWER_URL},         {"user", ANSWER_USER_EMAIL}, {"proxy", ANSWER_PROXY},
    {"ca_file", ANSWER_CA_FILE}, {"enforce", ANSWER_ENFORCE},
};

static int write_site(const struct setup_answers *answers, const char *token, int indent, const char *zone,
                      struct bytes *bytes)
{
    int r = bytes_printf(bytes, "%*s%s:\n", indent, "", answers->text[ANSWER_SITE_NAME]);
    int inner = indent + 2;

    for (size_t i = 0; r == 0 && i < ARRAY_SIZE(keys); i++) {
        const char *value = answers->text[keys[i].answer];

        if (value && !(keys[i].answer == ANSWER_ENFORCE && text_equal(value, "yes")))
            r = write_key(bytes, inner, keys[i].key, value);
        if (r == 0 && keys[i].answer == ANSWER_USER_EMAIL)
            r = write_key(bytes, inner, "token", token);
    }
    if (r == 0 && zone)
        r = write_key(bytes, inner, "timezone", zone);
    if (r == 0 && answers->text[ANSWER_HOURS])
        r = write_hours(bytes, answers->text[ANSWER_HOURS], inner);
    return r;
}

int setup_policy_write_site(const struct setup_answers *answers, const char *token, struct bytes *bytes)
{
    return write_site(answers, token, 2, answers->text[ANSWER_TIMEZONE], bytes);
}

int setup_policy_write_new(const struct setup_answers *answers, const char *token, struct bytes *bytes)
{
    const char *zone = answers->text[ANSWER_TIMEZONE];
    char quoted[VALUE_MAX];
    int r;

    r = bytes_append_text(bytes,
                          "# Written by 'adminkeyctl setup', and yours to change: adminkeyd-policy(5)\n"
                          "# explains every key, and 'adminkeyctl check' names every mistake.\n\n"
                          "version: 1\n");
    if (r == 0)
        r = bytes_printf(bytes, "timezone: %s\n\nsites:\n", quote(quoted, zone ? zone : "UTC"));
    return r < 0 ? r : write_site(answers, token, 2, NULL, bytes);
}

/* Lines of the policy that stands there. */

struct span {
    size_t from, until; /* offsets of the text: whole lines */
    int indent;         /* of what the span is for */
};

static size_t line_end(const char *text, size_t size, size_t at)
{
    const char *end = memchr(text + at, '\n', size - at);

    return end ? (size_t)(end - text) + 1 : size;
}

/* How far in the line begins; -1: it is empty or a comment. */
static int indent_of(const char *text, size_t at, size_t end)
{
    size_t first = at;

    while (first < end && text[first] == ' ')
        first++;
    return first == end || strchr("\n\r#", text[first]) ? -1 : (int)(first - at);
}

/* What lies deeper than the line at `at`, up to `limit`; the span begins with that line. A list may stand as
 * deep as its key. */
static struct span block_at(const char *text, size_t limit, size_t at)
{
    struct span span = {.from = at, .until = line_end(text, limit, at)};

    span.indent = indent_of(text, at, span.until);
    for (size_t line = span.until; line < limit; line = line_end(text, limit, line)) {
        size_t end = line_end(text, limit, line);
        int indent = indent_of(text, line, end);

        if (indent < 0)
            continue;
        if (indent < span.indent || (indent == span.indent && text[line + (size_t)indent] != '-'))
            break;
        span.until = end;
    }
    return span;
}

/* False: the site has no lines of its own, for instance in flow style. */
static bool find_site(const struct policy_input *present, const char *name, struct span *ret_span)
{
    const struct policy_site *site = policy_find_site(present->policy, name);
    const char *line;
    size_t size;

    if (!site || !policy_input_line(present, site->line, &line, &size))
        return false;
    *ret_span = block_at(present->text.data, present->text.size, (size_t)(line - present->text.data));
    return ret_span->until > line_end(present->text.data, present->text.size, ret_span->from);
}

static int inner_indent(const char *text, const struct span *site)
{
    for (size_t at = line_end(text, site->until, site->from); at < site->until;
         at = line_end(text, site->until, at)) {
        int indent = indent_of(text, at, line_end(text, site->until, at));

        if (indent >= 0)
            return indent;
    }
    return site->indent + 2;
}

static bool find_key(const char *text, const struct span *site, int indent, const char *key,
                     struct span *ret_span)
{
    size_t size = strlen(key);

    for (size_t at = line_end(text, site->until, site->from); at < site->until;
         at = line_end(text, site->until, at)) {
        size_t end = line_end(text, site->until, at), word = at + (size_t)indent;

        if (indent_of(text, at, end) == indent && end - word > size && strncmp(text + word, key, size) == 0 &&
            text[word + size] == ':') {
            *ret_span = block_at(text, site->until, at);
            return true;
        }
    }
    return false;
}

static int splice(struct bytes *bytes, size_t from, size_t until, const struct bytes *middle)
{
    struct bytes whole = BYTES_INIT(POLICY_BYTES_MAX);
    int r;

    r = bytes_append(&whole, bytes_text(bytes), from);
    if (r == 0 && from > 0 && bytes->data[from - 1] != '\n')
        r = bytes_append_text(&whole, "\n");
    if (r == 0)
        r = bytes_append(&whole, bytes_text(middle), middle->size);
    if (r == 0)
        r = bytes_append(&whole, bytes_text(bytes) + until, bytes->size - until);
    if (r < 0) {
        bytes_done(&whole);
        return r;
    }
    bytes_done(bytes);
    *bytes = whole;
    return 0;
}

/* The site's lines anew: `line` in place of the key's, or as the first of them. The site is where it was,
 * only its end moves. */
static int put_key(struct bytes *bytes, struct span *site, const char *key, const struct bytes *line)
{
    int indent = inner_indent(bytes->data, site);
    size_t before = bytes->size;
    struct span span;
    int r;

    if (!find_key(bytes->data, site, indent, key, &span)) {
        span.from = line_end(bytes->data, site->until, site->from);
        span.until = span.from;
    }
    r = splice(bytes, span.from, span.until, line);
    if (r == 0)
        site->until += bytes->size - before;
    return r;
}

static const char *present_value(const struct policy_site *site, enum setup_answer answer)
{
    switch (answer) {
    case ANSWER_URL: return site->url;
    case ANSWER_USER_EMAIL: return site->user;
    case ANSWER_PROXY: return site->proxy;
    case ANSWER_CA_FILE: return site->ca_file;
    case ANSWER_ENFORCE: return site->enforce ? "yes" : "no";
    case ANSWER_TIMEZONE: return zone_name(site->zone);
    default: return NULL;
    }
}

static int change_value(struct bytes *bytes, struct span *site, const char *key, const char *present,
                        const char *value)
{
    _cleanup_(bytes_donep) struct bytes line = BYTES_INIT(VALUE_MAX + 128);
    int r;

    if (!value || (present && text_equal(present, value)))
        return 0;
    r = write_key(&line, inner_indent(bytes->data, site), key, value);
    return r < 0 ? r : put_key(bytes, site, key, &line);
}

static int change_site(const struct policy_site *present, const struct setup_answers *answers,
                       const char *token, struct span *span, struct bytes *bytes)
{
    _cleanup_(bytes_donep) struct bytes hours = BYTES_INIT(VALUE_MAX);
    int r = 0;

    for (size_t i = 0; r == 0 && i < ARRAY_SIZE(keys); i++)
        r = change_value(bytes, span, keys[i].key, present_value(present, keys[i].answer),
                         answers->text[keys[i].answer]);
    if (r == 0)
        r = change_value(bytes, span, "timezone", zone_name(present->zone), answers->text[ANSWER_TIMEZONE]);
    if (r == 0)
        r = change_value(bytes, span, "token", present->token, token);
    if (r == 0 && answers->text[ANSWER_HOURS])
        r = write_hours(&hours, answers->text[ANSWER_HOURS], inner_indent(bytes->data, span));
    return r == 0 && hours.size > 0 ? put_key(bytes, span, "active_hours", &hours) : r;
}

/* Behind the last of its sites' lines. */
static int add_site(const struct policy_input *present, const struct setup_answers *answers,
                    const char *token, struct bytes *bytes)
{
    _cleanup_(bytes_donep) struct bytes lines = BYTES_INIT(POLICY_BYTES_MAX);
    const char *zone = answers->text[ANSWER_TIMEZONE];
    struct span last = {0}, span;
    int r;

    for (size_t i = 0; i < present->policy->n_sites; i++) {
        if (!find_site(present, present->policy->sites[i].name, &span))
            return SETUP_POLICY_REFUSED;
        if (span.until > last.until)
            last = span;
    }
    if (zone && present->policy->zone && text_equal(zone, zone_name(present->policy->zone)))
        zone = NULL;
    r = bytes_append_text(&lines, "\n");
    if (r == 0)
        r = write_site(answers, token, last.indent, zone, &lines);
    return r < 0 ? r : splice(bytes, last.until, last.until, &lines);
}

/* What was written must be read as it was meant. */
static bool says(const struct policy *policy, const struct policy_input *present,
                 const struct setup_answers *answers, const char *token)
{
    const struct policy_site *site = policy_find_site(policy, answers->text[ANSWER_SITE_NAME]);
    size_t n_sites = present ? present->policy->n_sites : 0;

    if (!site || !text_equal(site->token, token))
        return false;
    for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
        const char *wanted = answers->text[keys[i].answer], *found = present_value(site, keys[i].answer);

        if (wanted && !(found && text_equal(found, wanted)))
            return false;
    }
    return policy->n_sites == n_sites + (present && policy_find_site(present->policy, site->name) ? 0 : 1);
}

static int read_back(const struct bytes *text, struct policy **ret_policy, struct error *ret_error)
{
    _cleanup_(problems_done) struct problems problems = PROBLEMS_INIT;
    const struct zone_reader zones = {.read = zone_file_read};
    int r = policy_parse(bytes_text(text), text->size, &zones, &problems, ret_policy);

    for (size_t i = 0; i < problems.n && !*ret_error->text; i++)
        if (!problems.list[i].warning)
            error_set(ret_error, "%s: %s", problems.list[i].key, problems.list[i].message);
    return r == 0 || r == -ENOMEM ? r : SETUP_POLICY_REFUSED;
}

int setup_policy_check(const struct bytes *text, struct error *ret_error)
{
    _cleanup_(policy_freep) struct policy *policy = NULL;

    return read_back(text, &policy, ret_error);
}

static int check(const struct policy_input *present, const struct setup_answers *answers, const char *token,
                 const struct bytes *bytes, struct error *ret_error)
{
    _cleanup_(policy_freep) struct policy *policy = NULL;
    int r = read_back(bytes, &policy, ret_error);

    return r == 0 && !says(policy, present, answers, token) ? SETUP_POLICY_REFUSED : r;
}

int setup_policy_make(const struct policy_input *present, const struct setup_answers *answers,
                      const char *token, struct bytes *bytes, struct error *ret_error)
{
    const char *name = answers->text[ANSWER_SITE_NAME];
    struct span span;
    int r;

    bytes_clear(bytes);
    if (!present) {
        r = setup_policy_write_new(answers, token, bytes);
    } else {
        r = bytes_append(bytes, present->text.data, present->text.size);
        if (r == 0 && !policy_find_site(present->policy, name))
            r = add_site(present, answers, token, bytes);
        else if (r == 0 && find_site(present, name, &span))
            r = change_site(policy_find_site(present->policy, name), answers, token, &span, bytes);
        else if (r == 0)
            r = SETUP_POLICY_REFUSED;
    }
    if (r == 0)
        r = check(present, answers, token, bytes, ret_error);
    if (r == 0 && present && bytes->size == present->text.size &&
        memcmp(bytes->data, present->text.data, bytes->size) == 0)
        r = SETUP_POLICY_UNCHANGED;
    return r;
}
