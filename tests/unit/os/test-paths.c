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
        enum path path;
        const char *found; /* NULL: `words` are said instead */
        const char *words;
    } rows[] = {
        {{{"HOME", "/u"}}, PATH_POLICY, "/u/.config/adminkeyd/policy.yaml", NULL},
        {{{"HOME", "/u"}}, PATH_LEDGER, "/u/.local/state/adminkeyd/ledger.jsonl", NULL},
        {{{"HOME", "/u"}, {"XDG_CONFIG_HOME", "relative"}},
         PATH_POLICY,
         "/u/.config/adminkeyd/policy.yaml",
         NULL},
        {{{"XDG_CONFIG_HOME", "/c"}}, PATH_POLICY, "/c/adminkeyd/policy.yaml", NULL},
        {{{"XDG_STATE_HOME", "/s"}}, PATH_LEDGER, "/s/adminkeyd/ledger.jsonl", NULL},
        {{{"XDG_RUNTIME_DIR", "/run/user/7"}}, PATH_SOCKET, "/run/user/7/adminkeyd/adminkeyd.sock", NULL},
        {{{"HOME", "/u"}}, PATH_SOCKET, NULL, "XDG_RUNTIME_DIR"},
        {{{"XDG_RUNTIME_DIR", "/r"}}, PATH_POLICY, NULL, "HOME"},
        {{{"HOME", "u"}}, PATH_LEDGER, NULL, "HOME"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        _cleanup_free_ char *path = NULL;
        struct error error = {0};

        set_environment(rows[i].environment, ARRAY_SIZE(rows[i].environment));
        assert_int_equal(paths_find(PATHS_OF_USER, rows[i].path, &path, &error), rows[i].found ? 0 : -ENOENT);
        if (rows[i].found)
            assert_string_equal(path, rows[i].found);
        else
            assert_non_null(strstr(error.text, rows[i].words));
    }
}

static void test_the_systems_paths_ask_no_environment(void **state)
{
    static const struct variable hostile[] = {
        {"HOME", "/evil"}, {"XDG_CONFIG_HOME", "/evil"}, {"RUNTIME_DIRECTORY", "/evil"}};
    static const char *const rows[] = {
        [PATH_POLICY] = SYSCONFDIR "/adminkeyd/policy.yaml",
        [PATH_SOCKET] = RUNSTATEDIR "/adminkeyd/adminkeyd.sock",
        [PATH_LEDGER] = LOCALSTATEDIR "/lib/adminkeyd/ledger.jsonl",
    };

    (void)state;
    set_environment(hostile, ARRAY_SIZE(hostile));
    for (enum path path = PATH_POLICY; path <= PATH_LEDGER; path++) {
        _cleanup_free_ char *found = NULL;
        struct error error = {0};

        assert_int_equal(paths_find(PATHS_OF_SYSTEM, path, &found, &error), 0);
        assert_string_equal(found, rows[path]);
    }
}

static void test_a_services_directories_come_first(void **state)
{
    static const struct variable service[] = {{"RUNTIME_DIRECTORY", "/run/a:/run/b"},
                                              {"STATE_DIRECTORY", "/var/lib/a"}};
    static const char *const rows[] = {
        [PATH_POLICY] = SYSCONFDIR "/adminkeyd/policy.yaml",
        [PATH_SOCKET] = "/run/a/adminkeyd.sock",
        [PATH_LEDGER] = "/var/lib/a/ledger.jsonl",
    };

    (void)state;
    set_environment(service, ARRAY_SIZE(service));
    for (enum path path = PATH_POLICY; path <= PATH_LEDGER; path++) {
        _cleanup_free_ char *found = NULL;
        struct error error = {0};

        assert_int_equal(paths_find_of_service(PATHS_OF_SYSTEM, path, &found, &error), 0);
        assert_string_equal(found, rows[path]);
    }
}

static void test_no_memory_leaves_nothing(void **state)
{
    static const struct variable user[] = {{"HOME", "/u"}, {"XDG_RUNTIME_DIR", "/r"}};

    (void)state;
    set_environment(user, ARRAY_SIZE(user));
    for (enum paths_of of = PATHS_OF_SYSTEM; of <= PATHS_OF_USER; of++)
        for (enum path path = PATH_POLICY; path <= PATH_LEDGER; path++)
            for (unsigned n = 1;; n++) {
                _cleanup_free_ char *found = NULL;
                struct error error = {0};
                int r;

                allocation_fail_at(n);
                r = paths_find(of, path, &found, &error);
                if (!allocation_failed()) {
                    assert_int_equal(r, 0);
                    break;
                }
                assert_int_equal(r, -ENOMEM);
                assert_null(found);
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
