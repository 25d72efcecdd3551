/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Building the envelope.  Knows where recipients come from, but not what an
 * alias file, an account or a host is: aliases and A-labels come through the
 * caller's functions.
 */
#include <config.h>

#include "mail/envelope.h"

#include "base/text.h"

#include <stdint.h>
#include <stdio.h>
#include <sysexits.h>

enum { TABLE_FIRST_SLOTS = 64, OFFENDING_SHOWN_BYTES = 200 };

/* ---- a set of names ------------------------------------------------------ */

struct slot {
	const char *key; /* NULL: free */
	bool is_open;    /* an alias whose members are being added */
};

/* Open addressing; invariant: slot_count is 0 or a power of 2, and at least
 * twice `used`. */
struct table {
	struct slot *slots;
	size_t slot_count, used;
	uint64_t seed;
};

/* FNV-1a from a start that a sender of colliding names cannot know. */
static uint64_t hash(uint64_t seed, const char *key)
{
	uint64_t value = 0xCBF29CE484222325u ^ seed;

	for (; *key; key++)
		value = (value ^ (unsigned char)*key) * 0x100000001B3u;
	return value ^ value >> 32;
}

/* The slot of KEY, or the free one where it belongs. */
static struct slot *table_slot(const struct table *table, const char *key)
{
	size_t mask = table->slot_count - 1;
	size_t at = (size_t)hash(table->seed, key) & mask;

	while (table->slots[at].key && strcmp(table->slots[at].key, key) != 0)
		at = (at + 1) & mask;
	return &table->slots[at];
}

static void table_grow(struct table *table)
{
	struct table larger = { .seed = table->seed };

	larger.slot_count =
		table->slot_count ? table->slot_count * 2 : TABLE_FIRST_SLOTS;
	larger.slots = mem_zalloc(larger.slot_count * sizeof *larger.slots);
	for (size_t i = 0; i < table->slot_count; i++)
		if (table->slots[i].key)
			*table_slot(&larger, table->slots[i].key) =
				table->slots[i];
	larger.used = table->used;
	mem_free(table->slots);
	*table = larger;
}

/* The slot of KEY; *IS_NEW tells that it was not there. */
static struct slot *table_add(
	struct table *table, const char *key, bool *is_new)
{
	struct slot *slot;

	if ((table->used + 1) * 2 > table->slot_count)
		table_grow(table);
	slot = table_slot(table, key);
	*is_new = !slot->key;
	table->used += *is_new;
	slot->key = key;
	return slot;
}

/* ---- addresses ----------------------------------------------------------- */

/* Where a list stands, for the diagnosis of what does not parse. */
enum origin_kind { ORIGIN_OPERAND, ORIGIN_HEADER, ORIGIN_ALIAS };

struct origin {
	enum origin_kind kind;
	struct span name; /* of the field or alias */
	size_t depth;     /* of aliases */
};

struct builder {
	const struct envelope_params *params;
	struct envelope *out;
	struct arena *arena;
	struct arena *scratch; /* of the list at hand, if it is no alias's */
	const struct envelope_wish *wish; /* of the operand at hand, or NULL */
	size_t capacity;
	struct envelope_fault *faults; /* the envelope's, while they grow */
	size_t fault_capacity;
	struct table recipients, aliases;
	/* The aliases that are open, from the outermost. */
	const char *chain[ENVELOPE_ALIAS_DEPTH];
};

static const char *shown(struct builder *b, struct span text)
{
	size_t length = 0;

	if (text.length <= OFFENDING_SHOWN_BYTES)
		return arena_strndup(b->arena, text.at, text.length);
	while (length < OFFENDING_SHOWN_BYTES) {
		size_t step = text_utf8_length(span_skip(text, length));

		length += step ? step : 1;
	}
	return arena_printf(b->arena, "%.*s...", (int)length, text.at);
}

static bool parse_failed(struct builder *b, const struct origin *origin,
	struct span offending, const char *reason, struct diag *why)
{
	const char *text = shown(b, offending), *name = shown(b, origin->name);

