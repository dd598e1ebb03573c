import { createHash, generateKeyPairSync, randomUUID, sign, verify } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export const CLIENT = 'the-page';

interface Begun {
  readonly challenge: string;
  readonly nonce: string;
  readonly redirect: string;
}

/**
 * An OpenID Connect issuer on loopback that takes nothing amiss: one client, one address to lead back to, PKCE by S256,
 * a code once. Its form has one button.
 */
export class OidcIssuer {
  /** What it was asked wrongly; empty where all was well. */
  readonly refusals: string[] = [];
  /** Claims of the access token. */
  claims: Readonly<Record<string, unknown>> = { 'cognito:groups': ['all'] };
  /** An issuer that knows of no api hands out such ones. */
  hasOpaqueTokens = false;
  /** Signs a caller in without its form, as one does who is still signed in there. */
  remembers = false;
  seconds = 3600;
  private readonly codes = new Map<string, Begun>();
  private readonly keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
  private readonly server = createServer((request, response) => {
    this.answer(request, response).catch((error: Error) => response.destroy(error));
  });

  private constructor(private readonly callback: () => string) {}

  /** @param callback the only address that it leads back to */
  static async open(callback: () => string): Promise<OidcIssuer> {
    const issuer = new OidcIssuer(callback);
    issuer.server.listen(0, '127.0.0.1');
    await once(issuer.server, 'listening');
    return issuer;
  }

  get address(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  /** A token of these claims, signed. */
  token(claims: Readonly<Record<string, unknown>>): string {
    const part = (value: object): string =>
      Buffer.from(JSON.stringify(value)).toString('base64url');
    const now = Math.floor(Date.now() / 1000);
    const times = { iat: now, exp: now + this.seconds };
    const text = `${part({ alg: 'RS256', typ: 'JWT' })}.${part({ iss: this.address, ...times, ...claims })}`;
    return `${text}.${sign('sha256', Buffer.from(text), this.keys.privateKey).toString('base64url')}`;
  }

  /** The claims of a token as an authoriser finds them: signed here, for the page's client, not over. */
  claimsOf(token: string): Record<string, unknown> | null {
    const [head = '', body = '', signature = ''] = token.split('.');
    const signed = Buffer.from(`${head}.${body}`);
    const proof = Buffer.from(signature, 'base64url');
    if (!verify('sha256', signed, this.keys.publicKey, proof)) return null;
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Record<string, unknown>;
    const isOurs = claims.iss === this.address && (claims.aud ?? claims.client_id) === CLIENT;
    return isOurs && Number(claims.exp) * 1000 > Date.now() ? claims : null;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', this.address);
    if (pathname === '/.well-known/openid-configuration') send(response, 200, this.document());
    else if (pathname === '/authorize') this.showForm(searchParams, response);
    else if (pathname === '/token') {
      const body = Buffer.concat(await request.toArray()).toString();
      const tokens = this.exchange(new URLSearchParams(body));
      send(response, tokens ? 200 : 400, tokens ?? { error: 'invalid_grant' });
    } else if (pathname === '/logout') redirect(response, searchParams.get('logout_uri')!);
    else send(response, 404, {});
  }

  private document(): object {
    return {
      issuer: this.address,
      authorization_endpoint: `${this.address}/authorize`,
      token_endpoint: `${this.address}/token`,
      end_session_endpoint: `${this.address}/logout`,
      jwks_uri: `${this.address}/jwks`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
    };
  }

  private showForm(asked: URLSearchParams, response: ServerResponse): void {
    const wrong = this.wrongIn(asked);
    if (wrong) {
      this.refusals.push(wrong);
      send(response, 400, { error: wrong });
      return;
    }
    const back = this.backOf(asked);
    if (this.remembers) {
      redirect(response, back);
      return;
    }
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
    response.end(
      `<!doctype html><html lang="en"><title>Issuer</title><a href="${back.replaceAll('&', '&amp;')}">Continue as Ada</a></html>`,
    );
  }

  private wrongIn(asked: URLSearchParams): string | null {
    const expected = {
      response_type: 'code',
      client_id: CLIENT,
      redirect_uri: this.callback(),
      scope: 'openid',
      code_challenge_method: 'S256',
    };
    for (const [name, value] of Object.entries(expected)) {
      if (asked.get(name) !== value) return `${name} ${asked.get(name)}`;
    }
    const missing = ['state', 'nonce', 'code_challenge'].find((name) => !asked.get(name));
    return missing ? `no ${missing}` : null;
  }

  private backOf(asked: URLSearchParams): string {
    const code = randomUUID();
    this.codes.set(code, {
      challenge: asked.get('code_challenge')!,
      nonce: asked.get('nonce')!,
      redirect: asked.get('redirect_uri')!,
    });
    return `${asked.get('redirect_uri')}?${new URLSearchParams({ code, state: asked.get('state')! })}`;
  }

  private exchange(body: URLSearchParams): object | null {
    const begun = this.codes.get(body.get('code') ?? '');
    this.codes.delete(body.get('code') ?? '');
    const proof = createHash('sha256')
      .update(body.get('code_verifier') ?? '')
      .digest('base64url');
    const isRight =
      begun?.challenge === proof &&
      begun.redirect === body.get('redirect_uri') &&
      body.get('client_id') === CLIENT &&
      body.get('grant_type') === 'authorization_code';
    if (!isRight) {
      this.refusals.push('token');
      return null;
    }
    const access = { sub: 'ada', client_id: CLIENT, token_use: 'access', ...this.claims };
    return {
      access_token: this.hasOpaqueTokens ? 'opaque' : this.token(access),
      id_token: this.token({ sub: 'ada', aud: CLIENT, nonce: begun.nonce, ...this.claims }),
      token_type: 'Bearer',
      expires_in: this.seconds,
    };
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function redirect(response: ServerResponse, location: string): void {
  response.writeHead(302, { location }).end();
}
