/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files below a folder of the test's own. */
#include <config.h>

#include "unit/cmd/tree.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

void tree_put(const char *root, const char *file, const char *text)
{
	char path[400];
	FILE *stream;

	snprintf(path, sizeof path, "%s%s", root, file);
	for (char *slash = path + strlen(root) + 1;
		(slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		(void)mkdir(path, 0700);
		*slash = '/';
	}
	stream = fopen(path, "w");
	if (!stream)
		return;
	fputs(text, stream);
	fclose(stream);
}
