/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a DKIM signature costs, beside the least it can cost and beside
 * libopendkim, if that can be loaded:
 *
 *	sign KEY.pem
 *	bytes=2048 floor=US ours=US opendkim=US
 *	...
 *	bytes=100000000 rss=KB more than before
 *
 * Microseconds of the processor for one message, the best of several rounds;
 * the floor is one RSA signature and one pass of SHA-256 over the message as it
 * is.
 */
#include <config.h>

#include "base/file.h"
#include "base/mem.h"
#include "mail/dkim.h"
#include "net/keys.h"

#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum {
	ROUNDS = 7,
	ROUND_US = 100000, /* at least, for each */
	KEY_LIMIT = 64 * 1024,
	LARGE_BYTES = 100 * 1000 * 1000,
	PIECE_BYTES = 16 * 1024
};

static const char head[] = "From: Ann <ann@example.test>\r\n"
			   "To: Bob <bob@example.test>\r\n"
			   "Subject: what a signature costs\r\n"
			   "Date: Mon, 30 Nov 2026 12:00:00 +0000\r\n"
			   "Message-ID: <1@example.test>\r\n"
			   "MIME-Version: 1.0\r\n"
			   "Content-Type: text/plain; charset=utf-8\r\n\r\n";
static const char line[] = "The quick brown fox jumps over the lazy dog, and "
			   "over it once more.\r\n";

static struct signing_key *key;
static struct buf pem = BUF_INIT(KEY_LIMIT);
static char *message;
static size_t message_bytes;

static void make_message(size_t bytes)
{
	size_t at = sizeof head - 1;

	message = mem_alloc(bytes + sizeof head + sizeof line);
	memcpy(message, head, sizeof head);
	while (at < bytes) {
		memcpy(message + at, line, sizeof line - 1);
		at += sizeof line - 1;
	}
	message_bytes = at;
}

/* ---- the three ----------------------------------------------------------- */

static bool sign_floor(void)
{
	unsigned char hash[32];
	void *sha = key_hash_begin();
	struct buf signature = BUF_INIT(KEY_LIMIT);
	struct diag why;
	bool is_fine;

	key_hash_put(sha, span_make(message, message_bytes));
	is_fine = key_hash_end(sha, hash) &&
		  key_sign(key, span_make((char *)hash, sizeof hash),
			  &signature, &why);
	buf_free(&signature);
	return is_fine;
}

static bool sign_source(struct source *source)
{
	const struct dkim_key with = { "s", "rsa-sha256", key_sign, key };
	const struct dkim_params params = { .domain = "example.test",
		.keys = &with,
		.key_count = 1,
		.hash = { key_hash_begin, key_hash_put, key_hash_end },
		.now = time(NULL) };
	struct buf fields = BUF_INIT(DKIM_FIELDS_LIMIT);
	struct diag why;
	bool is_fine =
		dkim_sign(&params, source, &fields, &why) && fields.length != 0;

	buf_free(&fields);
	return is_fine;
}

static bool sign_ours(void)
{
	struct source *source =
		source_from_span(span_make(message, message_bytes));
	bool is_fine = sign_source(source);

	source_close(source);
	return is_fine;
}

/* As opendkim's dkim.h has them: handles are pointers to what nobody sees. */
static struct {
	void *(*init)(void *(*)(void *, size_t), void (*)(void *, void *));
	void *(*sign)(void *, const unsigned char *, void *,
		const unsigned char *, const unsigned char *,
		const unsigned char *, int, int, int, long, int *);
	int (*header)(void *, unsigned char *, size_t);
	int (*eoh)(void *);
	int (*body)(void *, unsigned char *, size_t);
	int (*eom)(void *, _Bool *);
	int (*free)(void *);
	void *library;
} opendkim;

enum { OPENDKIM_RELAXED = 1, OPENDKIM_RSASHA256 = 1 };

static bool load_opendkim(void)
{
	static const char *const names[] = { "dkim_init", "dkim_sign",
		"dkim_header", "dkim_eoh", "dkim_body", "dkim_eom",
		"dkim_free" };
	void *library = dlopen("libopendkim.so.11", RTLD_NOW);
	void *functions[sizeof names / sizeof *names];

	if (!library)
		return false;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		functions[i] = dlsym(library, names[i]);
		if (!functions[i])
			return false;
	}
	memcpy(&opendkim, functions, sizeof functions);
	opendkim.library = opendkim.init(NULL, NULL);
	return opendkim.library != NULL;
}

