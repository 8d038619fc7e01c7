// An independent relying party (npm openid-client): one JSON command a line on stdin, one JSON answer a line on stdout.
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import * as oidc from 'openid-client'

const [, , discovery, clientId, secret, redirectUri, logoutUri, keysFile] = process.argv
const servers = {}

async function importKey(use, algorithm, usages) {
  const row = JSON.parse(readFileSync(keysFile)).keys.find((key) => key.use === use)
  return { kid: row.kid, key: await crypto.subtle.importKey('jwk', row, algorithm, false, usages) }
}

async function authentication(how) {
  if (how === 'post') return oidc.ClientSecretPost(secret)
  if (how === 'jwt-secret') return oidc.ClientSecretJwt(secret)
  if (how !== 'jwt-cle') return oidc.ClientSecretBasic(secret)
  return oidc.PrivateKeyJwt(await importKey('sig', { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, ['sign']))
}

async function configured({ auth = 'basic', userinfo = '', alg = 'RS256' }) {
  const name = auth + userinfo + alg
  if (servers[name]) return servers[name]
  const metadata = { client_secret: secret, id_token_signed_response_alg: alg }
  if (userinfo) metadata.userinfo_signed_response_alg = 'RS256'
  const config = await oidc.discovery(new URL(discovery), clientId, metadata, await authentication(auth))
  oidc.enableNonRepudiationChecks(config)
  if (userinfo === 'jwe') {
    const { key, kid } = await importKey('enc', { name: 'RSA-OAEP', hash: 'SHA-1' }, ['decrypt'])
    oidc.enableDecryptingResponses(config, ['A256GCM'], { key, kid, alg: 'RSA-OAEP' })
  }
  return (servers[name] = config)
}

async function login(order) {
  const config = await configured(order)
  const verifier = oidc.randomPKCECodeVerifier()
  const state = oidc.randomState()
  const nonce = oidc.randomNonce()
  const parameters = {
    redirect_uri: redirectUri, scope: order.scope ?? 'openid scope_all', acr_values: 'eidas1', state, nonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
  }
  const url = order.par ? await oidc.buildAuthorizationUrlWithPAR(config, parameters) : oidc.buildAuthorizationUrl(config, parameters)
  const browser = await fetch(url, { redirect: 'manual' })
  const back = new URL(browser.headers.get('location'))
  const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true }
  return session(config, await oidc.authorizationCodeGrant(config, back, checks))
}

async function ciba(order) {
  const config = await configured(order)
  const asked = {
    scope: 'openid scope_all', acr_values: 'eidas1', login_hint: order.hint, binding_message: '42', channel: order.channel,
  }
  const started = await oidc.initiateBackchannelAuthentication(config, asked)
  const tokens = await oidc.pollBackchannelAuthenticationGrant(config, started, undefined, { signal: AbortSignal.timeout(30000) })
  return session(config, tokens)
}

async function session(config, tokens) {
  const claims = tokens.claims()
  const who = await oidc.fetchUserInfo(config, tokens.access_token, claims.sub)
  const renewed = await oidc.refreshTokenGrant(config, tokens.refresh_token)
  if (renewed.claims().sub !== claims.sub) throw new Error('another subject after the refresh')
  const end = oidc.buildEndSessionUrl(config, {
    id_token_hint: renewed.id_token, post_logout_redirect_uri: logoutUri, state: 'fin',
  })
  const left = await fetch(end, { redirect: 'manual' })
  let after = 'still alive'
  try {
    await oidc.refreshTokenGrant(config, renewed.refresh_token)
  } catch (error) {
    after = error.error
  }
  return { claims, userinfo: who, expires: tokens.expiresIn(), logout: left.headers.get('location'), after }
}

for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line)
  let answer
  try {
    answer = await (order.do === 'ciba' ? ciba(order) : login(order))
  } catch (error) {
    answer = { refused: error.error ?? error.code ?? error.message, why: String(error.cause?.message ?? error.cause?.code ?? error.message) }
  }
  process.stdout.write(JSON.stringify(answer) + '\n')
}
