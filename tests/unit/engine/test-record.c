// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/record.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json.h>

#include <cmocka.h>

#include "../allocation.h"
#include "base/text.h"

#define AT      INT64_C(1795419000123000) /* 2026-11-23T07:30:00.123Z */
#define EXPIRES (AT + 30 * USEC_PER_MINUTE)
#define ID      UINT64_C(0x00c0ffee00abcdef)

static const struct {
    struct record record;
    const char *line;
} kinds[] = {
    {{.kind = RECORD_INTENT,
      .site = "acme",
      .at_utc = AT,
      .id = ID,
      .minutes = 30,
      .cause = CAUSE_ACTIVE_HOURS,
      .cause_name = "office",
      .cause_reason = "Sprechstunde \"f\xc3\xbcr\" jeden"},
     "{\"kind\":\"intent\",\"at\":\"2026-11-23T07:30:00.123Z\",\"site\":\"acme\",\"id\":\"00c0ffee00abcdef\","
     "\"minutes\":30,\"cause\":\"active_hours\",\"name\":\"office\","
     "\"reason\":\"Sprechstunde \\\"f\xc3\xbcr\\\" jeden\"}\n"},
    {{.kind = RECORD_OUTCOME,
      .site = "acme",
      .at_utc = AT,
      .id = ID,
      .verdict = VERDICT_DONE,
      .has_expiry = true,
      .expires_site = EXPIRES,
      .request_id = "5b10a284"},
     "{\"kind\":\"outcome\",\"at\":\"2026-11-23T07:30:00.123Z\",\"site\":\"acme\",\"id\":"
     "\"00c0ffee00abcdef\","
     "\"verdict\":\"done\",\"expires\":\"2026-11-23T08:00:00.123Z\",\"request_id\":\"5b10a284\"}\n"},
    {{.kind = RECORD_OUTCOME,
      .site = "acme",
      .at_utc = AT,
      .id = ID,
      .verdict = VERDICT_NOT_ELIGIBLE,
      .not_acted = true},
     "{\"kind\":\"outcome\",\"at\":\"2026-11-23T07:30:00.123Z\",\"site\":\"acme\",\"id\":"
     "\"00c0ffee00abcdef\","
     "\"verdict\":\"not_eligible\",\"acted\":false}\n"},
    {{.kind = RECORD_GIVEN_UP, .site = "acme", .at_utc = AT, .id = UINT64_MAX},
     "{\"kind\":\"given_up\",\"at\":\"2026-11-23T07:30:00.123Z\",\"site\":\"acme\","
     "\"id\":\"ffffffffffffffff\"}\n"},
    {{.kind = RECORD_OFF, .site = "acme", .at_utc = AT},
     "{\"kind\":\"off\",\"at\":\"2026-11-23T07:30:00.123Z\",\"site\":\"acme\"}\n"},
    {{.kind = RECORD_SEEN,
      .site = "acme",
      .at_utc = AT,
      .has_expiry = true,
      .expires_site = EXPIRES,
      .ours = true},
     "{\"kind\":\"seen\",\"at\":\"2026-11-23T07:30:00.123Z\",\"site\":\"acme\","
     "\"expires\":\"2026-11-23T08:00:00.123Z\",\"ours\":true}\n"},
    {{.kind = RECORD_SEEN, .site = "acme", .at_utc = AT},
     "{\"kind\":\"seen\",\"at\":\"2026-11-23T07:30:00.123Z\",\"site\":\"acme\",\"ours\":false}\n"},
};

/* From memory of exactly that size, so that a sanitizer sees a read past the end. */
static int parse(const char *line, size_t size, struct record *ret_record)
{
    _cleanup_free_ char *exact = malloc(size ? size : 1);

    assert_non_null(exact);
    memcpy(exact, line, size);
    return record_parse(exact, size, ret_record);
}

static void assert_damaged(const char *line, size_t size)
{
    struct record record = {.id = 7};

    if (parse(line, size, &record) != RECORD_DAMAGED)
        fail_msg("'%.*s' was read as a record", (int)size, line);
    assert_int_equal(record.id, 7);
}

