/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files below a folder of the test's own, as if it were the machine's root. */
#ifndef TESTS_UNIT_CMD_TREE_H
#define TESTS_UNIT_CMD_TREE_H

/* Writes TEXT to FILE ("/etc/php.ini") below ROOT, with the folders that are
 * missing.  What cannot be written is not there for the test to find. */
void tree_put(const char *root, const char *file, const char *text);

#endif
