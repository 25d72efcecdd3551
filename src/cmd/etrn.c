/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --rmqs: asks a server to send now what it keeps for somebody. */
#include <config.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "cmd/cmd.h"
#include "cmd/report.h"
#include "config/account.h"
#include "config/choose.h"
#include "config/load.h"
#include "deliver/errand.h"
#include "net/idn.h"

enum { NODE_LIMIT = 1024 };

/* The host or domain in it as A-labels; the name of a queue stays. */
static bool put_node(struct buf *out, const char *node, struct diag *why)
{
	if (*node == '@')
		buf_put_byte(out, *node++);
	if (*node != '#' && !text_is_ascii(span_of(node)))
		return idn_to_ascii(node, out, why);
	return buf_puts(out, node) || diag_set(why, DIAG_SMTP_ETRN_NODE, node);
}

static bool ask(const struct request *request, struct diag *why)
{
	struct arena *arena = arena_new();
	struct buf node = BUF_INIT(NODE_LIMIT);
	struct config config = { .account_count = 0 };
	const struct account *account = NULL;
	struct errand_params params = { .may_ask = true,
		.debug = request->debug };
	bool is_fine =
		put_node(&node, request->etrn_node, why) &&
		config_load(request, arena, &config, why) &&
		account_choose(&config, request, NULL, arena, &account, why);

	params.account = account;
	is_fine = is_fine && errand_etrn(&params, buf_text(&node), why);
	config_wipe(&config);
	buf_free(&node);
	arena_free(arena);
	return is_fine;
}

int cmd_etrn(const struct cmd_context *context)
{
	const struct request *request = context->request;
	struct diag why = { .exit_code = 0 };

	if (request->operand_count || request->read_recipients)
		diag_set(&why, DIAG_USAGE_UNWANTED_WORD, "--rmqs",
			request->operand_count ? request->operands[0] : "-t");
	else if (ask(request, &why))
		return 0;
	return report_problem(&why);
}
