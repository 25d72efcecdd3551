/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A queue and a server in a folder of their own.  Knows files and processes,
 * not what is expected of them. */
#include <config.h>

#include "stage.h"

#include "base/clock.h"
#include "base/source.h"
#include "spool/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	WORDS_MAX = 64,
	TRIES = 4000,
	PAUSE_MS = 5,
	PATH_BYTES = 512,
	PROFILE_BYTES = 8192,
	FILE_BYTES = 1024 * 1024
};

static void die(const char *what)
{
	printf("Bail out! %s: errno %d\n", what, errno);
	exit(1);
}

static void put_path(char path[static PATH_BYTES], const struct stage *stage,
	const char *name)
{
	snprintf(path, PATH_BYTES, "%s/%s", stage->folder, name);
}

static void write_file(
	const struct stage *stage, const char *name, const char *text)
{
	char path[PATH_BYTES];
	int fd;

	put_path(path, stage, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, S_IRUSR | S_IWUSR);
	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		die(path);
	close(fd);
}

static void read_file(
	const struct stage *stage, const char *name, struct buf *out)
{
	char path[PATH_BYTES], bytes[4096];
	ssize_t got;
	int fd;

	put_path(path, stage, name);
	fd = open(path, O_RDONLY);
	while (fd >= 0 && (got = read(fd, bytes, sizeof bytes)) > 0)
		buf_put_span(out, span_make(bytes, (size_t)got));
	if (fd >= 0)
		close(fd);
}

static void make_folder(const struct stage *stage, const char *name)
{
	char path[PATH_BYTES];

	put_path(path, stage, name);
	if (mkdir(path, S_IRWXU) < 0 && errno != EEXIST)
		die(path);
}

/* ---- the server ---------------------------------------------------------- */

static void put_word(struct buf *words, const struct stage *stage,
	const char *option, const char *name)
{
	buf_printf(words, "%s=%s/%s\n", option, stage->folder, name);
}

/* WORDS: a line each. */
static void run_program(const char *path, struct buf *words)
{
	char *argv[WORDS_MAX] = { NULL }, *rest = words->data;
	size_t count = 0;

	while (*rest && count < WORDS_MAX - 1) {
		argv[count++] = rest;
		rest += strcspn(rest, "\n");
		if (*rest)
			*rest++ = '\0';
	}
	execv(path, argv);
	_exit(127);
}

static void run_server(const struct stage *stage, const struct buf *options)
{
	const char *top = getenv("TOP_BUILDDIR");
	struct buf words = BUF_INIT(PROFILE_BYTES);
	char path[PATH_BYTES];

	snprintf(path, sizeof path, "%s/tests/sink/sink", top ? top : ".");
	buf_printf(&words, "sink\n--clear=%u\n", stage->port);
	put_word(&words, stage, "--port-file", "ports");
	put_word(&words, stage, "--maildir", "mail");
	put_word(&words, stage, "--transcript", "transcript");
	put_word(&words, stage, "--script", "script");
	buf_put_span(&words, buf_span(options));
	run_program(path, &words);
}

/* What begins with "--" is an option, the rest are rules. */
static void split_script(
	const struct stage *stage, const char *script, struct buf *options)
{
	struct buf rules = BUF_INIT(PROFILE_BYTES);
	struct span rest = span_of(script);

	while (rest.length) {
		struct span line = span_cut(&rest, '\n');
		bool is_option = span_starts_with(line, SPAN("--"));

		buf_put_span(is_option ? options : &rules, line);
		buf_put_byte(is_option ? options : &rules, '\n');
	}
	write_file(stage, "script", buf_text(&rules));
	buf_free(&rules);
}

static bool read_port(struct stage *stage)
{
	struct buf text = BUF_INIT(4096);
	unsigned long port = 0;
	struct span rest;

	read_file(stage, "ports", &text);
	rest = buf_span(&text);
	(void)span_cut(&rest, '=');
	if (rest.at && span_number(span_cut(&rest, '\n'), 65535, &port))
		stage->port = (unsigned)port;
	buf_free(&text);
	return port != 0;
}

