// SPDX-License-Identifier: GPL-3.0-or-later
#include "sim/faults.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define LINE_MAX_BYTES 200
#define WORDS_MAX      10

/* clang-format off */
static const struct {
    const char *name;
    bool has_number;
    int64_t low, high;
} kinds[N_FAULT_KINDS] = {
    [FAULT_LOST_REQUEST] = {"lost-request"},
    [FAULT_LOST_REPLY] = {"lost-reply"},
    [FAULT_CUT] = {"cut"},
    [FAULT_LATE] = {"late", true, 1, 100},
    [FAULT_SLOW] = {"slow", true, 1, 100},
    [FAULT_SLOW_REPLY] = {"slow-reply", true, 1, 100},
    [FAULT_NO_NAME] = {"no-name"},
    [FAULT_NO_CONNECTION] = {"no-connection"},
    [FAULT_NO_TLS] = {"no-tls"},
    [FAULT_UNTRUSTED] = {"untrusted"},
    [FAULT_STATUS] = {"status", true, 300, 599},
    [FAULT_SERAPH] = {"seraph"},
    [FAULT_THROTTLE] = {"throttle", true, -1, INT64_MAX},
    [FAULT_THROTTLE_DATE] = {"throttle-date", true, 0, 86400},
    [FAULT_UNAVAILABLE] = {"unavailable", true, 0, 86400},
    [FAULT_ERROR_ACTED] = {"error-acted", true, 500, 599},
    [FAULT_GARBAGE] = {"garbage"},
    [FAULT_TRUNCATED] = {"truncated"},
    [FAULT_OVERSIZED] = {"oversized"},
    [FAULT_NO_EXPIRY] = {"no-expiry"},
    [FAULT_SHORT] = {"short", true, 1, 60},
    [FAULT_FOREIGN_ON] = {"foreign-on", true, 1, 60},
    [FAULT_FOREIGN_OFF] = {"foreign-off"},
    [FAULT_SITE_CLOCK] = {"site-clock", true, -86400, 86400},
    [FAULT_CLOCK_STEP] = {"clock-step", true, -86400, 86400},
    [FAULT_DRIFT] = {"drift", true, -180, 180},
    [FAULT_SUSPEND] = {"suspend"},
    [FAULT_LOCK] = {"lock"},
    [FAULT_CRASH] = {"crash"},
    [FAULT_KILL] = {"kill", true, 0, 1000},
    [FAULT_POWER_LOSS] = {"power-loss"},
    [FAULT_STOP] = {"stop"},
    [FAULT_RESTART] = {"restart"},
    [FAULT_RELOAD] = {"reload", true, 0, 100},
    [FAULT_DISK_FULL] = {"disk-full"},
    [FAULT_LEDGER_LOST] = {"ledger-lost"},
    [FAULT_LEDGER_DAMAGED] = {"ledger-damaged"},
    [FAULT_POWER_CUT] = {"power-cut", true, 0, 1000},
    [FAULT_NETWORK] = {"network"},
    [FAULT_HOLD] = {"hold", true, 1, 1440},
    [FAULT_RUN] = {"run", true, 1, 1440},
    [FAULT_BREAK_GLASS] = {"break-glass", true, 1, 60},
    [FAULT_DISABLE] = {"disable", true, 0, 20160},
    [FAULT_RESUME] = {"resume"},
};
/* clang-format on */

void faults_done(struct faults *faults)
{
    free(faults->list);
    *faults = (struct faults){0};
}

const char *fault_name(enum fault_kind kind)
{
    return kinds[kind].name;
}

int faults_add(struct faults *faults, const struct fault *fault)
{
    if (faults->n == FAULTS_MAX)
        return -E2BIG;
    if (faults->n == faults->capacity) {
        size_t capacity = faults->capacity ? 2 * faults->capacity : 16;
        struct fault *list = realloc(faults->list, capacity * sizeof(*list));

        if (!list)
            return -ENOMEM;
        faults->list = list;
        faults->capacity = capacity;
    }
    faults->list[faults->n++] = *fault;
    return 0;
}

