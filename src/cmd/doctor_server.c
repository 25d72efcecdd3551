/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The doctor on the server: its name, each way to it, and one session as a
 * delivery has it.  Nothing is sent.
 */
#include <config.h>

#include "base/clock.h"
#include "base/text.h"
#include "cmd/doctor.h"
#include "config/provider.h"
#include "deliver/errand.h"
#include "deliver/known.h"
#include "net/tcp.h"

#include <string.h>
#include <time.h>

enum {
	LOOK_UP_TIMEOUT_S = 30,
	TRY_TIMEOUT_S = 10,
	WORDS_BYTES = 4096,
	DAYS_LEFT_FEW = 14,
	DAY_S = 24 * 60 * 60
};

/* ---- its name ------------------------------------------------------------ */

static void put_addresses(const struct resolve_list *addresses, struct buf *out)
{
	for (size_t i = 0; i < addresses->count; i++) {
		buf_puts(out, i ? ", " : "");
		resolve_put_address(&addresses->items[i], out);
	}
}

static bool check_name(struct doctor *doctor, struct resolve_list *addresses)
{
	const struct account *account = doctor->account;
	struct buf text = BUF_INIT(WORDS_BYTES);
	struct diag why;
	bool is_fine = resolve_host(account->host, (unsigned)account->port,
		clock_deadline(LOOK_UP_TIMEOUT_S), doctor->arena, addresses,
		&why);

	if (is_fine) {
		buf_printf(&text, "%s: ", account->host);
		put_addresses(addresses, &text);
		findings_note(doctor->found, "dns.host", FINDING_OK, "%s",
			buf_text(&text));
	} else {
		findings_fail(doctor->found, "dns.host", &why);
	}
	buf_free(&text);
	return is_fine;
}

/* ---- the ways to it ------------------------------------------------------ */

/* Those of FAMILY; they lie in ARENA. */
static struct resolve_list of_family(
	const struct resolve_list *addresses, int family, struct arena *arena)
{
	struct resolve_list some = { .items = arena_alloc(arena,
					     (addresses->count + 1) *
						     sizeof *some.items) };

	for (size_t i = 0; i < addresses->count; i++)
		if (addresses->items[i].address.ss_family == family)
			some.items[some.count++] = addresses->items[i];
	return some;
}

static bool try_port(const struct resolve_list *addresses, const char *name,
	struct diag *why)
{
	struct stream *stream = tcp_connect(
		addresses, name, clock_deadline(TRY_TIMEOUT_S), why);

	if (!stream)
		return false;
	stream_close(stream);
	return true;
}

/* A family alone is told as what it is: it may be the one that mail takes.  Of
 * this machine's own two addresses one is enough, and found at once. */
static void check_families(
	struct doctor *doctor, const struct resolve_list *addresses)
{
	static const struct {
		int family;
		const char *id;
	} families[] = { { AF_INET, "tcp.ipv4" }, { AF_INET6, "tcp.ipv6" } };
	const struct account *account = doctor->account;
	const char *name = arena_printf(
		doctor->arena, "%s:%ld", account->host, account->port);

	for (size_t i = 0; i < 2; i++) {
		struct resolve_list some =
			of_family(addresses, families[i].family, doctor->arena);
		struct diag why;

		if (!some.count || some.count == addresses->count ||
			resolve_is_loopback(some.items))
			continue;
		if (try_port(&some, name, &why))
			findings_note(doctor->found, families[i].id, FINDING_OK,
				N_("%s answers"), name);
		else
			findings_warn(doctor->found, families[i].id, &why);
	}
}

static const char *tls_words(enum provider_tls tls)
{
	return tls == PROVIDER_TLS_FIRST  ? "tls_starttls off"
	       : tls == PROVIDER_STARTTLS ? "tls_starttls on"
					  : "tls off";
}

