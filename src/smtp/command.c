/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Command lines.  Knows their syntax, not their order. */
#include <config.h>

#include "smtp/command.h"

#include "base/base64.h"
#include "base/text.h"

#include <inttypes.h>

enum { ENVID_LIMIT = 100 };    /* RFC 3461 4.4 */
enum { ORIGINAL_LIMIT = 500 }; /* RFC 3461 4.2 */
enum { MECHANISM_LIMIT = 20 }; /* RFC 4422 3.1 */
enum { LABEL_LIMIT = 63 };     /* RFC 1035 2.3.4 */

/* Undoes what was appended since MARK when something did not fit. */
static bool seal(struct buf *out, size_t mark)
{
	buf_puts(out, "\r\n");
	if (!out->overflowed)
		return true;
	if (out->data) {
		out->length = mark;
		out->data[mark] = '\0';
	}
	out->overflowed = false;
	return false;
}

static bool is_in(const char *text, const char *letters)
{
	for (; *text; text++)
		if (!ascii_is_alpha(*text) && !ascii_is_digit(*text) &&
			!strchr(letters, *text))
			return false;
	return true;
}

static bool is_label(struct span label)
{
	if (!label.length || label.length > LABEL_LIMIT || label.at[0] == '-' ||
		label.at[label.length - 1] == '-')
		return false;
	for (size_t i = 0; i < label.length; i++)
		if (!ascii_is_alpha(label.at[i]) &&
			!ascii_is_digit(label.at[i]) && label.at[i] != '-')
			return false;
	return true;
}

static bool is_all_digits(struct span text)
{
	size_t i = 0;

	while (i < text.length && ascii_is_digit(text.at[i]))
		i++;
	return i == text.length;
}

bool command_is_host_name(struct span name)
{
	struct span rest = name, label = SPAN("");
	size_t labels = 0;
	bool is_last = false;

	if (name.length > COMMAND_NAME_LIMIT - 2)
		return false;
	while (!is_last) {
		is_last = span_find(rest, '.') == rest.length;
		label = span_cut(&rest, '.');
		labels++;
		if (!is_label(label))
			return false;
	}
	return labels > 1 && !is_all_digits(label);
}

bool command_hello(
	struct buf *out, const char *verb, const char *name, struct diag *why)
{
	size_t mark = out->length;

	/* '_' is no host name's, but Windows machines have it. */
	if (!*name || strlen(name) > COMMAND_NAME_LIMIT ||
		!is_in(name, "-._[]:"))
		return diag_set(why, DIAG_SMTP_HELO_NAME, name);
	buf_printf(out, "%s %s", verb, name);
	return seal(out, mark) || diag_set(why, DIAG_SMTP_HELO_NAME, name);
}

static const char *address_fault(const char *address)
{
	bool is_quoted = false;

	if (strlen(address) > COMMAND_PATH_LINE_LIMIT / 2)
		return DIAG_WORDS N_("it is too long");
	for (const char *p = address; *p; p++) {
		unsigned char byte = (unsigned char)*p;

		if (byte < ' ' || byte == 0x7f)
			return DIAG_WORDS N_("it holds a control character");
		if (byte == '<' || byte == '>')
			return DIAG_WORDS N_("it holds an angle bracket");
		if (byte == '"')
			is_quoted = !is_quoted;
		else if (byte == ' ' && !is_quoted)
			return DIAG_WORDS N_("it holds a space");
		/* The pair is checked as two bytes but for a quote. */
		if (byte == '\\' && is_quoted && (p[1] == '"' || p[1] == '\\'))
			p++;
	}
	if (is_quoted)
		return DIAG_WORDS N_("a quote is not closed");
	if (!text_is_utf8(span_of(address)))
		return DIAG_WORDS N_("it is not UTF-8");
	return NULL;
}

bool command_address_check(
	const char *address, bool is_smtputf8, struct diag *why)
{
	const char *fault = address_fault(address);

	if (fault)
		return diag_set(why, DIAG_ADDRESS_INVALID, address, fault);
	if (!is_smtputf8 && !text_is_ascii(span_of(address)))
		return diag_set(why, DIAG_ADDRESS_NOT_ASCII, address);
	return true;
}

/* RFC 3461 4: printable ASCII but '+' and '=' stands for itself. */
static void put_xtext(struct buf *out, const char *text)
{
	for (; *text; text++)
		if (*text > ' ' && *text < 0x7f && *text != '+' && *text != '=')
			buf_put_byte(out, *text);
		else
			buf_printf(
				out, "+%02X", (unsigned)(unsigned char)*text);
}

static bool is_envid(const char *envid)
{
	if (!*envid || strlen(envid) > ENVID_LIMIT)
		return false;
	for (; *envid; envid++)
		if (*envid < ' ' || *envid > '~')
			return false;
	return true;
}

