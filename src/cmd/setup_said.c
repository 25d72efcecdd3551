/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a setup knows before it asks anybody. */
#include <config.h>

#include "base/text.h"
#include "cmd/setup.h"

#include <string.h>

const char *setup_setting(const struct setup *setup, enum option_id id)
{
	const struct request *request = setup->request;
	const char *value = NULL;

	for (size_t i = 0; i < request->setting_count; i++)
		if (request->settings[i].id == id)
			value = request->settings[i].value;
	return value;
}

bool setup_names_secret(const struct setup *setup)
{
	return setup_setting(setup, OPTION_passwordeval) ||
	       setup_setting(setup, OPTION_password_command) ||
	       setup_setting(setup, OPTION_password_file) ||
	       setup_setting(setup, OPTION_password_store);
}

static bool takes(const struct setup *setup, const char *login)
{
	const struct provider *provider = setup->server.provider;

	return provider && provider->login &&
	       strcmp(provider->login, login) == 0;
}

bool setup_wants_token(const struct setup *setup)
{
	const char *auth = setup_setting(setup, OPTION_auth);

	return !setup_names_secret(setup) &&
	       (setup->client_id ||
		       setup_setting(setup, OPTION_oauth_client_id) ||
		       takes(setup, "oauth2") ||
		       (auth && (strcmp(auth, "xoauth2") == 0 ||
					strcmp(auth, "oauthbearer") == 0)));
}

bool setup_wants_secret(const struct setup *setup)
{
	const char *auth = setup_setting(setup, OPTION_auth);

	return !(auth && strcmp(auth, "off") == 0) && !takes(setup, "none") &&
	       !setup_wants_token(setup);
}

void setup_show_page(const struct setup *setup)
{
	const struct provider *provider = setup->server.provider;

	if (provider && provider->password_page && setup->talk.may_ask)
		setup_say(_("It stands at %s\n"), provider->password_page);
}
