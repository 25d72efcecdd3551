/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The doctor on the sender's domain: what receivers look up in the DNS before
 * they believe a message.  Asks no server of mail.
 */
#include <config.h>

#include "base/clock.h"
#include "base/text.h"
#include "cmd/doctor.h"
#include "config/provider.h"
#include "deliver/signing.h"
#include "mail/policy.h"
#include "net/dns.h"

#include <string.h>

enum {
	SPF_DEPTH_MAX = 10,
	SPF_ASKED_MAX = 30,   /* far beyond what counts */
	DMARC_LABELS_MAX = 8, /* RFC 9989 4.10 */
	PLACE_BYTES = 512,
	STEP_S = 10 /* all that one check asks */
};

/* What was found on the way, for what hangs on several records. */
struct facts {
	bool has_provider_spf;
	const char
		*signs_for; /* the domain of the key that is there, or NULL */
	struct span policy; /* of DMARC: "reject"; or empty */
};

/* The one domain that is looked at. */
struct visit {
	struct doctor *doctor;
	const char *domain;
	const struct provider *provider; /* NULL: unknown */
	int64_t deadline_ms;             /* of this check */
	struct facts *facts;
};

static void tell(const struct visit *visit, const char *id,
	enum finding_status status, const char *text, const char *what)
{
	findings_note(visit->doctor->found, id, status, text, what);
}

static void fail(
	const struct visit *visit, const char *id, struct diag_args args)
{
	struct diag why;

	diag_set_args(&why, args);
	findings_fail(visit->doctor->found, id, &why);
}

static void warn(
	const struct visit *visit, const char *id, struct diag_args args)
{
	struct diag why;

	diag_set_args(&why, args);
	findings_warn(visit->doctor->found, id, &why);
}

/* False, and told, when no name server could say. */
static bool ask(const struct visit *visit, const char *id, const char *prefix,
	const char *domain, enum dns_type type, struct dns_answer *out)
{
	const struct dns_question question = { prefix, domain, type,
		visit->deadline_ms };
	struct diag why;

	if (dns_look_up(&question, visit->doctor->arena, out, &why))
		return true;
	findings_warn(visit->doctor->found, id, &why);
	return false;
}

/* ---- MX ------------------------------------------------------------------ */

static bool check_mx(const struct visit *visit)
{
	struct dns_answer found;

	if (!ask(visit, "dns.mx", "", visit->domain, DNS_MX, &found))
		return false;
	if (found.count && found.items[0].host[0])
		tell(visit, "dns.mx", FINDING_OK, N_("answers go to %s"),
			found.items[0].host);
	else
		warn(visit, "dns.mx",
			(struct diag_args){ DIAG_DNS_NO_MX, visit->domain });
	return true;
}

/* ---- SPF ----------------------------------------------------------------- */

struct spf_walk {
	const struct visit *visit;
	unsigned look_ups, asked;
	bool has_provider, lets_everybody, is_unknown;
	const char *missing; /* an include without a record */
};

/* The record at DOMAIN; empty when there is not exactly one. */
static struct span spf_of(
	struct spf_walk *walk, const char *domain, unsigned *count)
{
	const struct dns_question question = { "", domain, DNS_TXT,
		walk->visit->deadline_ms };
	struct dns_answer found;
	struct span text = SPAN("");
	struct diag why;

	*count = 0;
	walk->asked++;
	if (!dns_look_up(&question, walk->visit->doctor->arena, &found, &why)) {
		walk->is_unknown = true;
		return text;
	}
	for (size_t i = 0; i < found.count; i++)
		if (spf_is_record(found.items[i].text)) {
			text = found.items[i].text;
			++*count;
		}
	return *count == 1 ? text : SPAN("");
}

static void walk_spf(struct spf_walk *walk, struct span text, unsigned depth);

/* What another domain's record adds.  Macros are the message's: not known
 * here. */
static void walk_into(
	struct spf_walk *walk, const struct spf_term *term, unsigned depth)
{
	const struct provider *provider = walk->visit->provider;
	const char *domain = arena_strndup(
		walk->visit->doctor->arena, term->value.at, term->value.length);
	unsigned count;
	struct span text;

	if (provider && provider->spf &&
		span_equal_nocase(term->value, span_of(provider->spf)))
		walk->has_provider = true;
	if (!*domain || strchr(domain, '%') || depth == SPF_DEPTH_MAX ||
		walk->asked == SPF_ASKED_MAX)
		return;
	text = spf_of(walk, domain, &count);
	if (!count && !walk->is_unknown && !walk->missing)
		walk->missing = domain;
	walk_spf(walk, text, depth + 1);
}

