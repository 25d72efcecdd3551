/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which addresses had a row already, at eight bytes an address or a little
 * more: of each its hash is kept.
 */
#ifndef CMD_MERGE_SEEN_H
#define CMD_MERGE_SEEN_H

#include "mail/address.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zeroed is empty.  Invariant: at most two thirds of the slots are taken. */
struct merge_seen {
	uint64_t *slots; /* 0: free */
	size_t room, count;
};

/* Takes in the addresses of one row together; false when they were there.
 * Letters of ASCII count the same in either case. */
bool merge_seen_add(
	struct merge_seen *seen, const struct mailbox_list *addresses);
void merge_seen_free(struct merge_seen *seen);

#endif
