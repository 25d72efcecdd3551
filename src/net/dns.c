/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records of the DNS.  Does not know what they are for. */
#include <config.h>

#include "net/dns.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/interrupt.h"
#include "base/text.h"
#include "net/aside.h"
#include "net/idn.h"

#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>

enum {
	DNS_ANSWER_BYTES = 64 * 1024, /* the most that a TCP answer has */
	DNS_NAME_LIMIT = 255,
	DNS_RECORDS_MAX = 200,
	DNS_CLASS_IN = 1,
	DNS_RESPONSE_CODE = 15, /* of the flags */
	DNS_TRY_S = 3,
	DNS_TRIES = 2
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

/* The strings of a TXT record are one text (RFC 7208 3.3). */
static bool read_strings(struct span data, struct buf *out)
{
	while (data.length) {
		size_t length = (unsigned char)data.at[0];

		data = span_skip(data, 1);
		if (length > data.length)
			return false;
		buf_put(out, data.at, length);
		data = span_skip(data, length);
	}
	return true;
}

static bool read_host(
	struct reader *reader, struct arena *arena, struct dns_record *record)
{
	struct buf host = BUF_INIT(DNS_NAME_LIMIT);
	bool is_fine = !reader->is_broken &&
		       read_name(reader->whole, reader->at, &host);

	if (is_fine)
		record->host = arena_strdup(arena, buf_text(&host));
	buf_free(&host);
	return is_fine;
}

/* Reads what a record of TYPE says; false when it makes no sense. */
static bool read_data(struct reader *reader, enum dns_type type, size_t length,
	struct arena *arena, struct dns_record *record)
{
	struct buf text = BUF_INIT(DNS_ANSWER_BYTES);
	bool is_fine;

	if (type == DNS_TXT) {
		is_fine = read_strings(
			span_make(reader->whole.at + reader->at, length),
			&text);
		record->text = span_of(
			arena_strndup(arena, buf_text(&text), text.length));
		record->text.length = text.length;
		buf_free(&text);
		return is_fine;
	}
	if (type == DNS_MX || type == DNS_SRV)
		record->priority = take_number(reader, 2);
	if (type == DNS_SRV) {
		record->weight = take_number(reader, 2);
		record->port = take_number(reader, 2);
	}
	return read_host(reader, arena, record);
}

/* One record; those of another type or class are passed over. */
static void take_record(struct reader *reader, enum dns_type wanted,
	struct arena *arena, struct dns_answer *out)
{
	struct dns_record found = { .host = NULL };
	unsigned type, class, length;
	size_t end;
	bool is_whole;

	skip_name(reader);
	type = take_number(reader, 2);
	class = take_number(reader, 2);
	take_number(reader, 4);
	length = take_number(reader, 2);
	end = reader->at + length;
	is_whole = end <= reader->whole.length;
	if (!reader->is_broken && (is_whole || wanted != DNS_TXT) &&
		type == wanted && class == DNS_CLASS_IN &&
		out->count < DNS_RECORDS_MAX &&
		read_data(reader, wanted, length, arena, &found))
		out->items[out->count++] = found;
	reader->is_broken |= !is_whole;
	reader->at = end;
}

void dns_parse(struct span answer, enum dns_type type, struct arena *arena,
	struct dns_answer *out)
{
	struct reader reader = { .whole = answer };
	unsigned flags, questions, records;

	*out = (struct dns_answer){
		.items =
			arena_alloc(arena, DNS_RECORDS_MAX * sizeof *out->items)
	};
	take_number(&reader, 2);
	flags = take_number(&reader, 2);
	questions = take_number(&reader, 2);
	records = take_number(&reader, 2);
	take_number(&reader, 4);
	if (flags & DNS_RESPONSE_CODE)
		return;
	for (; questions && !reader.is_broken; questions--) {
		skip_name(&reader);
		take_number(&reader, 4);
	}
	for (; records && !reader.is_broken; records--)
		take_record(&reader, type, arena, out);
}

/* ---- the question -------------------------------------------------------- */

static int query_system(
	const char *name, int type, unsigned char *answer, int size)
{
	if (res_init() < 0)
		return -1;
	_res.retrans = DNS_TRY_S;
	_res.retry = DNS_TRIES;
	return res_query(name, ns_c_in, type, answer, size);
}

static int (*query)(const char *, int, unsigned char *, int) = query_system;

void dns_set_query_for_test(int (*function)(
	const char *name, int type, unsigned char *answer, int size))
{
	query = function ? function : query_system;
}

/* What a thread has for itself: it may come home when nobody waits. */
struct lookup {
	int (*query)(const char *, int, unsigned char *, int);
	char *name;
	int type;
	unsigned char answer[DNS_ANSWER_BYTES];
	int length, error; /* of res_query(3), and h_errno */
};

static void lookup_run(void *state)
{
	struct lookup *lookup = state;

	lookup->length = lookup->query(
		lookup->name, lookup->type, lookup->answer, DNS_ANSWER_BYTES);
	lookup->error = h_errno;
}

static void lookup_forget(void *state)
{
	struct lookup *lookup = state;

	mem_free(lookup->name);
	mem_free(lookup);
}

static bool take_answer(const struct dns_question *question,
	const struct lookup *lookup, struct arena *arena,
	struct dns_answer *out, struct diag *why)
{
	int length = lookup->length;

	if (length > DNS_ANSWER_BYTES)
		length = DNS_ANSWER_BYTES;
	if (length >= 0)
		dns_parse(span_make(arena_memdup(arena, lookup->answer,
					    (size_t)length),
				  (size_t)length),
			question->type, arena, out);
	else if (lookup->error != HOST_NOT_FOUND && lookup->error != NO_DATA)
		return diag_set(why, DIAG_NET_NAME_SERVER, question->domain,
			hstrerror(lookup->error));
	return true;
}

static bool ask(const struct dns_question *question, const char *name,
	struct arena *arena, struct dns_answer *out, struct diag *why)
{
	struct lookup *lookup = mem_zalloc(sizeof *lookup);
	int64_t begin_ms = clock_now_ms();
	int error = 0;
	bool is_fine;

	lookup->query = query;
	lookup->name = mem_strdup(name);
	lookup->type = (int)question->type;
	switch (aside_run(lookup_run, lookup_forget, lookup,
		question->deadline_ms, &error)) {
	case ASIDE_DONE:
		is_fine = take_answer(question, lookup, arena, out, why);
		lookup_forget(lookup);
		return is_fine;
	case ASIDE_LATE:
		return aside_time_out(question->domain, begin_ms, why);
	case ASIDE_INTERRUPTED:
		return interrupt_explain(why);
	case ASIDE_FAILED:
		break;
	}
	return diag_set_errno(why, error, DIAG_NET_NAME_SERVER,
		question->domain, DIAG_WORDS N_("the system failed"));
}

bool dns_look_up(const struct dns_question *question, struct arena *arena,
	struct dns_answer *out, struct diag *why)
{
	struct buf name = BUF_INIT(2 * DNS_NAME_LIMIT);
	bool is_fine;

	*out = (struct dns_answer){ .count = 0 };
	buf_puts(&name, question->prefix);
	is_fine = idn_to_ascii(question->domain, &name, why) &&
		  ask(question, buf_text(&name), arena, out, why);
	buf_free(&name);
	return is_fine;
}
