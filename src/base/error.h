// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * Words for people about a failure. The caller owns the struct, on its stack as a rule; whoever fails writes
 * one sentence into it that says where, what and what would be right. The number that the function returns
 * says what the program is to do; the words are only ever shown.
 *
 * Results everywhere: 0 is done; a negative errno is a failure of the environment or of the program, handed
 * on untouched; a positive number is an outcome from the module's own enum, which the caller must handle.
 */

#define ERROR_TEXT_MAX 512

struct error {
    char text[ERROR_TEXT_MAX]; /* NUL-terminated, without a newline at its end; empty: nothing was said */
};

/* Writes the sentence; what does not fit is cut. `ret_error` may be NULL: then nobody wants the words. */
void error_set(struct error *ret_error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts a prefix ("sites.acme: ") before what stands there. */
void error_prefix(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));