static int compare(const void *a, const void *b)
{
    const struct fault *left = a, *right = b;

    if (left->at_true != right->at_true)
        return left->at_true < right->at_true ? -1 : 1;
    if (left->kind != right->kind)
        return left->kind < right->kind ? -1 : 1;
    if (left->number != right->number)
        return left->number < right->number ? -1 : 1;
    if (left->lasts != right->lasts)
        return left->lasts < right->lasts ? -1 : 1;
    if (left->calls != right->calls)
        return left->calls < right->calls ? -1 : 1;
    return left->daemon < right->daemon ? -1 : left->daemon > right->daemon;
}

void faults_sort(struct faults *faults)
{
    if (faults->n > 1)
        qsort(faults->list, faults->n, sizeof(faults->list[0]), compare);
}

/* the text */

static int read_number(const char *word, int64_t low, int64_t high, int64_t *ret_number)
{
    char *end;
    long long number;

    errno = 0;
    number = strtoll(word, &end, 10);
    if (errno != 0 || end == word || *end || number < low || number > high)
        return -EINVAL;
    *ret_number = number;
    return 0;
}

static int read_calls(char *word, unsigned *ret_calls)
{
    unsigned calls = 0;

    for (char *at, *rest = word; (at = strsep(&rest, ","));) {
        unsigned call = 0;

        while (call < N_CONFLUENCE_CALLS && !text_equal(at, confluence_call_name((enum confluence_call)call)))
            call++;
        if (call == N_CONFLUENCE_CALLS)
            return -EINVAL;
        calls |= 1U << call;
    }
    *ret_calls = calls;
    return 0;
}

static int read_kind(char *const *words, size_t n, size_t *ret_used, struct fault *fault,
                     struct error *ret_error)
{
    const char *known[N_FAULT_KINDS + 1] = {NULL}, *nearest;
    unsigned kind = 0;

    while (kind < N_FAULT_KINDS && !text_equal(words[1], kinds[kind].name))
        kind++;
    if (kind == N_FAULT_KINDS) {
        for (unsigned i = 0; i < N_FAULT_KINDS; i++)
            known[i] = kinds[i].name;
        nearest = text_nearest(words[1], known);
        error_set(ret_error, "'%s' is no kind of fault%s%s%s", words[1], nearest ? "; did you mean '" : "",
                  nearest ? nearest : "", nearest ? "'?" : "");
        return -EINVAL;
    }
    fault->kind = (enum fault_kind)kind;
    *ret_used = 2;
    if (!kinds[kind].has_number)
        return 0;
    *ret_used = 3;
    if (n >= 3 && read_number(words[2], kinds[kind].low, kinds[kind].high, &fault->number) == 0)
        return 0;
    error_set(ret_error, "'%s' needs a number from %lld to %lld behind it", words[1],
              (long long)kinds[kind].low, (long long)kinds[kind].high);
    return -EINVAL;
}

static int read_option(const char *name, char *value, struct fault *fault, struct error *ret_error)
{
    struct error error;
    int64_t number;

    if (text_equal(name, "for")) {
        if (duration_parse(value, &fault->lasts, &error) == 0)
            return 0;
        error_set(ret_error, "for: %s", error.text);
    } else if (text_equal(name, "calls")) {
        if (read_calls(value, &fault->calls) == 0)
            return 0;
        error_set(ret_error, "calls: names of calls with commas between them: get, post, delete");
    } else if (text_equal(name, "daemon")) {
        if (read_number(value, 1, 100, &number) == 0) {
            fault->daemon = (unsigned)number;
            return 0;
        }
        error_set(ret_error, "daemon: a number from 1 on");
    } else {
        error_set(ret_error, "'%s' is not known here: for, calls or daemon may follow", name);
    }
    return -EINVAL;
}