static void walk_spf(struct spf_walk *walk, struct span text, unsigned depth)
{
	struct spf_term term;

	while (spf_next(&text, &term)) {
		walk->look_ups += spf_is_look_up(&term);
		if (spf_is(&term, "all") && !depth)
			walk->lets_everybody = term.qualifier == '+';
		if (spf_is(&term, "include") || spf_is(&term, "redirect"))
			walk_into(walk, &term, depth);
	}
}

/* "include:_spf.google.com"; words where the provider is not known. */
static const char *spf_advice(const struct visit *visit)
{
	return visit->provider && visit->provider->spf
		       ? arena_printf(visit->doctor->arena, "include:%s",
				 visit->provider->spf)
		       : "include:…";
}

static void judge_spf(const struct visit *visit, const struct spf_walk *walk)
{
	struct arena *arena = visit->doctor->arena;
	const char *number = arena_printf(arena, "%u", walk->look_ups);
	bool wants_provider = visit->provider && visit->provider->spf &&
			      !walk->has_provider && !walk->is_unknown;

	visit->facts->has_provider_spf = walk->has_provider && !walk->missing &&
					 walk->look_ups <= SPF_LOOK_UPS_MAX;
	if (walk->look_ups > SPF_LOOK_UPS_MAX)
		fail(visit, "dns.spf",
			(struct diag_args){
				DIAG_DNS_SPF_LOOK_UPS, visit->domain, number });
	else if (walk->missing)
		fail(visit, "dns.spf",
			(struct diag_args){ DIAG_DNS_SPF_INCLUDE, visit->domain,
				walk->missing });
	else if (walk->lets_everybody)
		fail(visit, "dns.spf",
			(struct diag_args){
				DIAG_DNS_SPF_EVERYBODY, visit->domain });
	else if (wants_provider)
		warn(visit, "dns.spf",
			(struct diag_args){ DIAG_DNS_SPF_PROVIDER,
				visit->domain, spf_advice(visit) });
	else
		tell(visit, "dns.spf", FINDING_OK,
			N_("the SPF record is fine (look-ups: %s of 10)"),
			number);
}

static void check_spf(const struct visit *visit)
{
	struct spf_walk walk = { .visit = visit };
	unsigned count;
	struct span text = spf_of(&walk, visit->domain, &count);

	if (walk.is_unknown)
		tell(visit, "dns.spf", FINDING_SKIP,
			N_("the name servers do not answer"), NULL);
	else if (!count)
		warn(visit, "dns.spf",
			(struct diag_args){ DIAG_DNS_SPF_NONE, visit->domain,
				spf_advice(visit) });
	else if (count > 1)
		fail(visit, "dns.spf",
			(struct diag_args){ DIAG_DNS_SPF_TWICE, visit->domain,
				arena_printf(
					visit->doctor->arena, "%u", count) });
	else {
		walk_spf(&walk, text, 0);
		judge_spf(visit, &walk);
	}
}

/* ---- DKIM ---------------------------------------------------------------- */

static void check_own_key(const struct visit *visit,
	const struct signing *signing, size_t index, const char *selector,
	const char *domain)
{
	struct arena *arena = visit->doctor->arena;
	const char *prefix = arena_printf(arena, "%s._domainkey.", selector);
	const char *place = arena_printf(arena, "%s%s", prefix, domain);
	const char *reason = NULL;
	struct dns_answer found;

	if (!ask(visit, "dns.dkim", prefix, domain, DNS_TXT, &found))
		return;
	for (size_t i = 0; i < found.count; i++)
		if (signing_matches(
			    signing, index, found.items[i].text, &reason)) {
			tell(visit, "dns.dkim", FINDING_OK,
				N_("%s has the key that signs"), place);
			visit->facts->signs_for = arena_strdup(arena, domain);
			return;
		}
	if (!found.count)
		fail(visit, "dns.dkim",
			(struct diag_args){ DIAG_DNS_DKIM_NONE, place });
	else
		fail(visit, "dns.dkim",
			(struct diag_args){ DIAG_DNS_DKIM_WRONG, place,
				arena_printf(
					arena, "%s%s", DIAG_WORDS, reason) });
}

static void check_own_keys(const struct visit *visit)
{
	struct signing *signing = NULL;
	const char *selector, *domain;
	struct diag why;

	if (!signing_open(visit->doctor->account, &signing, &why)) {
		findings_fail(visit->doctor->found, "dkim.key", &why);
		return;
	}
	for (size_t i = 0;
		signing && signing_place(signing, i, &selector, &domain); i++)
		check_own_key(visit, signing, i, selector, domain);
	signing_close(signing);
}

/* Whether a selector of the provider's has a key; which one a message is signed
 * with is the provider's affair. */
