/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What 'mailchute doctor' looks at, a function a place: each adds findings, and
 * leaves out what depends on something that failed.
 */
#ifndef CMD_DOCTOR_H
#define CMD_DOCTOR_H

#include "base/secret.h"
#include "cmd/findings.h"
#include "config/account.h"

#include <stdbool.h>

struct doctor {
	const struct request *request;
	struct arena *arena;
	struct findings *found;
	struct config config;
	const struct account *account; /* NULL until it is found */
	const char *sender;            /* in full; NULL: there is none */
	struct secret secret;          /* of the account; wiped by its maker */
	bool is_offline;               /* nobody is asked */
	const char *root;    /* where files of others are: "", but for tests */
	const char *program; /* this one */
};

/* All of what follows, in its order; DOCTOR's secrets are the caller's
 * (doctor_close). */
void doctor_look(struct doctor *doctor);
/* Wipes secret and configuration. */
void doctor_close(struct doctor *doctor);
/* A listener that prints a finding at once, for people. */
void doctor_print(const struct findings *found, const struct finding *finding);
/* Prints what comes at the end, and returns the exit code. */
int doctor_report(const struct findings *found, bool is_json);

/* The files and the account that counts; false when there is none to go on
 * with. */
bool doctor_config(struct doctor *doctor);
/* The password; false when it cannot be had. */
bool doctor_secret(struct doctor *doctor);
/* The server: its name, its ports, a session up to the question whether it
 * takes mail from the account's sender.  HAS_SECRET: else no login is tried. */
void doctor_server(struct doctor *doctor, bool has_secret);
/* What the DNS says of the sender's domain: MX, SPF, DKIM, DMARC. */
void doctor_domain(struct doctor *doctor);
/* The name of the address that mail comes from, where no provider stands
 * between, and the block lists that the account names. */
void doctor_address(struct doctor *doctor);
/* The queue, and who runs it; the log. */
void doctor_machine(struct doctor *doctor);
/* sendmail and mailq; PHP, git and cron, by their own files; AppArmor and
 * SELinux. */
void doctor_callers(struct doctor *doctor);

#endif
