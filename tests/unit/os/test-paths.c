// SPDX-License-Identifier: GPL-3.0-or-later
#include "os/paths.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../allocation.h"
#include "base/cleanup.h"

struct variable {
    const char *name, *value;
};

/* Those that are not named are not set. */
static void set_environment(const struct variable *variables, size_t n)
{
    static const char *const all[] = {"HOME",           "XDG_CONFIG_HOME",   "XDG_RUNTIME_DIR",
                                      "XDG_STATE_HOME", "RUNTIME_DIRECTORY", "STATE_DIRECTORY"};

    for (size_t i = 0; i < ARRAY_SIZE(all); i++)
        unsetenv(all[i]);
    for (size_t i = 0; i < n && variables[i].name; i++)
        setenv(variables[i].name, variables[i].value, 1);
}

static void test_a_users_paths_follow_xdg(void **state)
{
    static const struct {
        struct variable environment[4];
        int r;
        const char *policy, *socket, *ledger, *words;
    } rows[] = {
        {{{"HOME", "/u"}, {"XDG_RUNTIME_DIR", "/run/user/7"}},
         0,
         "/u/.config/adminkeyd/policy.yaml",
         "/run/user/7/adminkeyd/adminkeyd.sock",
         "/u/.local/state/adminkeyd/ledger.jsonl",
         NULL},
        {{{"XDG_CONFIG_HOME", "/c"}, {"XDG_RUNTIME_DIR", "/r"}, {"XDG_STATE_HOME", "/s"}},
         0,
         "/c/adminkeyd/policy.yaml",
         "/r/adminkeyd/adminkeyd.sock",
         "/s/adminkeyd/ledger.jsonl",
         NULL},
        {{{"HOME", "/u"}, {"XDG_CONFIG_HOME", "relative"}, {"XDG_RUNTIME_DIR", "/r"}},
         0,
         "/u/.config/adminkeyd/policy.yaml",
         "/r/adminkeyd/adminkeyd.sock",
         "/u/.local/state/adminkeyd/ledger.jsonl",
         NULL},
        {{{"HOME", "/u"}}, -ENOENT, NULL, NULL, NULL, "XDG_RUNTIME_DIR"},
        {{{"XDG_RUNTIME_DIR", "/r"}}, -ENOENT, NULL, NULL, NULL, "HOME"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct error error = {0};
        struct paths paths;

        set_environment(rows[i].environment, ARRAY_SIZE(rows[i].environment));
        assert_int_equal(paths_init(&paths, PATHS_OF_USER, &error), rows[i].r);
        if (rows[i].r < 0) {
            assert_non_null(strstr(error.text, rows[i].words));
            continue;
        }
        assert_string_equal(paths.policy, rows[i].policy);
        assert_string_equal(paths.socket, rows[i].socket);
        assert_string_equal(paths.ledger, rows[i].ledger);
        paths_done(&paths);
    }
}

static void test_the_systems_paths_ask_no_environment(void **state)
{
    static const struct variable hostile[] = {{"HOME", "/evil"}, {"XDG_CONFIG_HOME", "/evil"}};
    struct error error = {0};
    struct paths paths;

    (void)state;
    set_environment(hostile, ARRAY_SIZE(hostile));
    assert_int_equal(paths_init(&paths, PATHS_OF_SYSTEM, &error), 0);
    assert_string_equal(paths.policy, SYSCONFDIR "/adminkeyd/policy.yaml");
    assert_string_equal(paths.socket, RUNSTATEDIR "/adminkeyd/adminkeyd.sock");
    assert_string_equal(paths.ledger, LOCALSTATEDIR "/lib/adminkeyd/ledger.jsonl");
    paths_done(&paths);
}

static void test_a_services_directories_come_first(void **state)
{
    static const struct variable service[] = {{"RUNTIME_DIRECTORY", "/run/a:/run/b"},
                                              {"STATE_DIRECTORY", "/var/lib/a"}};
    struct error error = {0};
    struct paths paths;

    (void)state;
    set_environment(service, ARRAY_SIZE(service));
    assert_int_equal(paths_init(&paths, PATHS_OF_SYSTEM, &error), 0);
    assert_string_equal(paths.socket, RUNSTATEDIR "/adminkeyd/adminkeyd.sock");
    assert_int_equal(paths_take_service_directories(&paths), 0);
    assert_string_equal(paths.socket, "/run/a/adminkeyd.sock");
    assert_string_equal(paths.ledger, "/var/lib/a/ledger.jsonl");
    paths_done(&paths);
}

static void test_no_memory_leaves_nothing(void **state)
{
    static const struct variable user[] = {{"HOME", "/u"}, {"XDG_RUNTIME_DIR", "/r"}};

    (void)state;
    set_environment(user, ARRAY_SIZE(user));
    for (enum paths_of of = PATHS_OF_SYSTEM; of <= PATHS_OF_USER; of++)
        for (unsigned n = 1;; n++) {
            struct error error = {0};
            struct paths paths;
            int r;

            allocation_fail_at(n);
            r = paths_init(&paths, of, &error);
            if (!allocation_failed()) {
                assert_int_equal(r, 0);
                paths_done(&paths);
                break;
            }
            assert_int_equal(r, -ENOMEM);
            assert_null(paths.policy);
            assert_null(paths.socket);
            assert_null(paths.ledger);
        }
    allocation_fail_at(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_users_paths_follow_xdg),
        cmocka_unit_test(test_the_systems_paths_ask_no_environment),
        cmocka_unit_test(test_a_services_directories_come_first),
        cmocka_unit_test(test_no_memory_leaves_nothing),
    };

    return cmocka_run_group_tests_name("os/paths", tests, NULL, NULL);
}