static void check_provider_keys(const struct visit *visit)
{
	struct arena *arena = visit->doctor->arena;
	struct span rest = span_of(visit->provider->dkim), word;

	while ((word = span_cut_word(&rest)).length) {
		const char *prefix = arena_printf(
			arena, "%.*s._domainkey.", (int)word.length, word.at);
		struct dns_answer found;

		if (!ask(visit, "dns.dkim", prefix, visit->domain, DNS_TXT,
			    &found))
			return;
		for (size_t i = 0; i < found.count; i++)
			if (tags_value(found.items[i].text, "p").length) {
				tell(visit, "dns.dkim", FINDING_OK,
					N_("%s has a DKIM key of the "
					   "provider's"),
					arena_printf(arena, "%s%s", prefix,
						visit->domain));
				visit->facts->signs_for = visit->domain;
				return;
			}
	}
	warn(visit, "dns.dkim",
		(struct diag_args){ DIAG_DNS_DKIM_PROVIDER, visit->domain,
			visit->provider->dkim });
}

static void check_dkim(const struct visit *visit)
{
	if (visit->doctor->account->dkim_domain)
		check_own_keys(visit);
	else if (visit->provider && visit->provider->dkim)
		check_provider_keys(visit);
	else
		tell(visit, "dns.dkim", FINDING_SKIP,
			N_("whether the provider signs is not known"), NULL);
}

/* ---- DMARC --------------------------------------------------------------- */

/* The record at _dmarc.DOMAIN.  False when no name server answers; *COUNT is
 * how many there are. */
static bool dmarc_of(const struct visit *visit, const char *domain,
	struct span *text, unsigned *count)
{
	struct dns_answer found;

	*count = 0;
	if (!ask(visit, "dns.dmarc", "_dmarc.", domain, DNS_TXT, &found))
		return false;
	for (size_t i = 0; i < found.count; i++)
		if (tags_are(found.items[i].text, "DMARC1")) {
			*text = found.items[i].text;
			++*count;
		}
	return true;
}

static size_t count_labels(const char *domain)
{
	size_t labels = 1;

	for (; *domain; domain++)
		labels += *domain == '.';
	return labels;
}

/* One label less; of long names as much as leaves seven. */
static const char *parent_of(const char *domain)
{
	size_t labels = count_labels(domain);

	do {
		domain = strchr(domain, '.');
		if (!domain)
			return NULL;
		domain++;
		labels--;
	} while (labels >= DMARC_LABELS_MAX);
	return domain;
}

static bool is_psd(struct span text, const char *value)
{
	return span_equal_nocase(tags_value(text, "psd"), span_of(value));
}

/* RFC 9989 4.10: upwards; what lies highest counts, unless a record says where
 * the organisation ends.  Leaves *AT NULL when there is none. */
static bool climb(const struct visit *visit, const char **at, struct span *text)
{
	const char *below = visit->domain;

	*at = NULL;
	for (const char *domain = parent_of(below); domain;
		below = domain, domain = parent_of(domain)) {
		struct span found;
		unsigned count;

		if (!dmarc_of(visit, domain, &found, &count))
			return false;
		if (count != 1)
			continue;
		if (is_psd(found, "y") && *at == below)
			break;
		*at = domain;
		*text = found;
		if (is_psd(found, "n") || is_psd(found, "y"))
			break;
	}
	return true;
}

static void judge_dmarc(const struct visit *visit, const char *at,
	struct span text, bool is_own)
{
	struct arena *arena = visit->doctor->arena;
	struct span policy = tags_value(text, "p");
	struct span below = is_own ? SPAN("") : tags_value(text, "sp");

	if (below.length)
		policy = below;
	visit->facts->policy = policy;
	if (!policy.length && !tags_value(text, "rua").length)
		fail(visit, "dns.dmarc",
			(struct diag_args){ DIAG_DNS_DMARC_WRONG, at,
				DIAG_WORDS N_("it has no p=") });
	else
		tell(visit, "dns.dmarc", FINDING_OK, "_dmarc.%s",
			arena_printf(arena, "%s: p=%.*s", at,
				policy.length ? (int)policy.length : 4,
				policy.length ? policy.at : "none"));
}

static void check_dmarc(const struct visit *visit)
{
	const char *at = visit->domain;
	struct span text = SPAN("");
	unsigned count;

	if (!dmarc_of(visit, at, &text, &count))
		return;
	if (count > 1) {
		fail(visit, "dns.dmarc",
			(struct diag_args){ DIAG_DNS_DMARC_WRONG, at,
				DIAG_WORDS N_("there are several") });
		return;
	}
	if (!count && !climb(visit, &at, &text))
		return;
	if (at)
		judge_dmarc(visit, at, text, count == 1);
	else
		warn(visit, "dns.dmarc",
			(struct diag_args){
				DIAG_DNS_DMARC_NONE, visit->domain });
}

/* ---- alignment ----------------------------------------------------------- */