static void assert_same(const struct record *a, const struct record *b)
{
    assert_int_equal(a->kind, b->kind);
    assert_string_equal(a->site, b->site);
    assert_true(a->at_utc == b->at_utc);
    assert_true(a->id == b->id);
    assert_int_equal(a->minutes, b->minutes);
    assert_int_equal(a->verdict, b->verdict);
    assert_int_equal(a->has_expiry, b->has_expiry);
    assert_true(a->expires_site == b->expires_site);
    assert_int_equal(a->ours, b->ours);
    assert_int_equal(a->cause, b->cause);
    assert_string_equal(a->cause_name, b->cause_name);
    assert_string_equal(a->cause_reason, b->cause_reason);
    assert_string_equal(a->request_id, b->request_id);
}

static void test_every_kind_there_and_back(void **state)
{
    bool seen[RECORD_SEEN + 1] = {0};

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        _cleanup_(bytes_donep) struct bytes bytes = BYTES_INIT(RECORD_LINE_MAX);
        struct record back;

        assert_int_equal(record_format(&kinds[i].record, &bytes), 0);
        assert_string_equal(bytes_text(&bytes), kinds[i].line);
        assert_int_equal(parse(bytes.data, bytes.size - 1, &back), 0);
        assert_same(&back, &kinds[i].record);
        seen[kinds[i].record.kind] = true;
    }
    for (size_t i = 0; i < ARRAY_SIZE(seen); i++)
        assert_true(seen[i]);
}

static void test_every_verdict_and_cause_there_and_back(void **state)
{
    (void)state;
    for (int verdict = 0; verdict < N_VERDICTS; verdict++)
        for (int cause = CAUSE_NONE; cause <= CAUSE_EXCLUDE; cause++) {
            _cleanup_(bytes_donep) struct bytes bytes = BYTES_INIT(RECORD_LINE_MAX);
            struct record record = kinds[1].record, back;

            record.verdict = (enum verdict)verdict;
            record.cause = (enum cause_kind)cause;
            assert_int_equal(record_format(&record, &bytes), 0);
            assert_int_equal(parse(bytes.data, bytes.size - 1, &back), 0);
            assert_same(&back, &record);
        }
}

static void test_instants_are_kept_to_the_millisecond(void **state)
{
    static const struct {
        usec at, back;
    } rows[] = {
        {0, 0},
        {AT + 999, AT},
        {AT + 1000, AT + 1000},
        {-1, -1000},
        {INT64_MAX, INT64_C(253402300799999000)}, /* the end of the year 9999 */
        {INT64_MIN, -INT64_C(62135596800000000)}, /* the first instant of the year 1 */
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        _cleanup_(bytes_donep) struct bytes bytes = BYTES_INIT(RECORD_LINE_MAX);
        struct record record = {.kind = RECORD_OFF, .site = "acme", .at_utc = rows[i].at}, back;

        assert_int_equal(record_format(&record, &bytes), 0);
        assert_int_equal(parse(bytes.data, bytes.size - 1, &back), 0);
        assert_true(back.at_utc == rows[i].back);
    }
}

static void fill(char *text, size_t size, const char *pattern)
{
    for (size_t i = 0; i + 1 < size; i++)
        text[i] = pattern[i % strlen(pattern)];
    text[size - 1] = '\0';
}

/* Whatever stands in the texts, the record is one line, fits, and comes back as it was. */
static void test_the_longest_texts_of_any_characters(void **state)
{
    static const char *const patterns[] = {
        "x", "\x01", "\"", "\\", "/", "\n", "\x7f", "\xc3\xbc", "\x1f\xf0\x9f\x94\x91"};

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(patterns); i++) {
        _cleanup_(bytes_donep) struct bytes bytes = BYTES_INIT(RECORD_LINE_MAX);
        struct record record = kinds[0].record, back;
        size_t unit = strlen(patterns[i]);

        record.has_expiry = true;
        record.expires_site = EXPIRES;
        record.cause = CAUSE_MAINTENANCE_WINDOW;
        fill(record.site, RECORD_SITE_MAX / unit * unit + 1, patterns[i]);
        fill(record.cause_name, RECORD_TEXT_MAX / unit * unit + 1, patterns[i]);
        fill(record.cause_reason, RECORD_TEXT_MAX / unit * unit + 1, patterns[i]);
        fill(record.request_id, CONFLUENCE_ID_MAX / unit * unit + 1, patterns[i]);
        assert_int_equal(record_format(&record, &bytes), 0);
        assert_true(bytes.size <= RECORD_LINE_MAX);
        assert_ptr_equal(memchr(bytes.data, '\n', bytes.size), bytes.data + bytes.size - 1);
        assert_int_equal(parse(bytes.data, bytes.size - 1, &back), 0);
        assert_same(&back, &record);
    }
}

