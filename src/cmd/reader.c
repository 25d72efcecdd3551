/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading in a confined child.  Does not know what is read. */
#include <config.h>

#include "cmd/reader.h"

#include "base/apart.h"
#include "base/clock.h"
#include "base/sandbox.h"
#include "base/text.h"

enum { READER_SECONDS = 60 };

struct reading {
	bool (*work)(void *context, struct buf *out);
	void *context;
};

static bool read_confined(void *context, struct buf *out)
{
	const struct reading *reading = context;
	struct sandbox_state ignored;

	sandbox_enter(&(struct sandbox_params){ .profile = SANDBOX_READER },
		&ignored);
	return reading->work(reading->context, out);
}

bool reader_run(bool (*work)(void *context, struct buf *out), void *context,
	struct buf *out, struct diag *why)
{
	struct reading reading = { work, context };
	enum apart_result result;

	/* The catalogue is read, and what converts it loaded, for the first
	 * sentence. */
	(void)_("it was not found");
	result = apart_run(
		read_confined, &reading, clock_deadline(READER_SECONDS), out);
	if (result == APART_DONE ||
		(result == APART_NEVER && work(context, out)))
		return true;
	return diag_set(why, DIAG_SYSTEM_FAILED, "sandbox");
}

void reader_put_lines(struct buf *out, struct span text)
{
	while (text.length) {
		text_put_printable(out, span_cut(&text, '\n'));
		buf_put_byte(out, '\n');
	}
}
