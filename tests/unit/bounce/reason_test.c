/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers found in texts, and reasons by words, status and code. */
#include <config.h>

#include "bounce/reason.h"
#include "tap.h"

static const struct {
	const char *text, *status;
	unsigned code;
} numbers[] = {
	{ "550 5.1.1 no", "5.1.1", 550 },
	{ "550-5.7.26 x\n550 5.7.26 y", "5.7.26", 550 },
	{ "(#5.1.2)", "5.1.2", 0 },
	{ "5.0.0 then 5.2.2", "5.2.2", 0 },
	{ "5.0.0 alone", "5.0.0", 0 },
	{ "5.1.1", "5.1.1", 0 },
	{ "said: 450 4.2.1.", "4.2.1", 450 },
	{ "smtp;550 5.1.10 x", "5.1.10", 550 },
	{ "552: full", "", 552 },
	{ "ERROR CODE :550 - 5.1.1", "5.1.1", 550 },
	{ "[5.1.1.4] 10.5.1.1", "", 0 },
	{ "at 5.1.1.4 port", "", 0 },
	{ "15.1.1 and 5.1.1a", "", 0 },
	{ "5.1234.1 5.1.1234", "", 0 },
	{ "3.1.1 250 2.0.0", "2.0.0", 0 },
	{ "5500 a550 550a 5.550 560 599 399", "", 0 },
	{ "5", "", 0 },
	{ "5.", "", 0 },
	{ "5.1", "", 0 },
	{ "5.1.", "", 0 },
	{ "55", "", 0 },
	{ "", "", 0 },
};

static const struct {
	const char *status;
	unsigned code;
	const char *text, *reason;
} reasons[] = {
	{ "5.1.1", 550, "no such user here", "recipient" },
	{ "5.1.1", 550, "", "recipient" },
	{ "5.2.2", 0, "", "mailbox-full" },
	{ "4.2.2", 452, "", "mailbox-full" },
	{ "5.5.0", 550, "mailbox unavailable: over quota", "mailbox-full" },
	{ "5.7.1", 554, "blocked using zen.spamhaus.org", "reputation" },
	{ "5.7.1", 554, "looks like SPAM to me", "content" },
	{ "5.7.1", 554, "", "policy" },
	{ "5.7.26", 550, "", "domain-authentication" },
	{ "5.1.10", 550, "", "host" },
	{ "", 550, "", "recipient" },
	{ "", 552, "", "size" },
	{ "", 421, "", "server-busy" },
	{ "5.9.9", 599, "", "unknown" },
	{ "", 0, "", "unknown" },
	{ "", 0, "Der EMPFÄNGER ist gesperrt", "inactive" },
	{ "", 0, "用户不存在", "recipient" },
};

int main(void)
{
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		struct span text = span_of(numbers[i].text);
		char status[12];

		bounce_find_status(text, status, sizeof status);
		tap_is_text(status, numbers[i].status, numbers[i].text);
		tap_is_number((long)bounce_find_code(text),
			(long)numbers[i].code, numbers[i].text);
	}
	for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
		tap_is_text(
			bounce_reason_name(bounce_reason_of(reasons[i].status,
				reasons[i].code, span_of(reasons[i].text))),
			reasons[i].reason, "a reason");
	for (int i = 0; i < BOUNCE_REASON_COUNT; i++)
		tap_ok(*bounce_reason_name((enum bounce_reason)i) &&
				*bounce_reason_text((enum bounce_reason)i),
			"a name and a text");
	return tap_done();
}