static void test_longer_texts_of_others_are_cut_between_characters(void **state)
{
    struct record record;
    char line[2000], text[601];

    (void)state;
    fill(text, sizeof(text), "\xc3\xbc");
    snprintf(line, sizeof(line),
             "{\"kind\":\"off\",\"at\":\"2026-11-23T07:30:00Z\",\"site\":\"acme\","
             "\"reason\":\"%s\",\"request_id\":\"%s\"}",
             text, text);
    assert_int_equal(parse(line, strlen(line), &record), 0);
    assert_int_equal(strlen(record.cause_reason), RECORD_TEXT_MAX - 1);
    assert_int_equal(strlen(record.request_id), CONFLUENCE_ID_MAX - 1);
    assert_true(text_is_utf8(record.cause_reason, strlen(record.cause_reason), NULL));
}

static void test_records_follow_each_other(void **state)
{
    _cleanup_(bytes_donep) struct bytes bytes = BYTES_INIT(1 << 16);
    const char *line;

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
        assert_int_equal(record_format(&kinds[i].record, &bytes), 0);
    line = bytes_text(&bytes);
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        assert_memory_equal(line, kinds[i].line, strlen(kinds[i].line));
        line += strlen(kinds[i].line);
    }
    assert_string_equal(line, "");
}

static void test_no_room_changes_nothing(void **state)
{
    size_t size = strlen(kinds[0].line);

    (void)state;
    for (size_t short_of = 1; short_of <= size; short_of++) {
        _cleanup_(bytes_donep) struct bytes bytes = BYTES_INIT(3 + size - short_of);

        assert_int_equal(bytes_append_text(&bytes, "old"), 0);
        assert_int_equal(record_format(&kinds[0].record, &bytes), -ENOBUFS);
        assert_string_equal(bytes_text(&bytes), "old");
        assert_int_equal(bytes.size, 3);
    }
}

static void test_every_truncation_is_damaged(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
        for (size_t size = 0; size + 1 < strlen(kinds[i].line); size++)
            assert_damaged(kinds[i].line, size);
}

/* A line torn at its beginning, as after a hole in the file. */
static void test_every_tail_is_damaged(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
        for (size_t from = 1; from + 1 < strlen(kinds[i].line); from++)
            assert_damaged(kinds[i].line + from, strlen(kinds[i].line) - 1 - from);
}

#define LINE(rest)    "{\"at\":\"2026-11-23T07:30:00Z\",\"site\":\"acme\"," rest "}"
#define INTENT(rest)  LINE("\"kind\":\"intent\"," rest)
#define OUTCOME(rest) LINE("\"kind\":\"outcome\"," rest)
#define GOOD_ID       "\"id\":\"00c0ffee00abcdef\""