	switch (origin->kind) {
	case ORIGIN_OPERAND:
		return diag_set(why, DIAG_ADDRESS_INVALID, text, reason);
	case ORIGIN_HEADER:
		return diag_set(why, DIAG_ADDRESS_IN_HEADER_INVALID, name, text,
			reason);
	case ORIGIN_ALIAS:
		return diag_set(why, DIAG_ALIAS_INVALID, name, text, reason);
	}
	return false;
}

/* One recipient of several is no reason to keep the mail from the others: it is
 * named.  A list of nothing but faults is none of recipients, but something
 * else that went astray. */
static bool fault_add(struct builder *b, struct span text,
	const struct diag *fault, struct diag *why)
{
	struct envelope *out = b->out;

	if (!b->params->may_be_partial ||
		out->fault_count == ENVELOPE_FAULTS_LIMIT) {
		if (why)
			*why = *fault;
		return false;
	}
	if (out->fault_count == b->fault_capacity) {
		b->fault_capacity =
			b->fault_capacity ? b->fault_capacity * 2 : 4;
		b->faults = mem_array(
			b->faults, b->fault_capacity, sizeof *b->faults);
	}
	b->faults[out->fault_count] =
		(struct envelope_fault){ shown(b, text), *fault };
	b->faults[out->fault_count++].why.scope = DIAG_SCOPE_RECIPIENT;
	return true;
}

/* Puts the domain of MAILBOX into OUT as A-labels. */
static bool domain_put_ascii(struct builder *b, const struct mailbox *mailbox,
	struct buf *out, struct diag *why)
{
	if (text_is_ascii(span_of(mailbox->domain)))
		return buf_puts(out, mailbox->domain);
	if (b->params->to_ascii)
		return b->params->to_ascii(mailbox->domain, out, why);
	return diag_set(why, DIAG_ADDRESS_DOMAIN_INVALID,
		address_string(b->arena, mailbox),
		DIAG_WORDS N_("it is not ASCII, and no IDN library is there"));
}

/* RFC 1035 2.3.4: no name server has longer ones, and some servers cut them. */
enum { LABEL_LIMIT = 63, NAME_LIMIT = 255 };

static bool domain_check_size(struct builder *b, const struct mailbox *mailbox,
	struct span domain, struct diag *why)
{
	struct span rest = domain, label;
	const char *reason = NULL;

	if (domain.length && domain.at[0] == '[')
		return true;
	if (domain.length > NAME_LIMIT)
		reason = DIAG_WORDS N_("a domain of over 255 bytes");
	while (rest.length) {
		label = span_cut(&rest, '.');
		if (label.length > LABEL_LIMIT)
			reason = DIAG_WORDS N_(
				"a part of its domain is over 63 bytes");
	}
	return !reason ||
	       diag_set(why, DIAG_ADDRESS_DOMAIN_INVALID,
		       shown(b, span_of(address_string(b->arena, mailbox))),
		       reason);
}

/* Copies MAILBOX into the envelope's arena, in both forms.  The domain is
 * checked also when the local part alone already rules out ASCII. */
static bool address_make(struct builder *b, const struct mailbox *mailbox,
	struct envelope_address *out, struct diag *why)
{
	struct buf domain = BUF_INIT(ADDRESS_DOMAIN_LIMIT);
	bool is_ok =
		domain_put_ascii(b, mailbox, &domain, why) &&
		domain_check_size(b, mailbox, span_of(buf_text(&domain)), why);
	struct mailbox in_ascii = { .local = mailbox->local,
		.domain = buf_text(&domain) };

