/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where the machine keeps what is not a user's.  All of these paths, so that
 * the program of the tests, which must see nothing of the machine it is tested
 * on, is the same but for one file (tests/place.c).
 */
#ifndef BASE_PLACE_H
#define BASE_PLACE_H

struct place {
	const char *root;     /* above other programs' files: "" */
	const char *settings; /* /etc */
	const char *mailname;
	const char *netrc;
	const char *relay_config;     /* of 'mailchute serve' */
	const char *socket;           /* that it listens at */
	const char *systemd;          /* is there where systemd is process 1 */
	const char *providers;        /* the package's */
	const char *system_providers; /* the administrator's */
	const char *passwd;           /* who has a home here */
	const char *queues;           /* above system-wide queues */
	const char *users;            /* queues of users without a home */
	const char *tokens;           /* logins of system-wide accounts */
	const char *log;              /* ours, where nobody takes one */
	const char *syslog;           /* where the C library sends its lines */
	const char *logs;             /* the folder of the system's log files */
	const char *journal;          /* is there where systemd's journal is */
	const char *journalctl;       /* prints it */
};
extern const struct place place_system;

#endif