static void test_damaged_lines(void **state)
{
    static const char *const rows[] = {
        "null",
        "7",
        "[]",
        "\"off\"",
        "{}",
        "\xff",
        "not JSON",
        LINE("\"kind\":\"of\""),
        LINE("\"kind\":\"OFF\""),
        LINE("\"kind\":\"\""),
        LINE("\"kind\":3"),
        LINE("\"kind\":null"),
        LINE("\"kind\":[\"off\"]"),
        LINE("\"id\":\"00c0ffee00abcdef\""),
        LINE("\"kind\":\"off\"") "}",
        LINE("\"kind\":\"off\"") LINE("\"kind\":\"off\""),
        LINE("\"kind\":\"off\"") " x",
        LINE("\"kind\":\"off\",\"name\":\"\xc3\""),
        "{\"kind\":\"off\",\"site\":\"acme\"}",
        "{\"kind\":\"off\",\"site\":\"acme\",\"at\":0}",
        "{\"kind\":\"off\",\"site\":\"acme\",\"at\":\"yesterday\"}",
        "{\"kind\":\"off\",\"site\":\"acme\",\"at\":\"2026-02-30T00:00:00Z\"}",
        "{\"kind\":\"off\",\"at\":\"2026-11-23T07:30:00Z\"}",
        "{\"kind\":\"off\",\"at\":\"2026-11-23T07:30:00Z\",\"site\":7}",
        "{\"kind\":\"off\",\"at\":\"2026-11-23T07:30:00Z\",\"site\":\"\"}",
        "{\"kind\":\"off\",\"at\":\"2026-11-23T07:30:00Z\",\"site\":"
        "\"0123456789012345678901234567890123456789012345678901234567890123\"}", /* 64 bytes */
        "{'kind':'off','at':'2026-11-23T07:30:00Z','site':'acme'}",
        INTENT("\"minutes\":30"),
        INTENT("\"minutes\":30,\"id\":\"0000000000000000\""),
        INTENT("\"minutes\":30,\"id\":7"),
        INTENT(GOOD_ID),
        INTENT(GOOD_ID ",\"minutes\":0"),
        INTENT(GOOD_ID ",\"minutes\":61"),
        INTENT(GOOD_ID ",\"minutes\":-30"),
        INTENT(GOOD_ID ",\"minutes\":4294967326"), /* 30 in 32 bits */
        INTENT(GOOD_ID ",\"minutes\":99999999999999999999"),
        INTENT(GOOD_ID ",\"minutes\":30.5"),
        INTENT(GOOD_ID ",\"minutes\":\"30\""),
        INTENT("\"minutes\":30,\"id\":\"c0ffee00abcdef\""),
        INTENT("\"minutes\":30,\"id\":\"00C0FFEE00ABCDEF\""),
        INTENT("\"minutes\":30,\"id\":\"0x0c0ffee0abcdef\""),
        INTENT("\"minutes\":30,\"id\":\" 0c0ffee00abcdef\""),
        INTENT("\"minutes\":30,\"id\":\"000c0ffee00abcdef\""),
        OUTCOME(GOOD_ID),
        OUTCOME(GOOD_ID ",\"verdict\":\"fine\""),
        OUTCOME(GOOD_ID ",\"verdict\":0"),
        OUTCOME(GOOD_ID ",\"verdict\":\"done\",\"expires\":\"later\""),
        OUTCOME(GOOD_ID ",\"verdict\":\"done\",\"expires\":1795422600"),
        LINE("\"kind\":\"seen\",\"ours\":\"no\""),
        LINE("\"kind\":\"seen\",\"ours\":1"),
        LINE("\"kind\":\"off\",\"deep\":[[[[[[]]]]]]"),
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        assert_damaged(rows[i], strlen(rows[i]));
    assert_damaged(LINE("\"kind\":\"off\"") "\0x", strlen(LINE("\"kind\":\"off\"")) + 2);
    assert_damaged(LINE("\"kind\":\"off\"") "\0", strlen(LINE("\"kind\":\"off\"")) + 1);
}

static void test_lines_of_a_later_version_are_read(void **state)
{
    static const char line[] = "{ \"version\": {\"a\": [1]}, \"kind\": \"off\", \"cause\": \"moonlight\","
                               " \"at\": \"2026-11-23T07:30:00.123Z\", \"site\": \"acme\" }";
    struct record record;

    (void)state;
    assert_int_equal(parse(line, strlen(line), &record), 0);
    assert_same(&record, &kinds[4].record);
}

static void test_a_line_beyond_the_cap_is_damaged(void **state)
{
    char line[RECORD_LINE_MAX + 1];
    size_t size = strlen(kinds[4].line) - 1;
    struct record record;

    (void)state;
    memset(line, ' ', sizeof(line));
    memcpy(line, kinds[4].line, size);
    assert_int_equal(parse(line, RECORD_LINE_MAX, &record), 0);
    assert_damaged(line, RECORD_LINE_MAX + 1);
}

/* json-c allocates inside its own library, where --wrap does not reach: these fail as it fails. */
static unsigned json_countdown;
static bool json_failed;

static bool json_fails(void)
{
    if (json_countdown == 0 || --json_countdown > 0)
        return false;
    json_failed = true;
    return true;
}

struct json_object *__real_json_object_new_object(void);
struct json_object *__wrap_json_object_new_object(void);
struct json_object *__wrap_json_object_new_object(void)
{
    return json_fails() ? NULL : __real_json_object_new_object();
}

struct json_object *__real_json_object_new_string(const char *text);
struct json_object *__wrap_json_object_new_string(const char *text);
struct json_object *__wrap_json_object_new_string(const char *text)
{
    return json_fails() ? NULL : __real_json_object_new_string(text);
}

struct json_object *__real_json_object_new_int(int32_t number);
struct json_object *__wrap_json_object_new_int(int32_t number);
struct json_object *__wrap_json_object_new_int(int32_t number)
{
    return json_fails() ? NULL : __real_json_object_new_int(number);
}

struct json_object *__real_json_object_new_boolean(json_bool value);
struct json_object *__wrap_json_object_new_boolean(json_bool value);
struct json_object *__wrap_json_object_new_boolean(json_bool value)
{
    return json_fails() ? NULL : __real_json_object_new_boolean(value);
}

int __real_json_object_object_add(struct json_object *object, const char *key, struct json_object *value);
int __wrap_json_object_object_add(struct json_object *object, const char *key, struct json_object *value);
int __wrap_json_object_object_add(struct json_object *object, const char *key, struct json_object *value)
{
    return json_fails() ? -1 : __real_json_object_object_add(object, key, value);
}

const char *__real_json_object_to_json_string_ext(struct json_object *object, int flags);
const char *__wrap_json_object_to_json_string_ext(struct json_object *object, int flags);
const char *__wrap_json_object_to_json_string_ext(struct json_object *object, int flags)
{
    return json_fails() ? NULL : __real_json_object_to_json_string_ext(object, flags);
}

struct json_tokener *__real_json_tokener_new_ex(int depth);
struct json_tokener *__wrap_json_tokener_new_ex(int depth);
struct json_tokener *__wrap_json_tokener_new_ex(int depth)
{
    return json_fails() ? NULL : __real_json_tokener_new_ex(depth);
}

static void test_out_of_memory_for_the_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        unsigned n = 0;

        do {
            _cleanup_(bytes_donep) struct bytes bytes = BYTES_INIT(RECORD_LINE_MAX);
            int r;

            assert_int_equal(bytes_append_text(&bytes, "old"), 0);
            json_failed = false;
            json_countdown = ++n;
            r = record_format(&kinds[i].record, &bytes);
            assert_int_equal(r, json_failed ? -ENOMEM : 0);
            assert_int_equal(bytes.size, json_failed ? 3 : 3 + strlen(kinds[i].line));
        } while (json_failed);
        json_countdown = 0;
        assert_true(n > 5);
    }
}

