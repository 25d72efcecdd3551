/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys of seals in a file.  Does not know what is sealed. */
#include <config.h>

#include "deliver/sealing.h"

#include "base/base64.h"
#include "base/file.h"
#include "base/random.h"
#include "base/secret.h"
#include "base/text.h"
#include "net/keys.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { FILE_LIMIT = 16 * 1024 };

struct sealing {
	struct seal_keys keys;
};

const char *sealing_path(
	const char *named, const char *list, struct arena *arena)
{
	if (named || !list)
		return named;
	return arena_printf(arena, "%s.key", list);
}

/* ---- the file ------------------------------------------------------------ */

static bool make_folder(const char *path)
{
	struct arena *arena = arena_new();
	const char *slash = strrchr(path, '/');
	bool is_there = !slash || slash == path ||
			file_make_folder(arena_strndup(
				arena, path, (size_t)(slash - path)));

	arena_free(arena);
	return is_there;
}

/* Somebody else may make it at the same time: then it is theirs. */
static bool make_file(const char *path, struct diag *why)
{
	unsigned char secret[SEAL_KEY_BYTES];
	struct buf line = BUF_INIT(FILE_LIMIT);
	bool is_made;

	if (!make_folder(path))
		return diag_set_errno(why, errno, DIAG_FILE_FAILED, path);
	random_bytes(secret, sizeof secret);
	base64_encode(span_make((char *)secret, sizeof secret), &line);
	buf_put_byte(&line, '\n');
	is_made = file_create(path, S_IRUSR | S_IWUSR, buf_span(&line), why) ||
		  access(path, F_OK) == 0;
	secret_erase(secret, sizeof secret);
	buf_wipe_free(&line);
	return is_made;
}

/* ---- its lines ----------------------------------------------------------- */

static bool refuse(const char *path, const char *reason, struct diag *why)
{
	return diag_set(why, DIAG_SEAL_KEY, path, reason);
}

static bool add_key(struct sealing *sealing, const char *path, struct span line,
	struct diag *why)
{
	struct seal_keys *keys = &sealing->keys;
	struct buf secret = BUF_INIT(FILE_LIMIT);
	bool is_added;

	if (keys->count == SEAL_KEYS_LIMIT)
		return refuse(path, DIAG_WORDS N_("it has too many"), why);
	if (!base64_decode(line, &secret) || secret.length != SEAL_KEY_BYTES)
		is_added = refuse(
			path, DIAG_WORDS N_("a line of it is no key"), why);
	else
		is_added = seal_key_set(&keys->items[keys->count],
			buf_span(&secret), key_hmac, why);
	keys->count += is_added;
	buf_wipe_free(&secret);
	return is_added;
}

static bool read_keys(struct sealing *sealing, const char *path,
	struct span text, struct diag *why)
{
	while (text.length) {
		struct span line = span_trim(span_cut_line(&text));

		if (line.length && *line.at != '#' &&
			!add_key(sealing, path, line, why))
			return false;
	}
	return sealing->keys.count ||
	       refuse(path, DIAG_WORDS N_("it is empty"), why);
}

bool sealing_open(const char *path, enum sealing_need need,
	struct sealing **out, struct diag *why)
{
	struct buf text = BUF_INIT(FILE_LIMIT);
	bool is_there = path && access(path, F_OK) == 0;
	bool is_open;

	*out = NULL;
	if (!is_there && need == SEALING_IF_THERE)
		return true;
	if (!is_there && need == SEALING_THERE)
		return refuse(
			path, DIAG_WORDS N_("there is no such file"), why);
	if (!is_there && need == SEALING_MADE && !make_file(path, why))
		return false;
	*out = mem_zalloc(sizeof **out);
	is_open = key_read(path, &text, why) &&
		  read_keys(*out, path, buf_span(&text), why);
	buf_wipe_free(&text);
	if (is_open)
		return true;
	sealing_close(*out);
	*out = NULL;
	return false;
}

bool sealing_put(const struct sealing *sealing, enum seal_kind kind,
	const char *about, const char *address, struct buf *out,
	struct diag *why)
{
	return seal_put(
		&sealing->keys.items[0], kind, about, address, out, why);
}

bool sealing_find(const struct sealing *sealing, enum seal_kind kind,
	struct span text, struct arena *arena, struct seal_opened *out)
{
	return seal_find(&sealing->keys, kind, text, arena, out);
}

void sealing_close(struct sealing *sealing)
{
	if (!sealing)
		return;
	secret_erase(sealing, sizeof *sealing);
	mem_free(sealing);
}
