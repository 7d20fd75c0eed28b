// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/secret.h"

#include <errno.h>
#include <string.h>

int secret_set(struct secret *secret, const void *bytes, size_t size)
{
    const char *text = bytes;

    secret_wipe(secret);
    if (size > 0 && text[size - 1] == '\n')
        size--;
    if (size == 0)
        return -EBADMSG;
    if (size > SECRET_MAX)
        return -EMSGSIZE;
    if (memchr(text, '\0', size) || memchr(text, '\n', size) || memchr(text, '\r', size))
        return -EBADMSG;
    memcpy(secret->bytes, text, size);
    secret->bytes[size] = '\0';
    secret->size = size;
    return 0;
}

void secret_wipe(struct secret *secret)
{
    explicit_bzero(secret, sizeof(*secret));
}
