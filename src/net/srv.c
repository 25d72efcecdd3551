/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SRV records.  Does not know what a server is asked for. */
#include <config.h>

#include "net/srv.h"

#include "base/text.h"
#include "net/idn.h"

#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <string.h>

enum {
	SRV_HEADER_BYTES = 12,
	SRV_ANSWER_BYTES = 64 * 1024, /* the most that a TCP answer has */
	SRV_NAME_LIMIT = 255,
	SRV_TYPE = 33, /* RFC 2782 */
	SRV_CLASS_IN = 1,
	SRV_RESPONSE_CODE = 15 /* of the flags */
};

/* ---- the answer: RFC 1035 4.1 -------------------------------------------- */

struct reader {
	struct span whole;
	size_t at;
	bool is_broken; /* it ended too soon, or a name makes no sense */
};

static unsigned take_number(struct reader *reader, size_t bytes)
{
	unsigned value = 0;

	if (reader->whole.length - reader->at < bytes)
		reader->is_broken = true;
	for (size_t i = 0; i < bytes && !reader->is_broken; i++)
		value = value << 8 |
			(unsigned char)reader->whole.at[reader->at++];
	return value;
}

static bool is_host_byte(char c)
{
	return ascii_is_alpha(c) || ascii_is_digit(c) || c == '-' || c == '_';
}

static bool put_label(struct buf *out, struct span label)
{
	for (size_t i = 0; i < label.length; i++)
		if (!is_host_byte(label.at[i]))
			return false;
	if (out->length)
		buf_put_byte(out, '.');
	return buf_put_span(out, label);
}

/* Where the pointer at PLACE leads (4.1.4): further back than any before, so
 * that it ends; SIZE_MAX when it does not. */
static size_t follow(struct span whole, size_t place, size_t *earliest)
{
	size_t target;

	if (whole.length - place < 2)
		return SIZE_MAX;
	target = ((size_t)(unsigned char)whole.at[place] & 0x3F) << 8 |
		 (unsigned char)whole.at[place + 1];
	if (target >= *earliest)
		return SIZE_MAX;
	*earliest = target;
	return target;
}

/* Reads the labels of a name from PLACE on. */
static bool read_name(struct span whole, size_t place, struct buf *out)
{
	size_t earliest = place, length;

	while (place < whole.length &&
		(length = (unsigned char)whole.at[place])) {
		if ((length & 0xC0) == 0xC0) {
			place = follow(whole, place, &earliest);
			continue;
		}
		if (length > 63 || whole.length - place - 1 < length ||
			!put_label(
				out, span_make(whole.at + place + 1, length)))
			return false;
		place += length + 1;
	}
	return place < whole.length && !out->overflowed;
}

/* Owners may have any bytes: nobody sees them. */
static void skip_name(struct reader *reader)
{
	while (!reader->is_broken) {
		unsigned length = take_number(reader, 1);

		if ((length & 0xC0) == 0xC0)
			take_number(reader, 1);
		if (!length || (length & 0xC0) == 0xC0)
			return;
		if (length > 63 || reader->whole.length - reader->at < length)
			reader->is_broken = true;
		else
			reader->at += length;
	}
}

static bool is_better(const struct srv *a, const struct srv *b)
{
	return !b->host || a->priority < b->priority ||
	       (a->priority == b->priority && a->weight > b->weight);
}

/* One record; what is no server of ours is passed over. */
static void take_record(
	struct reader *reader, struct arena *arena, struct srv *best)
{
	struct buf host = BUF_INIT(SRV_NAME_LIMIT);
	struct srv found = { .host = NULL };
	unsigned type, class, length;
	size_t end;

	skip_name(reader);
	type = take_number(reader, 2);
	class = take_number(reader, 2);
	take_number(reader, 4);
	length = take_number(reader, 2);
	end = reader->at + length;
	if (!reader->is_broken && type == SRV_TYPE && class == SRV_CLASS_IN) {
		found.priority = take_number(reader, 2);
		found.weight = take_number(reader, 2);
		found.port = take_number(reader, 2);
		if (!reader->is_broken &&
			read_name(reader->whole, reader->at, &host) &&
			host.length && found.port && is_better(&found, best)) {
			found.host = arena_strdup(arena, buf_text(&host));
			*best = found;
		}
	}
	reader->is_broken |= end > reader->whole.length;
	reader->at = end;
	buf_free(&host);
}

bool srv_parse(struct span answer, struct arena *arena, struct srv *out)
{
	struct reader reader = { .whole = answer };
	struct srv best = { .host = NULL };
	unsigned flags, questions, records;

	take_number(&reader, 2);
	flags = take_number(&reader, 2);
	questions = take_number(&reader, 2);
	records = take_number(&reader, 2);
	take_number(&reader, 4);
	if (flags & SRV_RESPONSE_CODE)
		return false;
	for (; questions && !reader.is_broken; questions--) {
		skip_name(&reader);
		take_number(&reader, 4);
	}
	for (; records && !reader.is_broken; records--)
		take_record(&reader, arena, &best);
	if (best.host)
		*out = best;
	return best.host != NULL;
}

/* ---- the question -------------------------------------------------------- */

static int query_system(const char *name, unsigned char *answer, int size)
{
	return res_query(name, ns_c_in, ns_t_srv, answer, size);
}

static int (*query)(const char *, unsigned char *, int) = query_system;

void srv_set_query_for_test(
	int (*function)(const char *name, unsigned char *answer, int size))
{
	query = function ? function : query_system;
}

bool srv_look_up(const char *service, const char *domain, struct arena *arena,
	struct srv *out, bool *is_found, struct diag *why)
{
	unsigned char *answer = arena_alloc(arena, SRV_ANSWER_BYTES);
	struct buf name = BUF_INIT(2 * SRV_NAME_LIMIT);
	int length;
	bool is_fine;

	*is_found = false;
	buf_printf(&name, "%s.", service);
	is_fine = idn_to_ascii(domain, &name, why);
	if (is_fine) {
		length = query(buf_text(&name), answer, SRV_ANSWER_BYTES);
		if (length > SRV_ANSWER_BYTES)
			length = SRV_ANSWER_BYTES;
		if (length >= 0)
			*is_found = srv_parse(
				span_make((char *)answer, (size_t)length),
				arena, out);
		else if (h_errno != HOST_NOT_FOUND && h_errno != NO_DATA)
			is_fine = diag_set(why, DIAG_NET_NAME_SERVER, domain,
				hstrerror(h_errno));
	}
	buf_free(&name);
	return is_fine;
}
