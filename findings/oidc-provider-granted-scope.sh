#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# With a resource, oidc-provider leaves out of the granted scope what it grants.
#
# RFC 6749 5.1: an issuer that grants another scope than was asked for says so in
# its answer; who finds "openid" or "offline_access" missing there expects no
# identity, and no refresh token.  oidc-provider 9.13.3 with resource indicators
# (RFC 8707) names only the scopes of the resource: "scope":"smtp" for "openid
# offline_access smtp", and the id_token and the refresh token are in the same
# answer.  Without a resource it names all three.
#
# So mailchute login, which compares what it got with what it asked for, looks
# for the refresh token itself, and does not miss "openid" and "offline_access".
#
# Wanted: node, npm.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"private":true,"type":"module"}' >package.json
npm install --silent --no-audit --no-fund --ignore-scripts \
	--cache "$work/cache" oidc-provider@9.13.3 >npm.log 2>&1 || {
	cat npm.log
	exit 2
}
cat >ask.js <<'END'
import http from 'node:http'
import Provider from 'oidc-provider'

async function ask (withResource) {
  const server = http.createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const base = `http://127.0.0.1:${server.address().port}`
  const provider = new Provider(base, {
    clients: [{ client_id: 'public', token_endpoint_auth_method: 'none',
      application_type: 'native', redirect_uris: ['http://127.0.0.1/'],
      grant_types: ['authorization_code', 'refresh_token'] }],
    scopes: ['openid', 'offline_access', 'smtp'],
    cookies: { keys: ['x'] },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    features: { devInteractions: { enabled: false }, resourceIndicators: {
      enabled: withResource,
      defaultResource: () => 'urn:smtp',
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({ scope: 'smtp', audience: 'mail',
        accessTokenFormat: 'opaque' })
    } },
    ttl: { AccessToken: 60, RefreshToken: 60, Grant: 60, IdToken: 60 }
  })
  server.on('request', provider.callback())
  // What stands behind a consent that was given.
  const client = await provider.Client.find('public')
  const grant = new provider.Grant({ clientId: 'public', accountId: 'alice' })
  grant.addOIDCScope('openid offline_access smtp')
  grant.addResourceScope('urn:smtp', 'smtp')
  const code = new provider.AuthorizationCode({ client, accountId: 'alice',
    grantId: await grant.save(), gty: 'authorization_code',
    redirectUri: 'http://127.0.0.1/', scope: 'openid offline_access smtp',
    authTime: Math.floor(Date.now() / 1000), sessionUid: 'x',
    expiresWithSession: false, codeChallengeMethod: 'S256',
    codeChallenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    ...(withResource ? { resource: 'urn:smtp' } : {}) })
  const reply = await fetch(base + '/token', { method: 'POST',
    body: new URLSearchParams({ grant_type: 'authorization_code',
      client_id: 'public', code: await code.save(),
      redirect_uri: 'http://127.0.0.1/',
      code_verifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk' }) })
  const said = await reply.json()
  server.close()
  server.closeAllConnections()
  return said.error
    ? JSON.stringify(said)
    : `scope "${said.scope}", ${said.refresh_token ? 'a' : 'no'} refresh token, ` +
      `${said.id_token ? 'an' : 'no'} id_token`
}
console.info = console.warn = () => {}
const lines = [`without a resource: ${await ask(false)}`,
  `with one: ${await ask(true)}`]
process.stdout.write(lines.join('\n') + '\n', () => process.exit())
END
node ask.js >said 2>errors || :
grep '^without\|^with one' said >lines || :
cat lines
cat >wanted <<'END'
without a resource: scope "openid offline_access smtp", a refresh token, an id_token
with one: scope "smtp", a refresh token, an id_token
END
cmp -s lines wanted || {
	echo 'oidc-provider answers in another way now'
	cat said errors
	exit 1
}
