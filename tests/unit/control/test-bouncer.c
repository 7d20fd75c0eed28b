// SPDX-License-Identifier: GPL-3.0-or-later
#include "control/bouncer.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "allocation.h"
#include "control/limits.h"

#define OWN_UID 30

/* Users u40, u41 ...: their number. Groups g50 ... alike. "broken" fails otherwise. */
static int find(const char *name, char letter, unsigned *ret_id)
{
    if (strcmp(name, "broken") == 0)
        return -EIO;
    if (name[0] != letter)
        return -ENOENT;
    *ret_id = (unsigned)atoi(name + 1);
    return 0;
}

static int find_user(const char *name, uid_t *ret_uid)
{
    return find(name, 'u', ret_uid);
}

static int find_group(const char *name, gid_t *ret_gid)
{
    return find(name, 'g', ret_gid);
}

static const struct principal_finder finder = {.user = find_user, .group = find_group};

static int make(struct problems *warnings, struct bouncer **ret_bouncer)
{
    char *operators[] = {(char[]){"u40"}, (char[]){"nobody-knows"}}, *operator_groups[] = {(char[]){"g50"}};
    char *viewers[] = {(char[]){"broken"}, (char[]){"u60"}},
         *viewer_groups[] = {(char[]){"crew"}, (char[]){"g70"}};
    struct policy policy = {
        .operators = {.users = operators, .n_users = 2, .groups = operator_groups, .n_groups = 1},
        .viewers = {.users = viewers, .n_users = 2, .groups = viewer_groups, .n_groups = 2},
    };

    return bouncer_new(&policy, OWN_UID, &finder, warnings, ret_bouncer);
}

static void test_who_may_do_what(void **state)
{
    static const gid_t of_operators[] = {1, 50}, of_viewers[] = {70, 2}, of_others[] = {1, 2, 40, 60};
    static const struct {
        struct peer peer;
        bool views, operates;
    } rows[] = {
        {{.uid = 0, .gid = 0}, true, true},
        {{.uid = OWN_UID, .gid = 1}, true, true},
        {{.uid = 40, .gid = 1}, true, true},
        {{.uid = 1, .gid = 50}, true, true},
        {{.uid = 1, .gid = 1, .groups = of_operators, .n_groups = 2}, true, true},
        {{.uid = 60, .gid = 1}, true, false},
        {{.uid = 1, .gid = 70}, true, false},
        {{.uid = 1, .gid = 1, .groups = of_viewers, .n_groups = 2}, true, false},
        {{.uid = 1, .gid = 0}, false, false},   /* root's group is not root */
        {{.uid = 50, .gid = 40}, false, false}, /* numbers of groups are not those of users */
        {{.uid = 70, .gid = OWN_UID}, false, false},
        {{.uid = 1, .gid = 1, .groups = of_others, .n_groups = 4}, false, false},
        {{.uid = (uid_t)-1, .gid = (gid_t)-1}, false, false},
    };
    struct problems warnings = PROBLEMS_INIT;
    struct bouncer *bouncer;

    (void)state;
    assert_int_equal(make(&warnings, &bouncer), 0);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        assert_false(bouncer_allows(bouncer, &rows[i].peer, ACCESS_NOBODY));
        assert_true(bouncer_allows(bouncer, &rows[i].peer, ACCESS_ANYBODY));
        assert_int_equal(bouncer_allows(bouncer, &rows[i].peer, ACCESS_VIEWERS), rows[i].views);
        assert_int_equal(bouncer_allows(bouncer, &rows[i].peer, ACCESS_OPERATORS), rows[i].operates);
        assert_false(bouncer_allows(bouncer, &rows[i].peer, (enum access)99));
    }
    bouncer_free(bouncer);
    problems_done(&warnings);
}

static void test_unknown_names_are_warned_of(void **state)
{
    static const struct {
        const char *key, *message;
    } rows[] = {
        {"access.operators.users",
         "there is no user 'nobody-knows' on this system: the entry matches nobody"},
        {"access.viewers.users",
         "the user 'broken' cannot be looked up (Input/output error): the entry matches nobody"},
        {"access.viewers.groups", "there is no group 'crew' on this system: the entry matches nobody"},
    };
    struct problems warnings = PROBLEMS_INIT;
    struct bouncer *bouncer;

    (void)state;
    assert_int_equal(make(&warnings, &bouncer), 0);
    assert_int_equal(warnings.n, ARRAY_SIZE(rows));
    assert_int_equal(warnings.n_warnings, ARRAY_SIZE(rows));
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        assert_string_equal(warnings.list[i].key, rows[i].key);
        assert_string_equal(warnings.list[i].message, rows[i].message);
    }
    bouncer_free(bouncer);
    problems_done(&warnings);
}

static void test_a_default_that_is_missing_is_not_warned_of(void **state)
{
    char *groups[] = {(char[]){"crew"}};
    struct policy policy = {.viewers = {.groups = groups, .n_groups = 1, .by_default = true}};
    struct problems warnings = PROBLEMS_INIT;
    struct bouncer *bouncer;

    (void)state;
    assert_int_equal(bouncer_new(&policy, OWN_UID, &finder, &warnings, &bouncer), 0);
    assert_int_equal(warnings.n, 0);
    assert_false(bouncer_allows(bouncer, &(struct peer){.uid = 1, .gid = 1}, ACCESS_VIEWERS));
    bouncer_free(bouncer);
}

static void test_connections_are_kept_for_operators(void **state)
{
    static const struct {
        uid_t uid;
        size_t n_connections, n_of_uid;
        const char *limit;
    } rows[] = {
        {1, 0, 0, NULL},
        {1, 55, 15, NULL},
        {1, 56, 0, LIMIT_CONNECTIONS},
        {60, 56, 0, LIMIT_CONNECTIONS},
        {40, 56, 0, NULL},
        {0, 63, 15, NULL},
        {0, 64, 0, LIMIT_CONNECTIONS},
        {1, 16, 16, LIMIT_CONNECTIONS_PER_UID},
        {0, 16, 16, LIMIT_CONNECTIONS_PER_UID},
    };
    struct problems warnings = PROBLEMS_INIT;
    struct bouncer *bouncer;

    (void)state;
    assert_int_equal(make(&warnings, &bouncer), 0);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct peer peer = {.uid = rows[i].uid, .gid = 1};
        const char *limit = bouncer_admits(bouncer, &peer, rows[i].n_connections, rows[i].n_of_uid);

        if (rows[i].limit)
            assert_string_equal(limit, rows[i].limit);
        else
            assert_null(limit);
    }
    bouncer_free(bouncer);
    problems_done(&warnings);
}

static void test_out_of_memory(void **state)
{
    (void)state;
    for (unsigned n = 1;; n++) {
        struct problems warnings = PROBLEMS_INIT;
        struct bouncer *bouncer = NULL;
        int r;

        allocation_fail_at(n);
        r = make(&warnings, &bouncer);
        if (!allocation_failed()) {
            assert_int_equal(r, 0);
            assert_true(n > 1);
            bouncer_free(bouncer);
            problems_done(&warnings);
            break;
        }
        assert_int_equal(r, -ENOMEM);
        assert_null(bouncer);
        problems_done(&warnings);
    }
    allocation_fail_at(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_may_do_what),
        cmocka_unit_test(test_unknown_names_are_warned_of),
        cmocka_unit_test(test_a_default_that_is_missing_is_not_warned_of),
        cmocka_unit_test(test_connections_are_kept_for_operators),
        cmocka_unit_test(test_out_of_memory),
    };

    return cmocka_run_group_tests_name("control/bouncer", tests, NULL, NULL);
}