	if (is_ok) {
		*out = (struct envelope_address){ .mailbox = *mailbox };
		out->mailbox.local = arena_strdup(b->arena, mailbox->local);
		out->mailbox.domain = arena_strdup(b->arena, mailbox->domain);
		out->mailbox.name = "";
		out->utf8 = address_string(b->arena, mailbox);
		if (!address_local_is_ascii(mailbox))
			b->out->needs_smtputf8 = true;
		else if (strcmp(in_ascii.domain, mailbox->domain) == 0)
			out->ascii = out->utf8;
		else
			out->ascii = address_string(b->arena, &in_ascii);
	}
	buf_free(&domain);
	return is_ok;
}

/* Gives a bare name the default domain.  The whole is parsed again: what the
 * domain's setting holds is not trusted. */
static bool qualify(
	struct builder *b, struct mailbox *mailbox, struct diag *why)
{
	const char *whole = arena_printf(
		b->arena, "%s@%s", mailbox->local, b->params->maildomain);
	const char *reason;

	if (address_parse(span_of(whole), b->arena, mailbox, &reason))
		return true;
	return diag_set(
		why, DIAG_ADDRESS_INVALID, shown(b, span_of(whole)), reason);
}

/* ---- recipients ---------------------------------------------------------- */

/* What makes two recipients one: the local part, and the domain in any case
 * and either form. */
static const char *recipient_key(
	struct builder *b, const struct envelope_address *address)
{
	const char *from = address->ascii ? address->ascii : address->utf8;
	char *key = arena_strdup(b->arena, from);

	for (char *c = strrchr(key, '@'); c && *c; c++)
		*c = ascii_lower(*c);
	return key;
}

static bool recipient_store(struct builder *b,
	const struct envelope_address *address, struct diag *why)
{
	struct envelope *out = b->out;
	bool is_new;

	(void)table_add(&b->recipients, recipient_key(b, address), &is_new);
	if (!is_new)
		return true;
	if (out->recipient_count == ENVELOPE_RECIPIENTS_LIMIT) {
		char limit[24];

		snprintf(limit, sizeof limit, "%d", ENVELOPE_RECIPIENTS_LIMIT);
		return diag_set(why, DIAG_TOO_MANY_RECIPIENTS, limit);
	}
	if (out->recipient_count == b->capacity) {
		b->capacity = b->capacity ? b->capacity * 2 : 16;
		out->recipients = mem_array(
			out->recipients, b->capacity, sizeof *out->recipients);
	}
	out->recipients[out->recipient_count++] = *address;
	return true;
}

static bool recipient_make(struct builder *b, struct mailbox *mailbox,
	struct envelope_address *out, struct diag *why)
{
	if (!*mailbox->domain && !b->params->maildomain)
		return diag_set(why, DIAG_ADDRESS_NO_DOMAIN,
			shown(b, span_of(mailbox->local)));
	return (*mailbox->domain || qualify(b, mailbox, why)) &&
	       address_make(b, mailbox, out, why);
}

static bool recipient_add(
	struct builder *b, struct mailbox mailbox, struct diag *why)
{
	struct envelope_address address;
	struct diag fault;

	if (!recipient_make(b, &mailbox, &address, &fault))
		return fault_add(b, span_of(address_string(b->arena, &mailbox)),
			&fault, why);
	if (b->wish)
		address.wish = *b->wish;
	return recipient_store(b, &address, why);
}

static bool list_add(struct builder *b, struct span text,
	const struct origin *origin, size_t *count, struct diag *why);

/* NAME is the alias at DEPTH, and open already: "a -> b -> a". */
static bool alias_loop(
	struct builder *b, const char *name, size_t depth, struct diag *why)
{
	struct buf loop = BUF_INIT(DIAG_TEXT_BYTES);
	size_t first = 0;

	while (first < depth && strcmp(b->chain[first], name) != 0)
		first++;
	for (; first < depth; first++)
		buf_printf(&loop, "%s -> ", shown(b, span_of(b->chain[first])));
	buf_puts(&loop, shown(b, span_of(name)));
	diag_set(why, DIAG_ALIAS_LOOP, name, buf_text(&loop));
	buf_free(&loop);
	return false;
}

