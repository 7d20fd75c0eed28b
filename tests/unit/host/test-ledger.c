// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/ledger.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../allocation.h"
#include "../directory.h"
#include "base/text.h"
#include "os/file.h"

struct seen {
    size_t n;
    uint64_t last_id;
};

static void see(void *context, const struct record *record)
{
    struct seen *seen = context;

    seen->n++;
    seen->last_id = record->id;
}

static struct record record_of(uint64_t id)
{
    struct record record = {
        .kind = RECORD_INTENT,
        .at_utc = 1000 * USEC_PER_SEC,
        .id = id,
        .minutes = 60,
        .cause = CAUSE_ACTIVE_HOURS,
    };

    text_copy(record.site, sizeof(record.site), "acme");
    return record;
}

static void append(struct ledger *ledger, uint64_t id)
{
    struct record record = record_of(id);

    assert_int_equal(ledger_append(ledger, &record, true), 0);
}

static struct ledger *open_ledger(const char *path)
{
    struct ledger *ledger = NULL;
    struct error error = {0};

    assert_int_equal(ledger_open(path, &ledger, &error), 0);
    return ledger;
}

static void assert_replay(struct ledger *ledger, size_t n, uint64_t last_id, size_t damaged)
{
    struct seen seen = {0};
    size_t found = 7;

    assert_int_equal(ledger_replay(ledger, see, &seen, &found), 0);
    assert_int_equal(seen.n, n);
    assert_int_equal(seen.last_id, last_id);
    assert_int_equal(found, damaged);
}

static off_t size_of(const char *path)
{
    struct stat status;

    assert_int_equal(stat(path, &status), 0);
    return status.st_size;
}

static void test_records_outlive_the_daemon(void **state)
{
    struct ledger *ledger;
    struct stat status;
    char path[PATH_MAX];

    ledger = open_ledger(directory_path(state, "state/ledger.jsonl", path));
    assert_replay(ledger, 0, 0, 0);
    append(ledger, 1);
    append(ledger, 2);
    assert_replay(ledger, 2, 2, 0);
    ledger_free(ledger);
    ledger = open_ledger(path);
    append(ledger, 3);
    assert_replay(ledger, 3, 3, 0);
    ledger_free(ledger);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
    assert_int_equal(stat(directory_path(state, "state", path), &status), 0);
    assert_int_equal(status.st_mode & 07777, 0700);
}

static void test_two_daemons_cannot_share_one(void **state)
{
    struct ledger *ledger, *second = NULL;
    struct error error = {0};
    char path[PATH_MAX];

    ledger = open_ledger(directory_path(state, "ledger.jsonl", path));
    assert_int_equal(ledger_open(path, &second, &error), -EBUSY);
    assert_non_null(strstr(error.text, "in use by another adminkeyd"));
    assert_null(second);
    ledger_free(ledger);
    ledger_free(open_ledger(path));
}

static void test_a_torn_last_line_is_cut_off(void **state)
{
    static const char *const tails[] = {"x", "{\"kind\":\"intent\",\"at\":\"2026", "\0\0\0\0"};
    static const size_t sizes[] = {1, 27, 4};
    char path[PATH_MAX];

    for (size_t i = 0; i < ARRAY_SIZE(tails); i++) {
        _cleanup_(bytes_donep) struct bytes bytes = BYTES_INIT(4096);
        struct record record = record_of(1);
        struct ledger *ledger;
        off_t whole;

        assert_int_equal(record_format(&record, &bytes), 0);
        whole = (off_t)bytes.size;
        assert_int_equal(bytes_append(&bytes, tails[i], sizes[i]), 0);
        directory_write(directory_path(state, "ledger.jsonl", path), bytes.data, bytes.size, 0600);
        ledger = open_ledger(path);
        assert_int_equal(size_of(path), whole);
        append(ledger, 2);
        assert_replay(ledger, 2, 2, 0);
        ledger_free(ledger);
    }
}