void stage_serve(struct stage *stage, const char *script)
{
	struct buf options = BUF_INIT(PROFILE_BYTES);
	char path[PATH_BYTES];

	put_path(path, stage, "ports");
	(void)unlink(path);
	split_script(stage, script, &options);
	stage->server = fork();
	if (stage->server == 0)
		run_server(stage, &options);
	buf_free(&options);
	for (int i = 0; i < TRIES && !read_port(stage); i++)
		(void)poll(NULL, 0, PAUSE_MS);
}

void stage_end_server(struct stage *stage)
{
	if (stage->server > 0) {
		(void)kill(stage->server, SIGTERM);
		(void)waitpid(stage->server, NULL, 0);
	}
	stage->server = 0;
}

/* ---- the queue ----------------------------------------------------------- */

static void write_profile(struct stage *stage, const char *settings)
{
	char text[PROFILE_BYTES];

	snprintf(text, sizeof text,
		"account default\nhost 127.0.0.1\nport %u\ntls off\nauth off\n"
		"from alice@example.test\ntimeout 20\nsyslog off\nqueue auto\n"
		"queue_dir %s/q\nqueue_runner external\n%s",
		stage->port, stage->folder, settings ? settings : "");
	write_file(stage, "profile", text);
}

/* Where nobody listens. */
static unsigned free_port(void)
{
	struct sockaddr_in place = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof place;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || bind(fd, (const struct sockaddr *)&place, size) < 0 ||
		getsockname(fd, (struct sockaddr *)&place, &size) < 0)
		die("socket");
	close(fd);
	return ntohs(place.sin_port);
}

void stage_open(struct stage *stage, const char *script, const char *settings)
{
	const char *tmp = getenv("TMPDIR");
	struct folder_params place = { .rest = "q", .may_create = true };
	struct diag why;

	*stage = (struct stage){ .server = 0, .port = 0 };
	snprintf(stage->folder, sizeof stage->folder, "%.40s/lane.XXXXXX",
		tmp ? tmp : "/tmp");
	if (!mkdtemp(stage->folder))
		die("mkdtemp");
	make_folder(stage, "mail");
	clock_set_for_test(1000000, STAGE_BEGAN);
	if (script)
		stage_serve(stage, script);
	else
		stage->port = free_port();
	write_profile(stage, settings);
	place.base = stage->folder;
	stage->spool = spool_open(&place, &why);
	if (!stage->spool)
		die("spool_open");
}

static void remove_all(const char *folder)
{
	char command[PATH_BYTES];

	snprintf(command, sizeof command, "rm -rf '%s'", folder);
	if (system(command) != 0)
		die(command);
}

void stage_close(struct stage *stage)
{
	stage_end_server(stage);
	spool_close(stage->spool);
	remove_all(stage->folder);
}

static void take_settings(struct record *record, char *lines)
{
	static struct record_setting settings[WORDS_MAX];

	record->settings = settings;
	while (lines && *lines) {
		struct record_setting *one = &settings[record->setting_count++];
		char *end = lines + strcspn(lines, "\n");

		if (*end)
			*end++ = '\0';
		one->keyword = lines;
		lines += strcspn(lines, " ");
		if (*lines)
			*lines++ = '\0';
		one->value = lines;
		lines = end;
	}
}

void stage_put_id(char id[static RECORD_ID_LENGTH + 1], unsigned number)
{
	snprintf(id, RECORD_ID_LENGTH + 1, "1nn%0*u", RECORD_ID_LENGTH - 3,
		number);
}

