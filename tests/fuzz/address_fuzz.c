/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Addresses: what was parsed can go on the wire, and means the same when it is
 * parsed again; what was not is named with its reason. */
#include <config.h>

#include "base/text.h"
#include "fuzz/fuzz.h"
#include "mail/address.h"
#include "mail/glob.h"

static void check_bytes(const char *text)
{
	fuzz_check(text_is_utf8(span_of(text)));
	for (; *text; text++) {
		fuzz_check((unsigned char)*text >= ' ' && *text != 0x7F);
		fuzz_check(*text != '<' && *text != '>');
	}
}

static void check_mailbox(const struct mailbox *mailbox, struct arena *arena)
{
	const char *text = address_string(arena, mailbox);
	struct mailbox again;
	const char *reason;

	check_bytes(mailbox->local);
	check_bytes(mailbox->domain);
	fuzz_check(strlen(mailbox->local) <= ADDRESS_LOCAL_LIMIT);
	fuzz_check(strlen(mailbox->domain) <= ADDRESS_DOMAIN_LIMIT);
	for (const char *c = mailbox->name; *c; c++)
		fuzz_check((unsigned char)*c >= ' ' && *c != 0x7F);
	fuzz_check(address_parse(span_of(text), arena, &again, &reason));
	fuzz_check(strcmp(again.local, mailbox->local) == 0);
	fuzz_check(strcmp(again.domain, mailbox->domain) == 0);
	fuzz_check(address_equal(mailbox, &again));
	fuzz_check(glob_matches_address(span_of(text), span_of(text)) ||
		   strpbrk(text, "?*[") != NULL);
}

static void check_list(struct span text, struct arena *arena)
{
	struct mailbox_list list;
	struct span offending;
	const char *reason = NULL;

	if (address_list_parse(text, arena, &list, &offending, &reason)) {
		for (size_t i = 0; i < list.count; i++) {
			fuzz_check(!address_is_null(&list.items[i]));
			check_mailbox(&list.items[i], arena);
		}
		return;
	}
	fuzz_check(reason && *reason);
	fuzz_check(offending.at >= text.at &&
		   offending.at + offending.length <= text.at + text.length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = fuzz_span(data, size);
	struct arena *arena = arena_new();
	struct mailbox mailbox;
	const char *reason = NULL;

	check_list(text, arena);
	if (address_parse(text, arena, &mailbox, &reason))
		check_mailbox(&mailbox, arena);
	else
		fuzz_check(reason && *reason);
	(void)glob_matches_address(
		span_make(text.at, size / 2), span_skip(text, size / 2));
	arena_free(arena);
	return 0;
}