/* Adds the members of the alias NAME instead of it.  An alias that was added
 * already has nothing new; one that is still open leads back to itself. */
static bool alias_add(struct builder *b, const char *name, const char *members,
	size_t depth, struct diag *why)
{
	struct origin origin = { ORIGIN_ALIAS, span_of(name), depth + 1 };
	bool is_new;
	struct slot *slot = table_add(&b->aliases, name, &is_new);
	size_t count;

	if (!is_new)
		return !slot->is_open || alias_loop(b, name, depth, why);
	if (depth == ENVELOPE_ALIAS_DEPTH) {
		char limit[24];

		snprintf(limit, sizeof limit, "%d", ENVELOPE_ALIAS_DEPTH);
		return diag_set(why, DIAG_ALIAS_TOO_DEEP, name, limit);
	}
	slot->is_open = true;
	b->chain[depth] = name;
	if (!list_add(b, span_of(members), &origin, &count, why))
		return false;
	/* The table may have moved meanwhile. */
	table_add(&b->aliases, name, &is_new)->is_open = false;
	return true;
}

static bool mailbox_add(struct builder *b, const struct mailbox *mailbox,
	size_t depth, struct diag *why)
{
	const struct envelope_params *params = b->params;
	const char *name, *members;

	if (!params->expand_alias || mailbox->is_verbatim)
		return recipient_add(b, *mailbox, why);
	name = address_string(b->arena, mailbox);
	members = params->expand_alias(params->alias_context, name, b->arena);
	return members ? alias_add(b, name, members, depth, why)
		       : recipient_add(b, *mailbox, why);
}

/* The members of LIST that are no address.  In an alias they are its owner's
 * mistake, which nobody who writes to it can mend: that is no partial list. */
static bool faults_add(struct builder *b, const struct mailbox_list *list,
	const struct origin *origin, struct diag *why)
{
	for (size_t i = 0; i < list->fault_count; i++) {
		const struct address_fault *fault = &list->faults[i];
		struct diag named;

		if (origin->kind == ORIGIN_ALIAS || list->is_too_long)
			return parse_failed(b, origin,
				list->faults[list->fault_count - 1].text,
				list->faults[list->fault_count - 1].reason,
				why);
		parse_failed(b, origin, fault->text, fault->reason, &named);
		if (!fault_add(b, fault->text, &named, why))
			return false;
	}
	return true;
}

/* Adds every member of the list TEXT, and tells how many it had. */
static bool list_add(struct builder *b, struct span text,
	const struct origin *origin, size_t *count, struct diag *why)
{
	struct arena *scratch = origin->depth ? arena_new() : b->scratch;
	struct mailbox_list list;
	bool is_ok;

	address_list_read(text, scratch, &list);
	is_ok = faults_add(b, &list, origin, why);
	for (size_t i = 0; is_ok && i < list.count; i++)
		is_ok = mailbox_add(b, &list.items[i], origin->depth, why);
	*count = list.count + list.fault_count;
	if (origin->depth)
		arena_free(scratch);
	else
		arena_reset(scratch);
	return is_ok;
}

/* A header may be folded; a word of a command line has no business with line
 * ends, not even with those that fold. */
static bool has_line_break(const char *text)
{
	return strpbrk(text, "\r\n") != NULL;
}

static bool operand_add(
	struct builder *b, const char *operand, struct diag *why)
{
	const struct origin origin = { .kind = ORIGIN_OPERAND };
	struct diag fault;
	size_t count;

	if (has_line_break(operand))
		return parse_failed(b, &origin, span_of(operand),
			DIAG_WORDS N_("a line break"), why);
	if (!list_add(b, span_of(operand), &origin, &count, why))
		return false;
	if (count)
		return true;
	parse_failed(b, &origin, span_of(operand), DIAG_WORDS N_("no address"),
		&fault);
	return fault_add(b, span_of(operand), &fault, why);
}