/* What else the provider listens on: a network may block one port alone. */
static void try_other_ports(struct doctor *doctor)
{
	const struct account *account = doctor->account;
	const char *ports = account->known && account->known->ports
				    ? account->known->ports
				    : "587 465/tls";
	struct span rest = span_of(ports);
	struct provider_port port;

	while (provider_next_port(&rest, &port)) {
		struct resolve_list there;
		struct diag why;
		char *words;

		if (port.number == account->port ||
			!resolve_host(account->host, (unsigned)port.number,
				clock_deadline(LOOK_UP_TIMEOUT_S),
				doctor->arena, &there, &why))
			continue;
		words = arena_printf(
			doctor->arena, "%s:%ld", account->host, port.number);
		if (!try_port(&there, words, &why))
			continue;
		words = arena_printf(doctor->arena, "'port %ld', '%s'",
			port.number, tls_words(port.tls));
		findings_note(doctor->found, "tcp.other", FINDING_WARN,
			N_("another port answers: set %s"), words);
	}
}

/* ---- a session ----------------------------------------------------------- */

static bool begins(const struct diag *why, const char *name)
{
	return strncmp(diag_name(why->id), name, strlen(name)) == 0;
}

static bool is_about_login(const struct diag *why)
{
	return begins(why, "smtp.auth") || begins(why, "smtp.no-auth") ||
	       begins(why, "smtp.no-mechanism") || begins(why, "smtp.token") ||
	       begins(why, "smtp.no-ticket");
}

static bool is_about_tls(const struct diag *why)
{
	return begins(why, "tls.") || why->id == DIAG_SMTP_NO_STARTTLS ||
	       why->id == DIAG_SMTP_STARTTLS_REFUSED;
}

/* Before there was a session: what kind of trouble it is tells where. */
static const char *early_stage(const struct diag *why)
{
	if (begins(why, "net.no-such") || begins(why, "net.name"))
		return "dns.host";
	return begins(why, "net.") ? "tcp.port" : "config.account";
}

/* What was on when it failed. */
static const char *stage_of(const struct doctor *doctor,
	const struct errand_visit *visit, const struct diag *why)
{
	const struct errand_info *info = &visit->info;
	bool wants_tls = doctor->account->tls && !info->session.length;

	if (why->id == DIAG_TLS_CERTIFICATE ||
		why->id == DIAG_TLS_FINGERPRINT ||
		(wants_tls && begins(why, "config.")))
		return "tls.cert";
	if (is_about_tls(why) || (wants_tls && info->offers.length))
		return "tls.session";
	if (!info->peer.length)
		return early_stage(why);
	if (is_about_login(why))
		return "auth.login";
	if (why->id == DIAG_SMTP_MAIL_REFUSED ||
		why->id == DIAG_SMTP_RCPT_REFUSED)
		return "smtp.sender";
	if (!info->offers.length)
		return begins(why, "smtp.hel") ? "smtp.hello" : "smtp.greeting";
	return doctor->account->auth != OPTION_AUTH_OFF && !visit->mechanism
		       ? "auth.login"
		       : "smtp.sender";
}

static void note_line(struct doctor *doctor, const char *id, const char *text,
	const struct buf *lines)
{
	struct span rest = buf_span(lines), line = span_cut(&rest, '\n');

	if (line.length)
		findings_note(doctor->found, id, FINDING_OK, text,
			arena_strndup(doctor->arena, line.at, line.length));
}

/* The last day in "valid: 2026-01-01 to 2027-01-01"; false when there is
 * none. */
static bool last_day(struct span line, struct tm *day)
{
	struct span end;
	unsigned long year, month, mday;

	if (line.length < 24 || line.at[line.length - 3] != '-')
		return false;
	end = span_skip(line, line.length - 10);
	if (!span_number(span_make(end.at, 4), 9999, &year) ||
		!span_number(span_make(end.at + 5, 2), 12, &month) ||
		!span_number(span_make(end.at + 8, 2), 31, &mday))
		return false;
	*day = (struct tm){ .tm_year = (int)year - 1900,
		.tm_mon = (int)month - 1,
		.tm_mday = (int)mday };
	return true;
}

