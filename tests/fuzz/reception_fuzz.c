/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a client may say: the first byte chooses what is offered, the rest is
 * the client's.  Checked: the replies are well-formed, the caller's events make
 * sense, and all of it is the same however the bytes are cut.
 */
#include <config.h>

#include "base/buf.h"
#include "fuzz/fuzz.h"
#include "smtp/reception.h"

enum { OUT_LIMIT = 4 * 1024 * 1024 };

static void on_auth(struct reception *reception)
{
	struct span argument = reception_argument(reception);
	struct span initial = reception_initial_response(reception);

	if (!initial.at && !reception_is_response(reception))
		reception_challenge(reception, SPAN("who?"));
	else if (argument.length == 1)
		reception_challenge(reception, SPAN("more?"));
	else
		reception_auth_done(reception, argument.length > 3, "user");
}

static void on_address(struct reception *reception, struct buf *events)
{
	struct span address = reception_argument(reception);

	for (size_t i = 0; i < address.length; i++)
		fuzz_check((unsigned char)address.at[i] >= ' ' &&
			   address.at[i] != '<' && address.at[i] != '>');
	buf_put_span(events, address);
	buf_put_span(events, reception_parameters(reception));
	if (address.length % 4 == 3)
		reception_answer(reception, 550, "5.1.1 no");
	else
		reception_answer(reception, 250, "2.1.0 yes");
}

/* MESSAGE is what there is of the one under way: of one that grows too large
 * the caller sees more or less, as the bytes come. */
static bool serve(
	struct reception *reception, struct buf *events, struct buf *message)
{
	enum reception_event event = reception_next(reception);

	if (event != RECEPTION_DATA && event != RECEPTION_BYTES)
		buf_printf(events, "\n%d:", (int)event);
	switch (event) {
	case RECEPTION_BYTES:
	case RECEPTION_CLOSED:
		return false;
	case RECEPTION_TLS:
		reception_tls_done(reception);
		break;
	case RECEPTION_AUTH:
		on_auth(reception);
		break;
	case RECEPTION_SENDER:
		buf_clear(message);
		on_address(reception, events);
		break;
	case RECEPTION_RECIPIENT:
		on_address(reception, events);
		break;
	case RECEPTION_DATA:
		fuzz_check(reception_argument(reception).length != 0);
		buf_put_span(message, reception_argument(reception));
		reception_data_taken(reception);
		break;
	case RECEPTION_END:
		buf_put_span(events, buf_span(message));
		reception_answer(reception, 250, "2.0.0 taken");
		break;
	}
	return true;
}

static void check_replies(struct span text)
{
	while (text.length) {
		struct span line = span_cut(&text, '\n');

		fuzz_check(line.length >= 5);
		fuzz_check(ascii_is_digit(line.at[0]) &&
			   ascii_is_digit(line.at[1]) &&
			   ascii_is_digit(line.at[2]));
		fuzz_check(line.at[3] == ' ' || line.at[3] == '-');
		fuzz_check(span_find(line, '\r') == line.length - 1);
	}
}

static void run(unsigned choice, struct span input, size_t step,
	struct buf *said, struct buf *events)
{
	const struct reception_params params = {
		.host_name = "s",
		.mechanisms = choice & 1 ? "PLAIN LOGIN" : NULL,
		.auth_required = choice & 2,
		.size_limit = choice & 4 ? 50 : 0,
		.recipient_limit = choice & 8 ? 2 : 0,
		.pipelining = choice & 16,
		.eightbitmime = choice & 32,
		.dsn = choice & 32,
		.smtputf8 = choice & 64,
		.chunking = choice & 128,
	};
	struct reception *reception = reception_new(&params);
	struct buf message = BUF_INIT(OUT_LIMIT);

	while (input.length) {
		struct span piece = input;

		if (piece.length > step)
			piece.length = step;
		input = span_skip(input, piece.length);
		reception_feed(reception, piece);
		while (serve(reception, events, &message))
			;
		buf_put_span(said, reception_output(reception));
		reception_sent(reception, reception_output(reception).length);
		if (reception_next(reception) == RECEPTION_CLOSED)
			break;
	}
	check_replies(buf_span(said));
	reception_free(reception);
	buf_free(&message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf said[2], events[2];
	size_t steps[2] = { 1, RECEPTION_FEED_LIMIT };

	if (!size)
		return 0;
	for (int i = 0; i < 2; i++) {
		buf_init(&said[i], OUT_LIMIT);
		buf_init(&events[i], OUT_LIMIT);
		run(data[0], fuzz_span(data + 1, size - 1), steps[i], &said[i],
			&events[i]);
	}
	fuzz_check(span_equal(buf_span(&said[0]), buf_span(&said[1])));
	fuzz_check(span_equal(buf_span(&events[0]), buf_span(&events[1])));
	for (int i = 0; i < 2; i++) {
		buf_free(&said[i]);
		buf_free(&events[i]);
	}
	return 0;
}
