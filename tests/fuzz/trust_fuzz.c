/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files of certificates: whatever is found has a subject inside itself, and
 * a search by that subject finds it again. */
#include <config.h>

#include "fuzz/fuzz.h"
#include "net/trust.h"

struct seen {
	size_t count;
	struct span subject; /* wanted */
};

static void on_found(void *context, struct span der)
{
	struct seen *seen = context;
	struct span subject = trust_subject(der);

	seen->count++;
	fuzz_check(der.length <= TRUST_CERTIFICATE_LIMIT);
	fuzz_check(subject.length && subject.at > der.at &&
		   subject.at + subject.length <= der.at + der.length);
	fuzz_check(!seen->subject.length || span_equal(subject, seen->subject));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span input = fuzz_span(data, size);
	struct span subject = trust_subject(input);
	struct seen all = { 0, { 0 } }, some = { 0, { 0 } };
	struct trust_search search = { .found = on_found, .context = &all };
	size_t count = trust_search(input, &search);

	fuzz_check(all.count <= count);
	if (!subject.length)
		subject = SPAN("\x30\x00");
	some.subject = subject;
	search = (struct trust_search){ &subject, 1, on_found, &some };
	fuzz_check(trust_search(input, &search) == count);
	fuzz_check(some.count <= all.count);
	return 0;
}
