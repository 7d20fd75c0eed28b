// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/sha256.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"

/* FIPS 180-2, appendix B, and sha256sum(1) around the lengths where the padding takes another block. */
static void test_known_digests(void **state)
{
    static const struct {
        char letter;
        size_t n;
        const char *digest;
    } rows[] = {
        {'a', 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {'a', 1, "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"},
        {'a', 55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"},
        {'a', 56, "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"},
        {'a', 63, "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34"},
        {'a', 64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"},
        {'a', 1000000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        _cleanup_free_ char *bytes = malloc(rows[i].n + 1);
        char digest[SHA256_TEXT_MAX];

        assert_non_null(bytes);
        memset(bytes, rows[i].letter, rows[i].n);
        assert_string_equal(sha256_text(digest, bytes, rows[i].n), rows[i].digest);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_digests),
    };

    return cmocka_run_group_tests_name("base/sha256", tests, NULL, NULL);
}
