// SPDX-License-Identifier: GPL-3.0-or-later
// A real issuer of access tokens, by npm's oidc-provider, on loopback.
//
//	issuer.mjs FOLDER PORT opaque|jwt
//
// FOLDER holds tls.pem and tls.key, and client.pem, the public key of the client
// "signer" and of service@project.example.  Written there: public.pem, by which
// its tokens are verified, and requests, a line for each question at the token
// endpoint.  Read there for each question: life (seconds that a token is good
// for) and rotate (if it is there, refresh tokens are good for once).
import crypto from 'node:crypto'
import fs from 'node:fs'
import https from 'node:https'
import Provider, { errors } from 'oidc-provider'

const [folder, port, format] = process.argv.slice(2)
const issuer = `https://login.example.test:${port}`
const file = (name) => `${folder}/${name}`
const read = (name, usual) =>
  fs.existsSync(file(name)) ? fs.readFileSync(file(name), 'utf8').trim() : usual

const pair = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 })
fs.writeFileSync(file('public.pem'),
  pair.publicKey.export({ type: 'spki', format: 'pem' }))
const signer = crypto.createPublicKey(read('client.pem'))
const jwks = { keys: [{ ...signer.export({ format: 'jwk' }), use: 'sig' }] }

const device = 'urn:ietf:params:oauth:grant-type:device_code'
const bearer = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
const person = {
  application_type: 'native',
  grant_types: ['authorization_code', 'refresh_token', device],
  redirect_uris: ['http://127.0.0.1/', 'http://[::1]/', 'http://localhost/'],
  response_types: ['code']
}
const nobody = { redirect_uris: [], response_types: [] }
const alone = { ...nobody, grant_types: ['client_credentials'] }

const provider = new Provider(issuer, {
  clients: [
    { ...person, client_id: 'public', token_endpoint_auth_method: 'none' },
    { ...person, client_id: 'desk', client_secret: 'desk-secret',
      token_endpoint_auth_method: 'client_secret_post' },
    { ...alone, client_id: 'robot', client_secret: 'robot-secret',
      token_endpoint_auth_method: 'client_secret_basic' },
    { ...alone, client_id: 'signer', jwks,
      token_endpoint_auth_method: 'private_key_jwt' },
    { ...nobody, client_id: 'service', grant_types: [bearer],
      token_endpoint_auth_method: 'none' },
    { ...nobody, client_id: 'dovecot', client_secret: 'dovecot-secret',
      grant_types: [], token_endpoint_auth_method: 'client_secret_basic' }
  ],
  scopes: ['openid', 'offline_access', 'smtp'],
  jwks: { keys: [{ ...pair.privateKey.export({ format: 'jwk' }), use: 'sig',
    alg: 'RS256', kid: 'k1' }] },
  cookies: { keys: ['of the test'] },
  features: {
    introspection: { enabled: true },
    revocation: { enabled: true },
    deviceFlow: { enabled: true },
    clientCredentials: { enabled: true },
    registration: { enabled: true },
    resourceIndicators: {
      enabled: format === 'jwt',
      defaultResource: () => 'urn:smtp',
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({ scope: 'smtp', audience: 'smtp.example.test',
        accessTokenFormat: 'jwt', jwt: { sign: { alg: 'RS256' } } })
    }
  },
  // Dovecot is told who it is, and knows no other type.
  extraTokenClaims: (_, token) => {
    const name = token.accountId ?? 'alice'
    return { email: name.includes('@') ? name : `${name}@example.test`,
      filler: 'x'.repeat(Number(read('filler', '0'))) }
  },
  formats: { customizers: { jwt: (_, token, jwt) => {
    jwt.header = { ...jwt.header, typ: 'JWT' }
    jwt.payload.sub ??= jwt.payload.email
  } } },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  rotateRefreshToken: () => fs.existsSync(file('rotate')),
  ttl: {
    AccessToken: () => Number(read('life', '3600')),
    ClientCredentials: () => Number(read('life', '3600')),
    RefreshToken: 86400, Grant: 86400, Session: 86400, Interaction: 600,
    DeviceCode: 600
  }
})

// Google's grant (RFC 7523 2.1), which the package has not.
const seen = new Set()
function verify (text) {
  const parts = text.split('.')
  const claims = JSON.parse(Buffer.from(parts[1], 'base64url'))
  const now = Date.now() / 1000
  if (!crypto.verify('sha256', Buffer.from(`${parts[0]}.${parts[1]}`), signer,
    Buffer.from(parts[2], 'base64url')) || claims.iss !== 'service@project.example' ||
      claims.aud !== `${issuer}/token` || claims.iat > now || claims.exp < now ||
      seen.has(claims.jti)) { throw new errors.InvalidGrant('assertion') }
  seen.add(claims.jti)
  return claims
}
provider.registerGrantType(bearer, async (ctx) => {
  const claims = verify(ctx.oidc.params.assertion)
  const grant = new provider.Grant({ clientId: 'service', accountId: claims.sub })
  grant.addOIDCScope('smtp')
  grant.addResourceScope('urn:smtp', 'smtp')
  const token = new provider.AccessToken({ client: ctx.oidc.client,
    accountId: claims.sub, grantId: await grant.save(), gty: bearer, scope: 'smtp' })
  if (format === 'jwt') {
    token.resourceServer = new provider.ResourceServer('urn:smtp', { scope: 'smtp',
      audience: 'smtp.example.test', accessTokenFormat: 'jwt',
      jwt: { sign: { alg: 'RS256' } } })
  }
  ctx.body = { access_token: await token.save(), token_type: 'Bearer',
    expires_in: token.expiration, scope: 'smtp' }
}, ['assertion'])

// A service account sends no client id: it stands in what is signed.
provider.use(async (ctx, next) => {
  await next()
  if (ctx.path === '/token') {
    const said = ctx.body?.error ?? ctx.status
    fs.appendFileSync(file('requests'),
      `${ctx.oidc?.params?.grant_type ?? '-'} ${said}\n`)
  }
})

const server = https.createServer(
  { cert: fs.readFileSync(file('tls.pem')), key: fs.readFileSync(file('tls.key')) },
  (request, response) => {
    if (request.url === '/token' && !request.headers.authorization) {
      // As Google does it; the package wants a client.
      let body = ''
      request.on('data', (piece) => { body += piece })
      request.on('end', () => {
        if (body.includes('jwt-bearer&') && !body.includes('client_id=')) {
          body += '&client_id=service'
        }
        request.body = body
        provider.callback()(request, response)
      })
      return
    }
    provider.callback()(request, response)
  })
server.listen(Number(port), '127.0.0.1', () => console.log('listening'))
