/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The only file that knows libidn2. */
#include <config.h>

#include "net/idn.h"

#include "base/mem.h"
#include "base/text.h"

#include <idn2.h>

#define LIBRARY              idn2
#define LIBRARY_SYMBOL(name) idn2_##name
#define LIBRARY_NAME         LIBIDN2_SONAME
#define LIBRARY_TABLE        "net/idn2.def"
#include "base/library_calls.h"

/* RFC 1035 2.3.4, as text; a UTF-8 name of four bytes a letter fits too. */
enum {
	IDN_LABEL_LIMIT = 63,
	IDN_DOMAIN_LIMIT = 255,
	IDN_INPUT_LIMIT = 4 * IDN_DOMAIN_LIMIT
};

/* RFC 1035 2.3.4, RFC 5321 4.5.3.1.2; a literal has no labels. */
static bool fits_labels(struct span name)
{
	if (name.length > IDN_DOMAIN_LIMIT)
		return false;
	while (name.length)
		if (span_cut(&name, '.').length > IDN_LABEL_LIMIT)
			return false;
	return true;
}

static bool put_ascii(const char *domain, struct buf *out, struct diag *why)
{
	struct span name = span_of(domain);

	return ((domain[0] == '[' || fits_labels(name)) &&
		       buf_put_span(out, name)) ||
	       diag_set(why, DIAG_ADDRESS_DOMAIN_INVALID, domain,
		       DIAG_WORDS N_("it is too long"));
}

bool idn_to_ascii(const char *domain, struct buf *out, struct diag *why)
{
	uint8_t *ascii = NULL;
	int result;

	if (text_is_ascii(span_of(domain)) || domain[0] == '[')
		return put_ascii(domain, out, why);
	if (strlen(domain) > IDN_INPUT_LIMIT)
		return diag_set(why, DIAG_ADDRESS_DOMAIN_INVALID, domain,
			DIAG_WORDS N_("it is too long"));
	if (!load(why))
		return false;
	/* RFC 5891 wants NFC; UTS #46 non-transitional keeps the sharp s. */
	result = idn2.lookup_u8((const uint8_t *)domain, &ascii,
		IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
	if (result != IDN2_OK)
		return diag_set(why, DIAG_ADDRESS_DOMAIN_INVALID, domain,
			idn2.strerror(result));
	if (!buf_puts(out, (const char *)ascii))
		result = IDN2_TOO_BIG_DOMAIN;
	idn2.free(ascii);
	return result == IDN2_OK ||
	       diag_set(why, DIAG_ADDRESS_DOMAIN_INVALID, domain,
		       DIAG_WORDS N_("it is too long"));
}

const char *idn_library_version(bool is_loaded)
{
	if (!is_loaded)
		return IDN2_VERSION;
	return load(NULL) ? idn2.check_version(NULL) : NULL;
}
