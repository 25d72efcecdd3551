/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of providers, printed. */
#include <config.h>

#include "base/json.h"
#include "base/text.h"
#include "cmd/setup.h"

#include <string.h>

static void put_json(struct json *json, const struct provider *provider)
{
	const char *field;

	json_begin(json, NULL, '{');
	json_text(json, "name", provider->name);
	for (size_t i = 0; (field = provider_field_name(i)); i++)
		if (provider_field(provider, i))
			json_text(json, field, provider_field(provider, i));
	json_end(json, '}');
}

static void put_row(struct buf *out, const struct provider *provider)
{
	buf_printf(out, "%-18s %-36s %s\n", provider->name,
		provider->host ? provider->host : "-",
		provider->title ? provider->title : "");
}

/* What is for people is translated, and the rest is data. */
static void put_all(struct buf *out, const struct provider *provider)
{
	const char *field;

	buf_printf(out, "%s\n", provider->name);
	for (size_t i = 0; (field = provider_field_name(i)); i++) {
		const char *value = provider_field(provider, i);

		if (value)
			buf_printf(out, "  %-28s %s\n", field, _(value));
	}
}

bool setup_list(const struct providers *providers, const char *name,
	bool is_json, struct buf *out)
{
	struct json json = { .out = out };
	const struct provider *only =
		name ? providers_find(providers, span_of(name)) : NULL;

	if (name && !only)
		return false;
	if (is_json)
		json_begin(&json, NULL, '[');
	for (size_t i = 0; i < providers->count; i++) {
		const struct provider *provider = providers->items[i];

		if (providers_is_hidden(providers, i) ||
			(only && provider != only))
			continue;
		if (is_json)
			put_json(&json, provider);
		else if (only)
			put_all(out, provider);
		else
			put_row(out, provider);
	}
	if (is_json) {
		json_end(&json, ']');
		buf_put_byte(out, '\n');
	}
	return true;
}