void stage_put(struct stage *stage, unsigned number, const char *settings)
{
	char id[RECORD_ID_LENGTH + 1], address[64], config[PATH_BYTES];
	char lines[PROFILE_BYTES];
	struct record_recipient recipient = { .state = RECORD_WAITING };
	struct record record = {
		.id = id,
		.created = clock_wall(),
		.config = config,
		.account = "default",
		.sender = { .utf8 = "alice@example.test",
			.ascii = "alice@example.test" },
		.recipients = &recipient,
		.recipient_count = 1,
	};
	struct source *source =
		source_from_span(SPAN("Subject: a lane\r\n\r\na line\r\n"));
	struct diag why;

	stage_put_id(id, number);
	snprintf(address, sizeof address, "r%u@example.test", number);
	recipient.address.utf8 = recipient.address.ascii = address;
	put_path(config, stage, "profile");
	snprintf(lines, sizeof lines, "%s", settings ? settings : "");
	take_settings(&record, lines);
	if (!spool_commit(stage->spool, &record, source, &why))
		die(diag_name(why.id));
	source_close(source);
}

/* ---- the run ------------------------------------------------------------- */

static unsigned number_of(const char *id)
{
	return (unsigned)strtoul(id + 3, NULL, 10);
}

/* One write a line: several processes report. */
static void report(void *context, const struct lane_report *told)
{
	const struct stage *stage = context;
	const struct diag *why = outcome_reason(told->outcome);
	char path[PATH_BYTES], line[256];
	ssize_t put;
	int fd;

	put_path(path, stage, "log");
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND, S_IRUSR | S_IWUSR);
	snprintf(line, sizeof line, "m%u %s%s%s; ",
		number_of(told->outcome->id), why ? diag_name(why->id) : "ok",
		told->outcome->fallback ? " to " : "",
		told->outcome->fallback ? told->outcome->fallback : "");
	put = write(fd, line, strlen(line));
	(void)put;
	close(fd);
}

pid_t stage_begin(struct stage *stage, enum runner_manner manner)
{
	const struct runner_params params = {
		.spool = stage->spool,
		.manner = manner,
		.report = report,
		.context = stage,
	};
	struct diag why;
	int ends[2];
	pid_t child;

	fflush(stdout);
	if (pipe(ends) < 0)
		die("pipe");
	child = fork();
	if (child == 0)
		_exit(runner_run(&params, &why) ? 0 : 1);
	close(ends[1]);
	stage->run = ends[0];
	return child;
}

int stage_end(struct stage *stage, pid_t runner)
{
	int status = -1;
	char byte;

	while (runner > 0 && waitpid(runner, &status, 0) < 0 && errno == EINTR)
		;
	while (read(stage->run, &byte, 1) < 0 && errno == EINTR)
		;
	close(stage->run);
	return status;
}

int stage_run(struct stage *stage, enum runner_manner manner)
{
	return stage_end(stage, stage_begin(stage, manner));
}

void stage_touch(const struct stage *stage, const char *name)
{
	write_file(stage, name, "");
}

bool stage_await(const struct stage *stage, const char *name)
{
	char path[PATH_BYTES];

	put_path(path, stage, name);
	for (int i = 0; i < TRIES; i++) {
		if (access(path, F_OK) == 0)
			return true;
		(void)poll(NULL, 0, PAUSE_MS);
	}
	return false;
}

static unsigned count_descriptors(pid_t process)
{
	char path[PATH_BYTES];
	unsigned count = 0;
	DIR *folder;

	snprintf(path, sizeof path, "/proc/%ld/fd", (long)process);
	folder = opendir(path);
	while (folder && readdir(folder))
		count++;
	if (folder)
		closedir(folder);
	return count;
}

/* It closes the pipe that its lanes watch, one descriptor at least. */
void stage_stop(pid_t runner, int number)
{
	unsigned before = count_descriptors(runner);

	(void)kill(runner, number);
	for (int i = 0; i < TRIES && count_descriptors(runner) >= before; i++)
		(void)poll(NULL, 0, PAUSE_MS);
}