static void test_a_file_without_one_whole_line_begins_anew(void **state)
{
    _cleanup_free_ char *garbage = malloc(100000);
    struct ledger *ledger;
    char path[PATH_MAX];

    assert_non_null(garbage);
    memset(garbage, 'x', 100000);
    directory_write(directory_path(state, "ledger.jsonl", path), garbage, 100000, 0600);
    ledger = open_ledger(path);
    assert_int_equal(size_of(path), 0);
    append(ledger, 1);
    assert_replay(ledger, 1, 1, 0);
    ledger_free(ledger);
}

static void test_damaged_lines_are_counted_and_skipped(void **state)
{
    _cleanup_(bytes_donep) struct bytes bytes = BYTES_INIT(1024 * 1024);
    struct record first = record_of(1), last = record_of(2);
    struct ledger *ledger;
    char path[PATH_MAX];

    assert_int_equal(record_format(&first, &bytes), 0);
    assert_int_equal(bytes_append_text(&bytes, "{}\n\nnot a record\n"), 0);
    for (int i = 0; i < 10 * RECORD_LINE_MAX; i++)
        assert_int_equal(bytes_append_text(&bytes, "x"), 0);
    assert_int_equal(bytes_append_text(&bytes, "\n"), 0);
    assert_int_equal(record_format(&last, &bytes), 0);
    directory_write(directory_path(state, "ledger.jsonl", path), bytes.data, bytes.size, 0600);
    ledger = open_ledger(path);
    assert_replay(ledger, 2, 2, 4);
    ledger_free(ledger);
}

static void test_what_cannot_be_used_is_named(void **state)
{
    struct ledger *ledger = NULL;
    struct error error = {0};
    char path[PATH_MAX], link[PATH_MAX];

    assert_int_equal(ledger_open(*state, &ledger, &error), -EISDIR);
    assert_non_null(strstr(error.text, *state));
    assert_int_equal(mkfifo(directory_path(state, "pipe", path), 0600), 0);
    assert_int_equal(ledger_open(path, &ledger, &error), -EINVAL);
    directory_write(directory_path(state, "file", path), "", 0, 0600);
    assert_int_equal(symlink(path, directory_path(state, "link", link)), 0);
    assert_int_equal(ledger_open(link, &ledger, &error), -ELOOP);
    assert_int_equal(ledger_open(directory_path(state, "file/ledger", path), &ledger, &error), -ENOTDIR);
    assert_null(ledger);
}