static void check_days(struct doctor *doctor, const struct buf *certificate)
{
	struct span rest = buf_span(certificate), line;
	struct tm day;

	while ((line = span_cut(&rest, '\n')).length) {
		const char *words;
		int64_t days;

		if (!span_starts_with(line, SPAN("valid")) ||
			!last_day(line, &day))
			continue;
		days = ((int64_t)timegm(&day) - clock_wall()) / DAY_S;
		words = arena_printf(doctor->arena, "%lld", (long long)days);
		findings_note(doctor->found, "tls.cert",
			days < DAYS_LEFT_FEW ? FINDING_WARN : FINDING_OK,
			N_("the certificate is trusted, for %s more days"),
			words);
	}
}

static void note_offers(struct doctor *doctor, const struct buf *offers)
{
	struct buf words = BUF_INIT(WORDS_BYTES);
	struct span rest = buf_span(offers), line;

	while ((line = span_cut(&rest, '\n')).length) {
		buf_puts(&words, words.length ? ", " : "");
		buf_put_span(&words, line);
	}
	findings_note(doctor->found, "smtp.offers", FINDING_OK, "%s",
		buf_text(&words));
	buf_free(&words);
}

/* What went well, as far as it went. */
static void note_session(
	struct doctor *doctor, const struct errand_visit *visit)
{
	const struct account *account = doctor->account;
	const struct errand_info *info = &visit->info;

	if (!info->peer.length)
		return;
	findings_note(doctor->found, "tcp.port", FINDING_OK, N_("%s answers"),
		buf_text(&info->peer));
	if (span_starts_with(buf_span(&info->greeting), SPAN("220")))
		note_line(doctor, "smtp.greeting", "%s", &info->greeting);
	note_line(doctor, "tls.session", "%s", &info->session);
	if (!info->session.length && !account->socket && !account->tls)
		findings_note(doctor->found, "tls.session", FINDING_WARN,
			N_("'tls off': everybody on the way can read it"),
			NULL);
	if (account->tls_certcheck || account->tls_fingerprint)
		check_days(doctor, &info->certificate);
	else if (info->session.length)
		findings_note(doctor->found, "tls.cert", FINDING_WARN,
			N_("'tls_certcheck off': anybody can be the server"),
			NULL);
	if (info->offers.length)
		note_offers(doctor, &info->offers);
	if (visit->mechanism)
		findings_note(doctor->found, "auth.login", FINDING_OK,
			N_("the login works (%s)"), visit->mechanism);
}

static void visit_server(struct doctor *doctor, bool has_secret)
{
	struct account account = *doctor->account;
	const struct errand_params params = { .account = &account,
		.debug = doctor->request->debug };
	struct errand_visit visit = { .mechanism = NULL };
	struct diag why;
	bool is_fine;

	errand_info_init(&visit.info);
	if (!has_secret)
		account.auth = OPTION_AUTH_OFF;
	is_fine = errand_visit(&params, &doctor->secret,
		has_secret ? doctor->sender : NULL, &visit, &why);
	note_session(doctor, &visit);
	if (!is_fine) {
		known_refine(&why, account.known ? account.known->name : NULL);
		findings_fail(
			doctor->found, stage_of(doctor, &visit, &why), &why);
		if (!visit.info.peer.length && begins(&why, "net.") &&
			!account.socket && !account.proxy_host)
			try_other_ports(doctor);
	} else if (visit.is_asked) {
		findings_note(doctor->found, "smtp.sender", FINDING_OK,
			N_("the server takes mail from %s"), doctor->sender);
	}
	errand_info_free(&visit.info);
}

void doctor_server(struct doctor *doctor, bool has_secret)
{
	const struct account *account = doctor->account;
	struct resolve_list addresses = { .count = 0 };

	if (doctor->is_offline) {
		findings_note(doctor->found, "dns.host", FINDING_SKIP,
			N_("--offline: nobody was asked"), NULL);
		return;
	}
	if (!account->socket && !account->proxy_host) {
		if (!check_name(doctor, &addresses))
			return;
		check_families(doctor, &addresses);
	}
	visit_server(doctor, has_secret);
}
