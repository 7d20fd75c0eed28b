// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Any bytes as a line of the ledger. What was read as a record is written as one line, and is from then on
 * read and written the same for ever.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "engine/record.h"
#include "fuzz.h"

static void demand(bool holds)
{
    if (!holds)
        abort();
}

static void check(const struct record *record)
{
    demand(record->kind <= RECORD_SEEN && *record->site);
    demand(strlen(record->site) <= RECORD_SITE_MAX);
    demand(strlen(record->cause_name) <= RECORD_TEXT_MAX && strlen(record->cause_reason) <= RECORD_TEXT_MAX);
    demand(strlen(record->request_id) <= CONFLUENCE_ID_MAX);
    demand(text_is_utf8(record->cause_reason, strlen(record->cause_reason), NULL));
    if (record->kind == RECORD_INTENT)
        demand(record->id != 0 && record->minutes >= CONFLUENCE_MINUTES_MIN &&
               record->minutes <= CONFLUENCE_MINUTES_MAX);
    demand(record->verdict < N_VERDICTS);
}

static void write_line(const struct record *record, struct bytes *bytes)
{
    demand(record_format(record, bytes) == 0);
    demand(bytes->size <= RECORD_LINE_MAX);
    demand(memchr(bytes->data, '\n', bytes->size) == bytes->data + bytes->size - 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    _cleanup_(bytes_donep) struct bytes once = BYTES_INIT(RECORD_LINE_MAX);
    _cleanup_(bytes_donep) struct bytes twice = BYTES_INIT(RECORD_LINE_MAX);
    struct record record;
    int r = record_parse((const char *)data, size, &record);

    demand(r == 0 || r == RECORD_DAMAGED);
    if (r != 0)
        return 0;
    check(&record);
    write_line(&record, &once);
    demand(record_parse(once.data, once.size - 1, &record) == 0);
    check(&record);
    write_line(&record, &twice);
    demand(once.size == twice.size && memcmp(once.data, twice.data, once.size) == 0);
    return 0;
}