/* A limit on the file's size stands for the full disk. */
static void test_a_full_disk_leaves_no_half_line(void **state)
{
    struct rlimit old, limit;
    struct record record = record_of(2);
    struct ledger *ledger;
    char path[PATH_MAX];
    off_t whole;

    signal(SIGXFSZ, SIG_IGN);
    ledger = open_ledger(directory_path(state, "ledger.jsonl", path));
    append(ledger, 1);
    whole = size_of(path);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    limit = (struct rlimit){.rlim_cur = (rlim_t)whole + 10, .rlim_max = old.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    assert_int_equal(ledger_append(ledger, &record, true), -EFBIG);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_int_equal(size_of(path), whole);
    assert_replay(ledger, 1, 1, 0);
    append(ledger, 3);
    assert_replay(ledger, 2, 3, 0);
    ledger_free(ledger);
}

static int write_two(void *context, struct ledger *fresh)
{
    struct record first = record_of(11), second = record_of(12);
    int r = ledger_append(fresh, &first, false);

    (void)context;
    return r < 0 ? r : ledger_append(fresh, &second, false);
}

static int write_nothing(void *context, struct ledger *fresh)
{
    (void)fresh;
    return *(int *)context;
}

static void test_a_rotation_begins_with_what_is_open(void **state)
{
    struct ledger *ledger, *second = NULL;
    struct error error = {0};
    char path[PATH_MAX], old[PATH_MAX], fresh[PATH_MAX];

    directory_path(state, "ledger.jsonl.1", old);
    directory_path(state, "ledger.jsonl.new", fresh);
    ledger = open_ledger(directory_path(state, "ledger.jsonl", path));
    for (unsigned round = 0; round < 2; round++) { /* the second replaces the first one's old file */
        append(ledger, 1);
        assert_int_equal(ledger_rotate(ledger, write_two, NULL), 0);
        assert_int_equal(ledger_open(path, &second, &error), -EBUSY);
        assert_int_equal(access(fresh, F_OK), -1);
        append(ledger, 13);
        assert_replay(ledger, 3, 13, 0);
    }
    ledger_free(ledger);
    ledger = open_ledger(path);
    assert_replay(ledger, 3, 13, 0);
    ledger_free(ledger);
    ledger = open_ledger(old);
    assert_replay(ledger, 4, 1, 0);
    ledger_free(ledger);
}

static void test_a_rotation_that_fails_leaves_the_old_file_in_use(void **state)
{
    struct ledger *ledger;
    char path[PATH_MAX], fresh[PATH_MAX];
    int failure = -ENOSPC;

    ledger = open_ledger(directory_path(state, "ledger.jsonl", path));
    append(ledger, 1);
    assert_int_equal(ledger_rotate(ledger, write_nothing, &failure), -ENOSPC);
    assert_int_equal(access(directory_path(state, "ledger.jsonl.new", fresh), F_OK), -1);
    append(ledger, 2);
    assert_replay(ledger, 2, 2, 0);
    ledger_free(ledger);
}

static void test_it_is_full_at_its_limit_and_not_before(void **state)
{
    _cleanup_free_ char *lines = malloc(LEDGER_ROTATE_BYTES);
    struct ledger *ledger;
    char path[PATH_MAX];
    int done = 0;

    assert_non_null(lines);
    memset(lines, '\n', LEDGER_ROTATE_BYTES);
    directory_write(directory_path(state, "ledger.jsonl", path), lines, LEDGER_ROTATE_BYTES - 1, 0600);
    ledger = open_ledger(path);
    assert_false(ledger_is_full(ledger));
    append(ledger, 1);
    assert_true(ledger_is_full(ledger));
    assert_int_equal(ledger_rotate(ledger, write_nothing, &done), 0);
    assert_false(ledger_is_full(ledger));
    ledger_free(ledger);
}

static void test_no_memory_leaves_no_trace(void **state)
{
    struct record record = record_of(2);
    struct ledger *ledger = NULL;
    char path[PATH_MAX];

    directory_path(state, "ledger.jsonl", path);
    for (unsigned n = 1;; n++) {
        struct error error = {0};
        int r;

        allocation_fail_at(n);
        r = ledger_open(path, &ledger, &error);
        if (!allocation_failed()) {
            assert_int_equal(r, 0);
            break;
        }
        assert_int_equal(r, -ENOMEM);
        assert_null(ledger);
    }
    for (unsigned n = 1;; n++) {
        int r;

        allocation_fail_at(n);
        r = ledger_append(ledger, &record, true);
        if (!allocation_failed()) {
            assert_int_equal(r, 0);
            break;
        }
        assert_int_equal(r, -ENOMEM);
        assert_replay(ledger, 0, 0, 0);
    }
    allocation_fail_at(0);
    assert_replay(ledger, 1, 2, 0);
    ledger_free(ledger);
}

#define WITH_DIRECTORY(test) cmocka_unit_test_setup_teardown(test, directory_setup, directory_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_DIRECTORY(test_records_outlive_the_daemon),
        WITH_DIRECTORY(test_two_daemons_cannot_share_one),
        WITH_DIRECTORY(test_a_torn_last_line_is_cut_off),
        WITH_DIRECTORY(test_a_file_without_one_whole_line_begins_anew),
        WITH_DIRECTORY(test_damaged_lines_are_counted_and_skipped),
        WITH_DIRECTORY(test_what_cannot_be_used_is_named),
        WITH_DIRECTORY(test_a_full_disk_leaves_no_half_line),
        WITH_DIRECTORY(test_a_rotation_begins_with_what_is_open),
        WITH_DIRECTORY(test_a_rotation_that_fails_leaves_the_old_file_in_use),
        WITH_DIRECTORY(test_it_is_full_at_its_limit_and_not_before),
        WITH_DIRECTORY(test_no_memory_leaves_no_trace),
    };

    return cmocka_run_group_tests_name("host/ledger", tests, NULL, NULL);
}