static void put_upper(struct buf *out, const char *text)
{
	for (; *text; text++)
		buf_put_byte(out, *text >= 'a' && *text <= 'z'
					  ? (char)(*text - 'a' + 'A')
					  : *text);
}

static bool check_wishes(const struct command_mail *mail, struct diag *why)
{
	if (mail->dsn_return &&
		!span_equal_nocase(span_of(mail->dsn_return), SPAN("FULL")) &&
		!span_equal_nocase(span_of(mail->dsn_return), SPAN("HDRS")))
		return diag_set(why, DIAG_USAGE_BAD_VALUE, "RET",
			mail->dsn_return, "full, hdrs");
	if (mail->dsn_envid && !is_envid(mail->dsn_envid))
		return diag_set(why, DIAG_USAGE_BAD_VALUE, "ENVID",
			mail->dsn_envid,
			DIAG_WORDS N_("1 to 100 printable characters"));
	return true;
}

bool command_mail(
	struct buf *out, const struct command_mail *mail, struct diag *why)
{
	size_t mark = out->length;

	if (!command_address_check(mail->address, mail->is_smtputf8, why) ||
		!check_wishes(mail, why))
		return false;
	buf_printf(out, "MAIL FROM:<%s>", mail->address);
	if (mail->has_size)
		buf_printf(out, " SIZE=%" PRIu64, mail->size);
	if (mail->is_8bit)
		buf_puts(out, " BODY=8BITMIME");
	if (mail->is_smtputf8)
		buf_puts(out, " SMTPUTF8");
	if (mail->requires_tls)
		buf_puts(out, " REQUIRETLS");
	if (mail->dsn_return) {
		buf_puts(out, " RET=");
		put_upper(out, mail->dsn_return);
	}
	if (mail->dsn_envid) {
		buf_puts(out, " ENVID=");
		put_xtext(out, mail->dsn_envid);
	}
	return seal(out, mark) ||
	       diag_set(why, DIAG_ADDRESS_INVALID, mail->address,
		       DIAG_WORDS N_("it is too long"));
}

/* RFC 3461 4.1: NEVER alone, or any of the others. */
static bool is_notify(const char *notify)
{
	struct span rest = span_of(notify), word;
	size_t words = 0;
	bool has_never = false;

	do {
		bool is_last = span_find(rest, ',') == rest.length;

		word = span_cut(&rest, ',');
		words++;
		if (span_equal_nocase(word, SPAN("NEVER")))
			has_never = true;
		else if (!span_equal_nocase(word, SPAN("SUCCESS")) &&
			 !span_equal_nocase(word, SPAN("FAILURE")) &&
			 !span_equal_nocase(word, SPAN("DELAY")))
			return false;
		if (is_last)
			return !has_never || words == 1;
	} while (true);
}

static bool is_hex(char c)
{
	return ascii_is_digit(c) || (c >= 'A' && c <= 'F');
}

/* 8-bit bytes are another's business. */
static bool is_xtext(struct span text)
{
	for (size_t i = 0; i < text.length; i++) {
		unsigned char byte = (unsigned char)text.at[i];

		if (byte <= ' ' || byte == 0x7f || byte == '=')
			return false;
		if (text.at[i] != '+')
			continue;
		if (text.length - i < 3 || !is_hex(text.at[i + 1]) ||
			!is_hex(text.at[i + 2]))
			return false;
		i += 2;
	}
	return text.length != 0;
}

bool command_original_check(const char *original)
{
	struct span rest = span_of(original);
	struct span type = span_cut(&rest, ';');

	if (strlen(original) > ORIGINAL_LIMIT || !type.length)
		return false;
	for (size_t i = 0; i < type.length; i++)
		if (!ascii_is_alpha(type.at[i]) &&
			!ascii_is_digit(type.at[i]) && type.at[i] != '-')
			return false;
	/* RFC 6533 3: UTF-8 itself, where SMTPUTF8 was asked for. */
	return is_xtext(rest) &&
	       (text_is_ascii(rest) ||
		       (span_equal_nocase(type, SPAN("utf-8")) &&
			       text_is_utf8(rest)));
}

/* Appends a code point as RFC 6533 3 has it: "\x{FC}". */
static void put_code_point(struct buf *out, struct span sequence)
{
	unsigned long point = (unsigned char)sequence.at[0];

	if (sequence.length > 1)
		point &= 0x7fUL >> sequence.length;
	for (size_t i = 1; i < sequence.length; i++)
		point = point << 6 | ((unsigned char)sequence.at[i] & 0x3f);
	buf_printf(out, "\\x{%02lX}", point);
}

/* RFC 6533 3, utf-8-addr-xtext: the form that every server takes.  TEXT is
 * UTF-8; what of it is xtext already stays. */
