// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * The one function that each fuzz target defines. It is given any bytes at all and must come back without a
 * crash, a leak, or a broken promise of the tested code, which it holds with abort(). Called by libFuzzer, or
 * by replay.c with the files of a corpus.
 */

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