static int read_line(char *line, struct faults *faults, struct error *ret_error)
{
    struct fault fault = {.calls = FAULT_ALL_CALLS};
    char *words[WORDS_MAX], *word;
    size_t n = 0, used;
    int r;

    line[strcspn(line, "#")] = '\0';
    while ((word = strsep(&line, " \t\r")))
        if (*word && n < WORDS_MAX)
            words[n++] = word;
    if (n == 0)
        return 0;
    if (n < 2 || time_parse_rfc3339(words[0], &fault.at_true) < 0) {
        error_set(ret_error, "a line is an instant such as 2026-03-02T08:30:00Z, a kind of fault, and more");
        return -EINVAL;
    }
    r = read_kind(words, n, &used, &fault, ret_error);
    for (; r == 0 && used + 1 < n; used += 2)
        r = read_option(words[used], words[used + 1], &fault, ret_error);
    if (r == 0 && used < n) {
        error_set(ret_error, "'%s' needs a value behind it", words[used]);
        r = -EINVAL;
    }
    return r < 0 ? r : faults_add(faults, &fault);
}

int faults_parse(const char *text, size_t size, struct faults *faults, struct error *ret_error)
{
    const char *end = text + size, *newline;
    char line[LINE_MAX_BYTES];

    for (unsigned number = 1; text < end; number++, text = newline + 1) {
        size_t length;
        int r = -EINVAL;

        newline = memchr(text, '\n', (size_t)(end - text));
        if (!newline)
            newline = end;
        length = (size_t)(newline - text);
        if (length < sizeof(line)) {
            memcpy(line, text, length);
            line[length] = '\0';
            r = read_line(line, faults, ret_error);
        } else {
            error_set(ret_error, "longer than any fault");
        }
        if (r == -EINVAL && ret_error)
            error_prefix(ret_error, "line %u: ", number);
        if (r < 0)
            return r;
    }
    faults_sort(faults);
    return 0;
}

static int print_options(const struct fault *fault, struct bytes *bytes)
{
    char duration[DURATION_TEXT_MAX];
    int r = 0;

    if (fault->lasts > 0)
        r = bytes_printf(bytes, " for %s", duration_format(duration, fault->lasts));
    if (r == 0 && fault->calls != FAULT_ALL_CALLS) {
        const char *before = " calls ";

        for (unsigned call = 0; call < N_CONFLUENCE_CALLS && r == 0; call++)
            if (fault->calls & 1U << call) {
                r = bytes_printf(bytes, "%s%s", before, confluence_call_name((enum confluence_call)call));
                before = ",";
            }
    }
    if (r == 0 && fault->daemon != 0)
        r = bytes_printf(bytes, " daemon %u", fault->daemon);
    return r;
}

int fault_print(const struct fault *fault, struct bytes *bytes)
{
    char time[TIME_TEXT_MAX];
    int r = bytes_printf(bytes, "%s %s", time_format_rfc3339(time, fault->at_true), kinds[fault->kind].name);

    if (r == 0 && kinds[fault->kind].has_number)
        r = bytes_printf(bytes, " %lld", (long long)fault->number);
    if (r == 0)
        r = print_options(fault, bytes);
    if (r == 0)
        r = bytes_append_text(bytes, "\n");
    return r;
}

int faults_print(const struct faults *faults, struct bytes *bytes)
{
    int r = 0;

    for (size_t i = 0; i < faults->n && r == 0; i++)
        r = fault_print(&faults->list[i], bytes);
    return r;
}

int faults_profile_parse(const char *name, enum faults_profile *ret_profile)
{
    static const char *const names[] = {
        [FAULTS_NONE] = "none", [FAULTS_MILD] = "mild", [FAULTS_HARSH] = "harsh"};

    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        if (text_equal(name, names[i])) {
            *ret_profile = (enum faults_profile)i;
            return 0;
        }
    return -EINVAL;
}
