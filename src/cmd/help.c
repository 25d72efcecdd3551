/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --help and --version, from the tables: nothing is listed here by hand. */
#include <config.h>

#include "auth/sasl.h"
#include "base/text.h"
#include "cmd/cmd.h"
#include "net/idn.h"
#include "net/tls.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

enum { FORM_LIMIT = 200, COLUMN = 34 };

static void print_row(const char *left, const char *text)
{
	if (strlen(left) > COLUMN) {
		printf("  %s\n", left);
		left = "";
	}
	printf("  %-*s %s\n", text_field_width(left, COLUMN), left,
		*text ? _(text) : "");
}

static void print_verbs(void)
{
	const char *const *verbs = cmd_verbs();

	puts(_("Verbs:"));
	for (size_t i = 0; verbs[i]; i++)
		print_row(verbs[i], cmd_verb_text(i));
	print_row("sendmail", N_("what follows is an untrusted caller's"));
}

static bool is_worth_a_line(
	const struct argv_letter *letter, enum argv_manner manner)
{
	return letter->manners & 1u << manner && !letter->is_refused &&
	       !letter->is_ignored;
}

static void print_letter(const struct argv_letter *letter, const char *before)
{
	char left[FORM_LIMIT];

	snprintf(left, sizeof left, "-%s%c%s%s", before, letter->letter,
		letter->form[0] == '[' || !letter->form[0] ? "" : " ",
		letter->form);
	print_row(left, letter->text);
}

static void print_letters(enum argv_manner manner)
{
	struct argv_letter letter;

	puts(_("Options of sendmail:"));
	for (size_t i = 0; argv_letter(i, &letter); i++)
		if (is_worth_a_line(&letter, manner))
			print_letter(&letter, "");
	for (size_t i = 0; argv_mode(i, &letter); i++)
		if (is_worth_a_line(&letter, manner))
			print_letter(&letter, "b");
}

static void print_long_options(void)
{
	const char *name, *form, *text;
	char left[FORM_LIMIT];

	puts(_("Options of mailchute:"));
	for (size_t i = 0; (name = argv_long_option(i, &form, &text)); i++) {
		snprintf(left, sizeof left, "--%s%s%s%s", name,
			form[0] == '[' ? "[" : "", form[0] ? "=" : "",
			form[0] == '[' ? form + 1 : form);
		print_row(left, text);
	}
}

/* --from is an option of its own, and --password none. */
static bool is_long_option(enum option_id id)
{
	return id != OPTION_from &&
	       !(option_flags(id) & OPTION_NOT_ON_COMMAND_LINE);
}

static void print_keywords(void)
{
	puts(_("Settings, in the configuration file or as options:"));
	for (int id = 0; id < OPTION_COUNT; id++) {
		struct buf left = BUF_INIT(FORM_LIMIT);

		buf_printf(&left, "--%s=", option_keyword((enum option_id)id));
		for (size_t i = 0; i < left.length; i++)
			if (left.data[i] == '_')
				left.data[i] = '-';
		option_put_form(&left, (enum option_id)id);
		if (is_long_option((enum option_id)id))
			print_row(buf_text(&left),
				option_text((enum option_id)id));
		buf_free(&left);
	}
}

int cmd_help(const struct cmd_context *context)
{
	puts(_("Usage: mailchute [options] [--] recipient... < message"));
	puts(_("       mailchute [options] sendmail [sendmail's options] < "
	       "message"));
	puts(_("       mailchute [options] verb [words]"));
	putchar('\n');
	if (context->request->manner == ARGV_MAILCHUTE) {
		print_verbs();
		putchar('\n');
	}
	print_letters(context->request->manner);
	if (context->request->manner != ARGV_SENDMAIL) {
		putchar('\n');
		print_long_options();
		putchar('\n');
		print_keywords();
	}
	return EX_OK;
}

static void print_version(const char *library, const char *version)
{
	if (!version || *version)
		printf("%s %s\n", library,
			version ? version : _("(cannot be loaded)"));
}

int cmd_version(const struct cmd_context *context)
{
	(void)context;
	printf("mailchute %s\n", PACKAGE_VERSION);
	print_version("GnuTLS", tls_library_version());
	print_version("libidn2", idn_library_version());
	print_version("libgsasl", sasl_library_version());
	printf("%s %s/mailchuterc\n", _("System configuration:"), SYSCONFDIR);
	puts(_("Licence: GPL-3.0-or-later; there is no warranty."));
	return EX_OK;
}
