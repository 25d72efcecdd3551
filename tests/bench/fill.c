/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Makes a long queue of one that has a single entry:
 *
 *	fill QUEUE COUNT
 *
 * The others are the same under another id.  Knows of an entry only that its
 * second line is "id …".
 */
#include <config.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

enum { ID_LENGTH = 15, ID_KEPT = 7, ENTRY_BYTES = 16384 };

struct entry {
	char id[ID_LENGTH + 1];
	char text[ENTRY_BYTES];
	size_t length, id_at;
};

static void fail(const char *what)
{
	fprintf(stderr, "fill: %s: %s\n", what, strerror(errno));
	exit(EX_OSERR);
}

static void find_id(struct entry *entry)
{
	DIR *list = opendir(".");
	const struct dirent *name;

	if (!list)
		fail("the queue");
	while ((name = readdir(list)))
		if (strlen(name->d_name) == ID_LENGTH)
			memcpy(entry->id, name->d_name, ID_LENGTH + 1);
	closedir(list);
	if (!entry->id[0])
		fail("no entry to begin with");
}

static void read_entry(struct entry *entry)
{
	const char *id;
	ssize_t got;
	int fd;

	fd = open(entry->id, O_RDONLY);
	got = read(fd, entry->text, sizeof entry->text - 1);
	if (got <= 0)
		fail(entry->id);
	close(fd);
	id = strstr(entry->text, entry->id);
	if (!id)
		fail("its id is not in it");
	entry->length = (size_t)got;
	entry->id_at = (size_t)(id - entry->text);
}

static void make_entry(struct entry *entry, long number)
{
	char *id = entry->text + entry->id_at;
	char digits[ID_LENGTH + 1];
	int fd;

	snprintf(digits, sizeof digits, "%08ld", number);
	memcpy(id + ID_KEPT, digits, ID_LENGTH - ID_KEPT);
	memcpy(entry->id, id, ID_LENGTH);
	fd = open(entry->id, O_WRONLY | O_CREAT | O_EXCL, S_IRUSR | S_IWUSR);
	if (write(fd, entry->text, entry->length) < 0)
		fail(entry->id);
	close(fd);
}

int main(int argc, char **argv)
{
	struct entry entry = { .length = 0 };
	long count = argc == 3 ? strtol(argv[2], NULL, 10) : 0;

	if (count <= 0 || count > 99999999) {
		fputs("usage: fill QUEUE COUNT\n", stderr);
		return EX_USAGE;
	}
	if (chdir(argv[1]) < 0)
		fail(argv[1]);
	find_id(&entry);
	read_entry(&entry);
	for (long i = 1; i < count; i++)
		make_entry(&entry, i);
	return EX_OK;
}
