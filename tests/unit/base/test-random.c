// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/cleanup.h"

/* The numbers that the published algorithm gives from these seeds. */
static void test_the_numbers_of_splitmix64(void **state)
{
    static const struct {
        uint64_t seed, numbers[3];
    } rows[] = {
        {0, {UINT64_C(0xe220a8397b1dcdaf), UINT64_C(0x6e789e6aa1b965f4), UINT64_C(0x06c45d188009454f)}},
        {1234567,
         {UINT64_C(6457827717110365317), UINT64_C(3203168211198807973), UINT64_C(9817491932198370423)}},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct random random = {rows[i].seed};

        for (size_t k = 0; k < ARRAY_SIZE(rows[i].numbers); k++)
            assert_true(random_next(&random) == rows[i].numbers[k]);
    }
}

static void test_below_reaches_all_and_no_more(void **state)
{
    struct random random = {7};
    unsigned seen[10] = {0};

    (void)state;
    for (unsigned i = 0; i < 10000; i++) {
        uint64_t number = random_below(&random, ARRAY_SIZE(seen));

        assert_true(number < ARRAY_SIZE(seen));
        seen[number]++;
    }
    for (size_t i = 0; i < ARRAY_SIZE(seen); i++)
        assert_in_range(seen[i], 850, 1150); /* a thousand each, five deviations to both sides */
    assert_true(random_below(&random, 0) == 0);
    assert_true(random_below(&random, 1) == 0);
}

static void test_between_has_both_ends(void **state)
{
    static const struct {
        int64_t low, high;
    } rows[] = {{0, 0}, {-5, -5}, {-2, 2}, {0, 1}, {INT64_MIN, INT64_MIN + 1}, {INT64_MAX - 1, INT64_MAX}};

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct random random = {i};
        bool saw_low = false, saw_high = false;

        for (unsigned k = 0; k < 200; k++) {
            int64_t number = random_between(&random, rows[i].low, rows[i].high);

            assert_true(number >= rows[i].low && number <= rows[i].high);
            saw_low |= number == rows[i].low;
            saw_high |= number == rows[i].high;
        }
        assert_true(saw_low && saw_high);
    }
}

static void test_between_the_ends_of_all_numbers(void **state)
{
    struct random random = {1}, same = {1};
    bool negative = false, positive = false;

    (void)state;
    for (unsigned k = 0; k < 100; k++) {
        int64_t number = random_between(&random, INT64_MIN, INT64_MAX);

        assert_true(number == (int64_t)random_next(&same));
        negative |= number < 0;
        positive |= number > 0;
    }
    assert_true(negative && positive);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_numbers_of_splitmix64),
        cmocka_unit_test(test_below_reaches_all_and_no_more),
        cmocka_unit_test(test_between_has_both_ends),
        cmocka_unit_test(test_between_the_ends_of_all_numbers),
    };

    return cmocka_run_group_tests_name("base/random", tests, NULL, NULL);
}
