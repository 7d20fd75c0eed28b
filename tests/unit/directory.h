// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * A directory of the test's own, for modules that work on real files: empty at the start of each test,
 * removed with all that is in it at the end.
 *
 *     cmocka_unit_test_setup_teardown(test_x, directory_setup, directory_teardown)
 */

#include <limits.h>
#include <stddef.h>
#include <sys/types.h>

/* cmocka fixtures; *state is the directory's path. */
int directory_setup(void **state);
int directory_teardown(void **state);

/* The path of a name in it. */
const char *directory_path(void **state, const char *name, char path[static PATH_MAX]);

/* Makes a file; what cannot be done fails the test. */
void directory_write(const char *path, const void *data, size_t size, mode_t mode);