/* The organisation's domain, RFC 9989 4.10.2; what was looked at when no record
 * tells. */
static const char *organisation_of(const struct visit *visit)
{
	const char *at;
	struct span text;

	return climb(visit, &at, &text) && at ? at : visit->domain;
}

/* Whether DOMAIN counts for mail from the one that is looked at (4.10.3). */
static bool is_aligned(const struct visit *visit, const char *domain)
{
	struct span ours = span_of(visit->domain), other = span_of(domain);

	return span_is_below(ours, other) || span_is_below(other, ours) ||
	       span_is_below(other, span_of(organisation_of(visit)));
}

static bool is_strict(struct span policy)
{
	return span_equal_nocase(policy, SPAN("reject")) ||
	       span_equal_nocase(policy, SPAN("quarantine"));
}

static void check_alignment(const struct visit *visit)
{
	const struct facts *facts = visit->facts;
	const char *policy = arena_strndup(visit->doctor->arena,
		facts->policy.length ? facts->policy.at : "",
		facts->policy.length);

	if (facts->signs_for && !is_aligned(visit, facts->signs_for))
		warn(visit, "dns.alignment",
			(struct diag_args){ DIAG_DNS_NOT_ALIGNED, visit->domain,
				facts->signs_for });
	else if (facts->signs_for)
		tell(visit, "dns.alignment", FINDING_OK,
			N_("DKIM signs in the name of %s: DMARC counts it"),
			visit->domain);
	else if (is_strict(facts->policy) && visit->provider &&
		 !facts->has_provider_spf)
		fail(visit, "dns.alignment",
			(struct diag_args){ DIAG_DNS_UNAUTHENTICATED,
				visit->domain, policy });
	else if (facts->has_provider_spf)
		tell(visit, "dns.alignment", FINDING_SKIP,
			N_("DMARC hangs on SPF alone: forwarded mail fails"),
			NULL);
}

/* ---- what is noted beside ------------------------------------------------ */

static void note_record(const struct visit *visit, const char *id,
	const char *prefix, const char *version)
{
	struct dns_answer found;

	if (!ask(visit, id, prefix, visit->domain, DNS_TXT, &found))
		return;
	for (size_t i = 0; i < found.count; i++)
		if (tags_are(found.items[i].text, version)) {
			tell(visit, id, FINDING_OK, "%s",
				arena_printf(visit->doctor->arena, "%s%s",
					prefix, visit->domain));
			return;
		}
	tell(visit, id, FINDING_SKIP, N_("there is none, and need not be"),
		NULL);
}

/* ---- the whole ----------------------------------------------------------- */

/* Names that are in no DNS (RFC 6761). */
static bool is_local(const char *domain)
{
	static const char *const ends[] = { "invalid", "localhost", "local" };
	const char *last = strrchr(domain, '.');

	for (size_t i = 0; last && i < sizeof ends / sizeof *ends; i++)
		if (span_equal_nocase(span_of(last + 1), span_of(ends[i])))
			return true;
	return !last || domain[0] == '[';
}

/* Somebody at gmail.com publishes nothing there. */
static bool is_providers(const struct provider *provider, const char *domain)
{
	return provider && provider->domains &&
	       provider_has_word(provider->domains, span_of(domain));
}

static const char *why_not(const struct doctor *doctor, const char *domain)
{
	if (doctor->is_offline)
		return N_("--offline: nobody was asked");
	if (is_local(domain))
		return N_("the sender's domain is in no DNS");
	if (is_providers(doctor->account->known, domain))
		return N_("the sender's domain is the provider's");
	return NULL;
}

static void note_mta_sts(const struct visit *visit)
{
	note_record(visit, "dns.mta-sts", "_mta-sts.", "STSv1");
}

static void note_tls_rpt(const struct visit *visit)
{
	note_record(visit, "dns.tls-rpt", "_smtp._tls.", "TLSRPTv1");
}

void doctor_domain(struct doctor *doctor)
{
	static void (*const checks[])(const struct visit *) = { check_spf,
		check_dkim, check_dmarc, check_alignment, note_mta_sts,
		note_tls_rpt };
	const struct account *account = doctor->account;
	const char *at = doctor->sender ? strrchr(doctor->sender, '@') : NULL;
	struct facts facts = { .policy = SPAN("") };
	struct visit visit = { .doctor = doctor,
		.facts = &facts,
		.domain = at ? at + 1 : "",
		.provider = account->known };
	const char *reason = why_not(doctor, visit.domain);

	if (reason) {
		tell(&visit, "dns.mx", FINDING_SKIP, reason, NULL);
		return;
	}
	visit.deadline_ms = clock_deadline(STEP_S);
	if (!check_mx(&visit))
		return;
	for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
		visit.deadline_ms = clock_deadline(STEP_S);
		checks[i](&visit);
	}
}