static bool field_add(
	struct builder *b, const struct header_field *field, struct diag *why)
{
	const struct origin origin = { ORIGIN_HEADER, field->name, 0 };
	size_t count;

	return list_add(b, field->value, &origin, &count, why);
}

static bool is_one_of(
	const struct header_field *field, const char *const names[static 3])
{
	return header_field_is(field, names[0]) ||
	       header_field_is(field, names[1]) ||
	       header_field_is(field, names[2]);
}

static const char *const recipient_fields[] = { "To", "Cc", "Bcc" };
static const char *const resent_fields[] = { "Resent-To", "Resent-Cc",
	"Resent-Bcc" };

/* ---- Resent blocks ------------------------------------------------------- */

static bool is_resent(const struct header_field *field)
{
	return span_starts_with_nocase(field->name, SPAN("Resent-"));
}

/* The bit of a field that a block has only once (RFC 5322 3.6.6), or 0. */
static unsigned once_bit(const struct header_field *field)
{
	static const char *const names[] = { "Resent-Date", "Resent-From",
		"Resent-Sender", "Resent-To", "Resent-Cc", "Resent-Bcc",
		"Resent-Message-ID" };

	for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
		if (header_field_is(field, names[i]))
			return 1u << i;
	return 0;
}

/* Some programs write a line for each recipient: a run of those counts as one
 * field. */
static bool continues_run(const struct header_field *field)
{
	return is_one_of(field, resent_fields) &&
	       span_equal_nocase(field->name, field[-1].name);
}

static size_t next_resent(const struct header *header, size_t at)
{
	while (at < header->count && !is_resent(&header->fields[at]))
		at++;
	return at;
}

/* The end of the run of Resent fields at AT, up to another field or one that
 * comes again; *SEEN has the bits of its fields. */
static size_t run_end(const struct header *header, size_t at, unsigned *seen)
{
	*seen = 0;
	for (; at < header->count; at++) {
		const struct header_field *field = &header->fields[at];
		unsigned bit = once_bit(field);

		if (!is_resent(field) || (*seen & bit && !continues_run(field)))
			break;
		*seen |= bit;
	}
	return at;
}

/* The end of the block that begins at the Resent field AT; *SEEN has the bits
 * of its fields.  A Received or MIME-Version that was put between them belongs
 * to nobody: a run behind it is the rest of the block, unless it has a field
 * that was there. */
static size_t block_end(const struct header *header, size_t at, unsigned *seen)
{
	size_t end = run_end(header, at, seen), next;
	unsigned more;

	while ((next = next_resent(header, end)) < header->count &&
		next > end) {
		size_t next_end = run_end(header, next, &more);

		if (*seen & more)
			break;
		*seen |= more;
		end = next_end;
	}
	return end;
}

bool envelope_resent_block(
	const struct header *header, size_t *first, size_t *end)
{
	size_t begin = next_resent(header, 0);
	unsigned seen;

	if (begin == header->count)
		return false;
	*first = begin;
	*end = block_end(header, begin, &seen);
	return true;
}

/* RFC 5322 3.6.6: a block has its Resent-From.  Where the latest has one, and
 * what follows names recipients again without one, it may be the other half of
 * either. */
static bool resent_is_clear(const struct header *header, struct diag *why)
{
	enum { FROM = 1u << 1, RECIPIENTS = 7u << 3 };
	unsigned latest, before;
	size_t at = next_resent(header, 0);

	if (at == header->count)
		return true;
	at = next_resent(header, block_end(header, at, &latest));
	if (at == header->count)
		return true;
	block_end(header, at, &before);
	return !(latest & FROM) || before & FROM || !(before & RECIPIENTS) ||
	       diag_set(why, DIAG_MESSAGE_RESENT);
}

/* ---- all of them --------------------------------------------------------- */