static void put_utf8_xtext(struct buf *out, struct span text, bool is_xtext)
{
	while (text.length) {
		size_t length = text_utf8_length(text);
		char byte = text.at[0];

		if (length < 2)
			length = 1;
		if (length == 1 && (is_xtext || !strchr("\\+=", byte)))
			buf_put_byte(out, byte);
		else
			put_code_point(out, span_make(text.at, length));
		text = span_skip(text, length);
	}
}

/* RFC 3461 4.2: the one that was given before, else the address itself; what
 * is not ASCII has another type. */
static void put_original(struct buf *out, const struct command_rcpt *rcpt)
{
	struct buf original = BUF_INIT(ORIGINAL_LIMIT);
	struct span address = span_of(rcpt->address);

	if (rcpt->dsn_original) {
		put_utf8_xtext(&original, span_of(rcpt->dsn_original), true);
	} else if (text_is_ascii(address)) {
		buf_puts(&original, "rfc822;");
		put_xtext(&original, rcpt->address);
	} else {
		buf_puts(&original, "utf-8;");
		put_utf8_xtext(&original, address, false);
	}
	/* What is too long is no help to anybody. */
	if (!original.overflowed)
		buf_printf(out, " ORCPT=%s", buf_text(&original));
	buf_free(&original);
}

bool command_rcpt(
	struct buf *out, const struct command_rcpt *rcpt, struct diag *why)
{
	size_t mark = out->length;

	if (!*rcpt->address)
		return diag_set(why, DIAG_ADDRESS_INVALID, rcpt->address,
			DIAG_WORDS N_("it is empty"));
	if (!command_address_check(rcpt->address, rcpt->is_smtputf8, why))
		return false;
	if (rcpt->dsn_notify && !is_notify(rcpt->dsn_notify))
		return diag_set(why, DIAG_USAGE_BAD_VALUE, "NOTIFY",
			rcpt->dsn_notify, "never, success, failure, delay");
	if (rcpt->dsn_original && !command_original_check(rcpt->dsn_original))
		return diag_set(why, DIAG_USAGE_BAD_VALUE, "ORCPT",
			rcpt->dsn_original, "rfc822;ADDRESS");
	buf_puts(out, "RCPT TO:<");
	buf_puts(out, rcpt->address);
	buf_puts(out, ">");
	if (rcpt->dsn_notify) {
		buf_puts(out, " NOTIFY=");
		put_upper(out, rcpt->dsn_notify);
	}
	if (rcpt->dsn_original || rcpt->has_original)
		put_original(out, rcpt);
	return seal(out, mark) ||
	       diag_set(why, DIAG_ADDRESS_INVALID, rcpt->address,
		       DIAG_WORDS N_("it is too long"));
}

bool command_etrn(struct buf *out, const char *node, struct diag *why)
{
	const char *name = *node == '@' || *node == '#' ? node + 1 : node;
	size_t mark = out->length, length = strlen(name);
	bool is_fine = length && length <= COMMAND_NAME_LIMIT;

	if (*node != '#')
		is_fine = is_fine && is_in(name, "-._[]:");
	for (const char *p = name; *p; p++)
		is_fine = is_fine && *p > ' ' && *p < 0x7f;
	if (!is_fine)
		return diag_set(why, DIAG_SMTP_ETRN_NODE, node);
	buf_printf(out, "ETRN %s", node);
	return seal(out, mark) || diag_set(why, DIAG_SMTP_ETRN_NODE, node);
}

bool command_auth(struct buf *out, const char *mechanism,
	const struct span *initial, bool *is_inline, struct diag *why)
{
	struct buf line = BUF_INIT(COMMAND_LINE_LIMIT);

	if (!*mechanism || strlen(mechanism) > MECHANISM_LIMIT ||
		!is_in(mechanism, "-_"))
		return diag_set(why, DIAG_SMTP_AUTH_PROTOCOL, mechanism,
			DIAG_WORDS N_("there is no such mechanism"));
	buf_printf(&line, "AUTH %s", mechanism);
	*is_inline = false;
	if (initial) {
		size_t mark = line.length;

		buf_put_byte(&line, ' ');
		*is_inline = (initial->length ? base64_encode(*initial, &line)
					      : buf_put_byte(&line, '=')) &&
			     line.length + 2 <= COMMAND_LINE_LIMIT;
		if (!*is_inline)
			line.length = mark;
	}
	line.overflowed = false;
	buf_put_span(out, buf_span(&line));
	buf_puts(out, "\r\n");
	buf_wipe_free(&line);
	return true;
}

bool command_response(struct buf *out, struct span response)
{
	struct buf line = BUF_INIT(COMMAND_RESPONSE_LIMIT);
	bool is_put = base64_encode(response, &line) && buf_puts(&line, "\r\n");

	if (is_put)
		buf_put_span(out, buf_span(&line));
	buf_wipe_free(&line);
	return is_put && !out->overflowed;
}