static const unsigned char *bytes_of(const char *text)
{
	return (const unsigned char *)text;
}

static bool sign_opendkim(void)
{
	struct span rest = span_make(message, message_bytes);
	int status = 0;
	void *dkim = opendkim.sign(opendkim.library, bytes_of("bench"), NULL,
		bytes_of(buf_text(&pem)), bytes_of("s"),
		bytes_of("example.test"), OPENDKIM_RELAXED, OPENDKIM_RELAXED,
		OPENDKIM_RSASHA256, -1, &status);
	bool is_fine = dkim != NULL;

	while (is_fine) {
		struct span field = span_cut(&rest, '\n');

		if (field.length <= 1)
			break;
		is_fine = opendkim.header(dkim,
				  (unsigned char *)(uintptr_t)field.at,
				  field.length - 1) == 0;
	}
	is_fine = is_fine && opendkim.eoh(dkim) == 0 &&
		  opendkim.body(dkim, (unsigned char *)(uintptr_t)rest.at,
			  rest.length) == 0 &&
		  opendkim.eom(dkim, NULL) == 0;
	if (dkim)
		opendkim.free(dkim);
	return is_fine;
}

/* ---- measuring ----------------------------------------------------------- */

static double now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* One message's, of a round; negative when it fails. */
static double measure(bool (*sign)(void))
{
	double began = now_us();
	long count = 0;

	do {
		if (!sign())
			return -1;
		count++;
	} while (now_us() - began < ROUND_US);
	return (now_us() - began) / (double)count;
}

static void compare(size_t bytes, bool has_opendkim)
{
	static bool (*const signers[])(
		void) = { sign_floor, sign_ours, sign_opendkim };
	double best[3] = { 0 };

	make_message(bytes);
	for (int round = 0; round < ROUNDS; round++)
		for (size_t i = 0; i < (has_opendkim ? 3 : 2); i++) {
			double took = measure(signers[i]);

			if (round == 0 || took < best[i])
				best[i] = took;
		}
	printf("bytes=%zu floor=%.1f ours=%.1f opendkim=%.1f\n", bytes, best[0],
		best[1], best[2]);
	fflush(stdout);
	mem_free(message);
}

/* A message that is in no memory. */
struct long_source {
	struct source base;
	size_t left;
	bool has_begun;
};

static bool long_next(
	struct source *source, struct span *piece, struct diag *why)
{
	static char lines[PIECE_BYTES];
	struct long_source *from = (struct long_source *)source;
	size_t whole = PIECE_BYTES / (sizeof line - 1) * (sizeof line - 1);

	(void)why;
	for (size_t at = 0; !from->has_begun && at < whole;
		at += sizeof line - 1)
		memcpy(lines + at, line, sizeof line - 1);
	*piece = from->has_begun ? span_make(lines, whole)
				 : span_make(head, sizeof head - 1);
	from->has_begun = true;
	if (from->left < piece->length)
		*piece = SPAN("");
	from->left -= piece->length;
	return true;
}

static long peak_kb(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_maxrss;
}

static bool measure_memory(void)
{
	static const struct source_ops ops = { .next = long_next };
	struct long_source source = { .base = { .ops = &ops },
		.left = LARGE_BYTES };
	long before = peak_kb();
	bool is_fine = sign_source(&source.base);

	printf("bytes=%d rss=%ld\n", LARGE_BYTES, peak_kb() - before);
	return is_fine;
}

int main(int argc, char **argv)
{
	static const size_t sizes[] = { 2048, 100000, 10000000 };
	struct diag why;
	bool has_opendkim, is_fine;

	if (argc != 2)
		return 64;
	key = key_load(argv[1], &why);
	if (!key || file_read(argv[1], &pem, NULL, &why) != FILE_READ)
		return 78;
	is_fine = measure_memory();
	has_opendkim = load_opendkim();
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
		compare(sizes[i], has_opendkim);
	return is_fine ? 0 : 1;
}
