// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * SHA-256 (FIPS 180-4), to tell people which policy is in force by the same digits as sha256sum(1). Not used
 * to protect anything.
 */

#include <stddef.h>

#define SHA256_TEXT_MAX 65

/* The digest of the bytes in 64 lower-case hexadecimal digits. */
const char *sha256_text(char buffer[static SHA256_TEXT_MAX], const void *data, size_t size);