/* Adds the recipients of the header; *LOOKED_AT says where it looked. */
static bool header_add(struct builder *b, const struct header *header,
	const char **looked_at, struct diag *why)
{
	size_t first = 0, end = header->count;
	bool was_resent = envelope_resent_block(header, &first, &end);
	const char *const *names =
		was_resent ? resent_fields : recipient_fields;

	if (!resent_is_clear(header, why))
		return false;
	*looked_at =
		was_resent ? "Resent-To, Resent-Cc, Resent-Bcc" : "To, Cc, Bcc";
	for (size_t i = first; i < end; i++)
		if (is_one_of(&header->fields[i], names) &&
			!field_add(b, &header->fields[i], why))
			return false;
	return true;
}

/* Beside others they count as what a server refuses. */
static void faults_finish(struct builder *b)
{
	for (size_t i = 0; i < b->out->fault_count; i++)
		b->faults[i].why.exit_code = EX_NOUSER;
}

static bool recipients_make(
	struct builder *b, const struct message *message, struct diag *why)
{
	const struct envelope_params *params = b->params;
	const char *looked_at = "";

	for (size_t i = 0; i < params->operand_count; i++) {
		b->wish = params->wishes ? &params->wishes[i] : NULL;
		if (!operand_add(b, params->operands[i], why))
			return false;
	}
	b->wish = NULL;
	if (params->from_header &&
		!header_add(b, &message->header, &looked_at, why))
		return false;
	if (b->out->recipient_count) {
		faults_finish(b);
		return true;
	}
	if (b->out->fault_count) {
		if (why)
			*why = b->faults[0].why;
		return false;
	}
	return params->from_header
		       ? diag_set(why, DIAG_MESSAGE_NO_RECIPIENTS, looked_at)
		       : diag_set(why, DIAG_USAGE_NO_RECIPIENTS);
}

/* ---- the sender ---------------------------------------------------------- */

static bool sender_parse(
	struct builder *b, struct mailbox *mailbox, struct diag *why)
{
	const struct origin origin = { .kind = ORIGIN_OPERAND };
	const char *text = b->params->sender ? b->params->sender : "";
	const char *reason = DIAG_WORDS N_("a line break");

	if (!has_line_break(text) &&
		address_parse(span_of(text), b->arena, mailbox, &reason))
		return true;
	return parse_failed(b, &origin, span_of(text), reason, why);
}

static bool sender_make(struct builder *b, struct diag *why)
{
	struct mailbox mailbox;

	if (!sender_parse(b, &mailbox, why))
		return false;
	if (!address_is_null(&mailbox) && !*mailbox.domain) {
		if (!b->params->maildomain)
			return diag_set(why, DIAG_ADDRESS_SENDER_NO_DOMAIN,
				shown(b, span_of(mailbox.local)));
		if (!qualify(b, &mailbox, why))
			return false;
	}
	return address_make(b, &mailbox, &b->out->sender, why);
}

bool envelope_make(const struct envelope_params *params,
	const struct message *message, struct arena *arena,
	struct envelope *out, struct diag *why)
{
	struct envelope made = { .dsn_notify = params->dsn_notify,
		.dsn_return = params->dsn_return,
		.dsn_envid = params->dsn_envid,
		.wants_smtputf8 = params->wants_smtputf8 };
	struct builder b = { .params = params,
		.out = &made,
		.arena = arena,
		.scratch = arena_new() };
	struct envelope_address *recipients;
	bool is_ok;

	b.recipients.seed = b.aliases.seed = (uint64_t)(uintptr_t)arena;
	is_ok = sender_make(&b, why) && recipients_make(&b, message, why);
	if (is_ok) {
		recipients = made.recipients;
		made.recipients = arena_memdup(arena, recipients,
			made.recipient_count * sizeof *recipients);
		mem_free(recipients);
		made.faults = arena_memdup(
			arena, b.faults, made.fault_count * sizeof *b.faults);
		*out = made;
	} else {
		mem_free(made.recipients);
	}
	mem_free(b.faults);
	mem_free(b.recipients.slots);
	mem_free(b.aliases.slots);
	arena_free(b.scratch);
	return is_ok;
}
