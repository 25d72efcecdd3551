/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers of the DNS (RFC 1035 4.1) from a few lines of text. */
#include <config.h>

#include "unit/cmd/zone.h"

#include "base/buf.h"
#include "base/text.h"
#include "net/dns.h"

#include <netdb.h>
#include <string.h>

const char *zone;
bool zone_is_silent;

static void put_name(struct buf *out, struct span name)
{
	while (name.length) {
		struct span label = span_cut(&name, '.');

		buf_put_byte(out, (char)label.length);
		buf_put_span(out, label);
	}
	buf_put_byte(out, '\0');
}

static void put_text(struct buf *out, struct span text)
{
	while (text.length) {
		size_t length = text.length < 100 ? text.length : 100;

		buf_put_byte(out, (char)length);
		buf_put(out, text.at, length);
		text = span_skip(text, length);
	}
}

static void put_record(struct buf *out, int type, struct span text)
{
	struct buf data = BUF_INIT(8000);

	if (type == DNS_MX) {
		buf_put(&data, "\0\x0A", 2);
		put_name(&data, text);
	} else if (type == DNS_SRV) {
		unsigned long port = 0;

		span_number(span_cut_word(&text), 65535, &port);
		buf_put(&data, "\0\1\0\1", 4);
		buf_put_byte(&data, (char)(port >> 8));
		buf_put_byte(&data, (char)port);
		put_name(&data, span_trim(text));
	} else if (type == DNS_PTR) {
		put_name(&data, text);
	} else {
		put_text(&data, text);
	}
	buf_put(out, "\xC0\x0C\0", 3);
	buf_put_byte(out, (char)type);
	buf_put(out, "\0\1\0\0\0\1", 6);
	buf_put_byte(out, (char)(data.length >> 8));
	buf_put_byte(out, (char)data.length);
	buf_put_span(out, buf_span(&data));
	buf_free(&data);
}

static int type_of(struct span kind)
{
	if (span_equal(kind, SPAN("MX")))
		return DNS_MX;
	if (span_equal(kind, SPAN("PTR")))
		return DNS_PTR;
	if (span_equal(kind, SPAN("A")))
		return 1;
	return span_equal(kind, SPAN("SRV")) ? DNS_SRV : DNS_TXT;
}

int zone_answer(const char *name, int type, unsigned char *answer, int size)
{
	struct span rest = span_of(zone), line;
	struct buf records = BUF_INIT(60000), out = BUF_INIT(64000);
	unsigned count = 0;
	int length = -1;

	h_errno = zone_is_silent ? TRY_AGAIN : HOST_NOT_FOUND;
	while (!zone_is_silent && (line = span_cut(&rest, '\n')).length) {
		struct span owner = span_cut_word(&line);
		struct span kind = span_cut_word(&line);

		if (!span_equal_nocase(owner, span_of(name)) ||
			type_of(kind) != type)
			continue;
		put_record(&records, type, span_trim(line));
		count++;
	}
	if (count) {
		buf_put(&out, "\0\0\x81\x80\0\1\0", 7);
		buf_put_byte(&out, (char)count);
		buf_put(&out, "\0\0\0\0", 4);
		put_name(&out, span_of(name));
		buf_put(&out, "\0\0\0\1", 4);
		buf_put_span(&out, buf_span(&records));
		length = out.length < (size_t)size ? (int)out.length : size;
		memcpy(answer, out.data, (size_t)length);
	}
	buf_free(&records);
	buf_free(&out);
	return length;
}

int zone_look_up(const char *host, const char *port,
	const struct addrinfo *hints, struct addrinfo **found)
{
	struct addrinfo numeric = *hints;
	struct span rest = span_of(zone), line;

	numeric.ai_flags |= AI_NUMERICHOST;
	while (!zone_is_silent && (line = span_cut(&rest, '\n')).length) {
		struct span owner = span_cut_word(&line);
		struct span kind = span_cut_word(&line);
		char address[64] = "";

		line = span_trim(line);
		if (!span_equal_nocase(owner, span_of(host)) ||
			!span_equal(kind, SPAN("A")) ||
			line.length >= sizeof address)
			continue;
		memcpy(address, line.at, line.length);
		return getaddrinfo(address, port, &numeric, found);
	}
	return zone_is_silent ? EAI_AGAIN : EAI_NONAME;
}
