/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mailchute doctor: why mail does not go out, from the machine that has to send
 * it.  Knows the order of the checks.
 */
#include <config.h>

#include "cmd/doctor.h"

#include "base/process.h"
#include "cmd/cmd.h"
#include "cmd/redact.h"
#include "cmd/report.h"

#include <pwd.h>
#include <stdio.h>
#include <unistd.h>

enum { DOCTOR_OUTPUT_LIMIT = 4 * 1024 * 1024 };

#define VERB_TABLE "cmd/doctor.def"
#include "cmd/words_verb.h"

const struct words_table cmd_doctor_words = {
	.usage = N_("[OPTION]... [ACCOUNT]"),
	.about = N_("Finds out why mail does not go out: reads the profile, "
		    "gets the password, asks\nthe server, and logs in once.  "
		    "Nothing is sent.  The exit code is that of the first\n"
		    "failure.\n"),
	.options = options,
	.option_count = sizeof options / sizeof *options,
	.said_bytes = sizeof(struct said),
	.operands = WORDS_SOME,
};

void doctor_print(const struct findings *found, const struct finding *finding)
{
	struct buf line = BUF_INIT(DOCTOR_OUTPUT_LIMIT);

	finding_put(found, finding, &line);
	fputs(buf_text(&line), stdout);
	fflush(stdout);
	buf_free(&line);
}

void doctor_look(struct doctor *doctor)
{
	if (!doctor_config(doctor))
		return;
	doctor_server(doctor, doctor_secret(doctor));
	doctor_domain(doctor);
	doctor_address(doctor);
	doctor_machine(doctor);
	doctor->root = "";
	doctor->program = "/proc/self/exe";
	doctor_callers(doctor);
}

void doctor_close(struct doctor *doctor)
{
	secret_wipe(&doctor->secret);
	config_wipe(&doctor->config);
}

int doctor_report(const struct findings *found, bool is_json)
{
	struct buf text = BUF_INIT(DOCTOR_OUTPUT_LIMIT);

	if (is_json)
		findings_put_json(found, &text);
	else
		findings_put_advice(found, &text);
	if (text.length)
		cmd_print(&text);
	return findings_exit_code(found);
}

/* Whose files, queue and limits are looked at, from here on. */
static bool become(const char *name, struct diag *why)
{
	const struct passwd *entry = name ? getpwnam(name) : NULL;

	if (!name)
		return true;
	if (!entry)
		return diag_set(why, DIAG_USAGE_BAD_VALUE, "--as", name,
			DIAG_WORDS N_("there is no such user"));
	return entry->pw_uid == geteuid() ||
	       process_become_user(entry->pw_uid) ||
	       diag_set(why, DIAG_USAGE_BAD_VALUE, "--as", name,
		       DIAG_WORDS N_("only root can become another user"));
}

static int examine(const struct said *said, const struct request *request,
	struct arena *arena)
{
	struct redact redact = { .arena = arena };
	struct findings found = { .arena = arena,
		.redact = said->is_redacted ? &redact : NULL,
		.listener = said->is_json ? NULL : doctor_print };
	struct doctor doctor = { .request = request,
		.arena = arena,
		.found = &found,
		.is_offline = said->is_offline };

	redact_know(&redact, REDACT_PATH, request->config_file);
	doctor_look(&doctor);
	doctor_close(&doctor);
	return doctor_report(&found, said->is_json);
}

int cmd_doctor(const struct cmd_context *context)
{
	const struct said *said = context->said;
	struct request request = *context->request;
	struct diag why;

	if (request.operand_count > 1 ||
		(request.operand_count && request.account)) {
		diag_set(&why, DIAG_USAGE_VERB_WORD, "doctor",
			request.operands[request.operand_count - 1]);
		return report_problem(&why);
	}
	if (request.operand_count)
		request.account = request.operands[0];
	if (!become(said->user, &why))
		return report_problem(&why);
	return examine(said, &request, context->arena);
}