static void test_out_of_memory_for_the_bytes(void **state)
{
    _cleanup_(bytes_donep) struct bytes bytes = BYTES_INIT(RECORD_LINE_MAX);

    (void)state;
    allocation_fail_at(1);
    assert_int_equal(record_format(&kinds[0].record, &bytes), -ENOMEM);
    assert_true(allocation_failed());
    assert_int_equal(bytes.size, 0);
    allocation_fail_at(0);
}

static void test_out_of_memory_to_read(void **state)
{
    struct record record = {.id = 7};

    (void)state;
    json_countdown = 1;
    assert_int_equal(record_parse(kinds[0].line, strlen(kinds[0].line) - 1, &record), -ENOMEM);
    assert_int_equal(json_countdown, 0);
    assert_int_equal(record.id, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_kind_there_and_back),
        cmocka_unit_test(test_every_verdict_and_cause_there_and_back),
        cmocka_unit_test(test_instants_are_kept_to_the_millisecond),
        cmocka_unit_test(test_the_longest_texts_of_any_characters),
        cmocka_unit_test(test_longer_texts_of_others_are_cut_between_characters),
        cmocka_unit_test(test_records_follow_each_other),
        cmocka_unit_test(test_no_room_changes_nothing),
        cmocka_unit_test(test_every_truncation_is_damaged),
        cmocka_unit_test(test_every_tail_is_damaged),
        cmocka_unit_test(test_damaged_lines),
        cmocka_unit_test(test_lines_of_a_later_version_are_read),
        cmocka_unit_test(test_a_line_beyond_the_cap_is_damaged),
        cmocka_unit_test(test_out_of_memory_for_the_line),
        cmocka_unit_test(test_out_of_memory_for_the_bytes),
        cmocka_unit_test(test_out_of_memory_to_read),
    };

    return cmocka_run_group_tests_name("engine/record", tests, NULL, NULL);
}
