// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/*
 * How text looks: colours, the dot before a site, bars, times and durations for people.
 */

#include <stdbool.h>
#include <stdio.h>

#include "adminkeyctl/verb.h"
#include "adminkeyctl/view.h"

enum colour {
    COLOUR_PLAIN,
    COLOUR_GREEN,
    COLOUR_YELLOW,
    COLOUR_RED,
    COLOUR_FAINT,
    COLOUR_BOLD,
};

struct paint {
    bool colour;
    bool unicode;   /* the locale's characters are UTF-8 */
    bool bars;      /* only on a terminal */
    unsigned width; /* columns */
};

/* For what goes to stdout. */
struct paint paint_for_stdout(const struct arguments *arguments);

/* The sequences that begin a colour and end it; "" without colours. */
const char *paint_begin(const struct paint *paint, enum colour colour);
const char *paint_end(const struct paint *paint);

/* Green where all is well and the key on, red where people are needed ... */
enum colour paint_colour_of(const struct site_view *view);

/* The coloured dot: full where the key is on, hollow where it is off. */
void paint_dot(FILE *out, const struct paint *paint, const struct site_view *view);

/* A bar of `columns`, filled to part / whole. */
void paint_bar(FILE *out, const struct paint *paint, unsigned columns, usec part, usec whole);

/* Local time with its zone, and the date where it is not today: "14:03:05 CET", "Tue 2026-11-24 08:30:00
 * CET". */
#define PAINT_TIME_MAX 64
const char *paint_time(char buffer[static PAINT_TIME_MAX], usec utc, usec now_utc);

/* The two largest units: "42m 10s", "3h 5m", "2d 4h"; "0s" for what is past. */
const char *paint_span(char buffer[static PAINT_TIME_MAX], usec span);