/* Does ONE with each child of PARENT: the sum. */
static unsigned for_children(
	pid_t parent, unsigned (*one)(pid_t child, int number), int number)
{
	char path[PATH_BYTES], pid[32];
	unsigned count = 0;
	FILE *children;

	snprintf(path, sizeof path, "/proc/%ld/task/%ld/children", (long)parent,
		(long)parent);
	children = fopen(path, "re");
	while (children && fscanf(children, "%31s", pid) == 1)
		count += one((pid_t)strtol(pid, NULL, 10), number);
	if (children)
		fclose(children);
	return count;
}

static unsigned signal_one(pid_t child, int number)
{
	return kill(child, number) == 0;
}

unsigned stage_signal_children(pid_t parent, int number)
{
	return for_children(parent, signal_one, number);
}

unsigned stage_signal_grandchildren(pid_t parent, int number)
{
	return for_children(parent, stage_signal_children, number);
}

void stage_sleep(long seconds)
{
	clock_set_for_test(clock_now_ms() + 1000 * (int64_t)seconds,
		clock_wall() + seconds);
}

void stage_set_wall(time_t wall)
{
	clock_set_for_test(clock_now_ms(), wall);
}

/* ---- what came of it ----------------------------------------------------- */

void stage_put_arrived(struct stage *stage, struct buf *out)
{
	for (unsigned i = 1;; i++) {
		struct buf text = BUF_INIT(FILE_BYTES);
		char name[64];
		struct span rest;

		snprintf(name, sizeof name, "mail/%u.envelope", i);
		read_file(stage, name, &text);
		rest = buf_span(&text);
		if (!rest.length) {
			buf_free(&text);
			return;
		}
		while (rest.length) {
			struct span line = span_cut(&rest, '\n');

			if (!span_starts_with(line, SPAN("to ")))
				continue;
			line = span_skip(line, 3);
			if (out->length)
				buf_put_byte(out, ' ');
			buf_put_span(out, span_cut(&line, '@'));
		}
		buf_free(&text);
	}
}

unsigned stage_connections(struct stage *stage)
{
	struct buf text = BUF_INIT(FILE_BYTES);
	unsigned count = 0;
	struct span rest;

	read_file(stage, "transcript", &text);
	for (rest = buf_span(&text); rest.length;)
		count += span_starts_with(
			span_cut(&rest, '\n'), SPAN("S: 220 "));
	buf_free(&text);
	return count;
}

/* The number is known, so that an entry is looked for where it may be. */
void stage_put_queue(struct stage *stage, struct buf *out)
{
	static const char *const names[] = { "waiting", "delivered",
		"refused" };

	for (int place = 0; place < 2; place++)
		for (unsigned i = 1; i < 200; i++) {
			char id[RECORD_ID_LENGTH + 1];
			struct spool_entry *entry;
			const struct record_recipient *one;
			struct diag why;

			stage_put_id(id, i);
			if (spool_entry_open(stage->spool,
				    place ? SPOOL_IN_FAILED : SPOOL_QUEUED, id,
				    &entry, &why) != SPOOL_OK)
				continue;
			one = &spool_entry_record(entry)->recipients[0];
			buf_printf(out, "m%u %s %lu %s; ", i,
				place ? "failed" : names[one->state],
				one->tries, one->last ? one->last->name : "-");
			spool_entry_close(entry);
		}
}

time_t stage_failed_at(struct stage *stage, unsigned number)
{
	char id[RECORD_ID_LENGTH + 1];
	struct spool_entry *entry;
	const struct record *record;
	struct diag why;
	time_t at;

	stage_put_id(id, number);
	if (spool_entry_open(stage->spool, SPOOL_IN_FAILED, id, &entry, &why) !=
		SPOOL_OK)
		return 0;
	record = spool_entry_record(entry);
	at = record->recipients[0].last ? record->recipients[0].last->at : 0;
	spool_entry_close(entry);
	return at;
}

void stage_put_log(struct stage *stage, struct buf *out)
{
	read_file(stage, "log", out);
}
