/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Internationalised domain names, through libidn2 (RFC 5890, UTS #46). */
#ifndef NET_IDN_H
#define NET_IDN_H

#include "base/buf.h"
#include "base/diag.h"

#include <stdbool.h>

/* Appends DOMAIN (UTF-8) in A-labels; ASCII domains and address literals are
 * copied.  Fails with DIAG_ADDRESS_DOMAIN_INVALID. */
bool idn_to_ascii(const char *domain, struct buf *out, struct diag *why);
/* The version of the library that this was built with; with IS_LOADED that of
 * the one at run time, and NULL when it cannot be loaded. */
const char *idn_library_version(bool is_loaded);

#endif
