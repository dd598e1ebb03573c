import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { OidcSignIn } from '../../adapters/oidc/oidc-sign-in';
import type { ApiDeps } from '../../handlers/api/deps';
import { createApiFunction } from '../../handlers/api/lambda';
import { cleanUpAfterEach } from '../adapters/embedded/data-folder';
import { cloudGate } from '../fakes/cloud-gate';
import { CLIENT, OidcIssuer } from '../fakes/oidc-issuer';
import { apiWorld } from './api-world';

cleanUpAfterEach();

const ADDRESS = 'https://tierwatch.example';
const CALLBACK = `${ADDRESS}/api/sign-in/callback`;
const FAILED = '/#/errors/sign-in';
const PLACE = '#/playback/harbour/quay?at=2026-11-20T08:01:00.000Z';

let issuer: OidcIssuer;
beforeAll(async () => {
  issuer = await OidcIssuer.open(() => CALLBACK);
});
afterAll(() => issuer.close());
beforeEach(() => {
  issuer.claims = { 'cognito:groups': ['site:harbour'] };
  issuer.hasOpaqueTokens = false;
  issuer.remembers = true;
  issuer.refusals.length = 0;
});

/** One browser: its cookies, and what it is sent to. */
class Visitor {
  readonly jar = new Map<string, string>();
  /** Attributes by the cookie's name, as it was set last. */
  readonly attributes = new Map<string, readonly string[]>();
  constructor(private readonly gate: (request: Request) => Promise<Response>) {}

  async get(path: string, headers: Record<string, string> = {}): Promise<Response> {
    const cookie = [...this.jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await this.gate(
      new Request(`${ADDRESS}${path}`, { headers: { ...headers, cookie } }),
    );
    for (const line of response.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split('; ');
      const [name = '', value = ''] = pair.split('=');
      this.attributes.set(name, attributes.sort());
      if (attributes.includes('Max-Age=0')) this.jar.delete(name);
      else this.jar.set(name, value);
    }
    return response;
  }

  /** To the form, through it, and where that leads. @returns path and query of the callback */
  async goThrough(place = PLACE): Promise<string> {
    const started = await this.get(`/api/sign-in/start?to=${encodeURIComponent(place)}`);
    const answered = await fetch(started.headers.get('location')!, { redirect: 'manual' });
    return answered.headers.get('location')!.slice(ADDRESS.length);
  }
}

async function open(change: Partial<ApiDeps> = {}, at = issuer.address) {
  const signInForm = new OidcSignIn({ issuer: at, clientId: CLIENT, address: ADDRESS });
  const world = await apiWorld({ signInForm, ...change });
  const gate = cloudGate(createApiFunction(world.deps, { sitesClaim: 'cognito:groups' }), issuer);
  return { ...world, visitor: () => new Visitor(gate) };
}

const locationOf = (response: Response) => [response.status, response.headers.get('location')];

describe('signing in by a form', () => {
  it('becomes a session that no script reads, at the place where one was', async () => {
    const { visitor } = await open();
    const ada = visitor();
    expect((await ada.get('/api/cameras')).status).toBe(401);
    expect(await (await ada.get('/api/sign-in')).json()).toEqual({ hasForm: true });
    const answer = await ada.goThrough();
    expect(ada.attributes.get('__Host-tierwatch-sign-in')).toEqual(
      ['HttpOnly', 'Max-Age=900', 'Path=/', 'SameSite=Lax', 'Secure'].sort(),
    );
    expect(
      locationOf(
        await ada.get(answer, { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }),
      ),
    ).toEqual([302, `/${PLACE}`]);
    expect(ada.attributes.get('tierwatch-session')).toEqual(
      ['HttpOnly', 'Max-Age=3600', 'Path=/', 'SameSite=Strict', 'Secure'].sort(),
    );
    expect([...ada.jar.keys()]).toEqual(['tierwatch-session']);
    const session = (await (await ada.get('/api/session')).json()) as { offers: string[] };
    expect(session).toMatchObject({ sites: ['harbour'] });
    expect(session.offers).toContain('sign-in-form');
    expect(issuer.refusals).toEqual([]);
  });

  it('takes the token for the page, where the one for apis can only be read by its issuer', async () => {
    issuer.hasOpaqueTokens = true;
    const { visitor } = await open();
    const ada = visitor();
    await ada.get(await ada.goThrough());
    expect(issuer.claimsOf(ada.jar.get('tierwatch-session')!)).toMatchObject({ aud: CLIENT });
    expect((await ada.get('/api/cameras')).status).toBe(200);
  });

  it('comes to nothing in another browser, a second time, with another state, or refused there', async () => {
    const { visitor, errors } = await open();
    const ada = visitor();
    const answer = await ada.goThrough();
    const thief = visitor();
    expect(locationOf(await thief.get(answer))).toEqual([302, FAILED]);
    await thief.goThrough();
    expect(locationOf(await thief.get(answer))).toEqual([302, FAILED]);
    expect(thief.jar.size).toBe(0);

    expect((await ada.get(answer)).headers.get('location')).toBe(`/${PLACE}`);
    ada.jar.delete('tierwatch-session');
    expect(locationOf(await ada.get(answer))).toEqual([302, FAILED]);
    await ada.goThrough();
    const state = JSON.parse(
      Buffer.from(ada.jar.get('__Host-tierwatch-sign-in')!, 'base64url').toString(),
    ).state;
    const denied = `/api/sign-in/callback?error=access_denied&state=${state}`;
    expect(locationOf(await ada.get(denied))).toEqual([302, FAILED]);
    expect(ada.jar.size).toBe(0);
    expect(errors.map(({ error }) => (error as { code?: string }).code)).toEqual([
      'sign-in',
      'sign-in',
    ]);
  });

  it('is told on the page where the issuer is out of reach, and asks it again the next time', async () => {
    const other = await OidcIssuer.open(() => CALLBACK);
    const { visitor, errors } = await open({}, other.address);
    other.close();
    for (const count of [1, 2]) {
      expect(locationOf(await visitor().get('/api/sign-in/start'))).toEqual([302, FAILED]);
      expect(errors.length).toBe(count);
    }
  });

  it.each([
    ['another site', 'https://evil.example/'],
    ['another site of the same kind', '//evil.example'],
    ['a path', '/#/now'],
    ['a line', '#//\n'],
    ['a word', '#now'],
    ['a long one', `#/${'a'.repeat(1001)}`],
  ])('goes on at places of the page alone, not at %s', async (_, place) => {
    const { visitor } = await open();
    const path = `/api/sign-in/start?to=${encodeURIComponent(place)}`;
    expect((await visitor().get(path)).status).toBe(400);
  });

  it.each(['start', 'end'])(
    'is never begun or ended by a link of another site: %s',
    async (step) => {
      const { visitor } = await open();
      const headers = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
      const response = await visitor().get(`/api/sign-in/${step}`, headers);
      expect([response.status, await response.json()]).toMatchObject([403, { code: 'cross-site' }]);
    },
  );

  it('ends at the issuer too', async () => {
    const { visitor } = await open();
    const ended = await visitor().get('/api/sign-in/end');
    const url = new URL(ended.headers.get('location')!);
    expect([`${url.origin}${url.pathname}`, Object.fromEntries(url.searchParams)]).toEqual([
      `${issuer.address}/logout`,
      {
        client_id: CLIENT,
        logout_uri: `${ADDRESS}/`,
        post_logout_redirect_uri: `${ADDRESS}/`,
      },
    ]);
  });
});

describe('without a form', () => {
  it('says so, and sends nobody anywhere', async () => {
    const { get } = await apiWorld();
    expect(await (await get('/api/sign-in', null)).json()).toEqual({ hasForm: false });
    for (const step of ['start', 'callback', 'end']) {
      const response = await get(`/api/sign-in/${step}`, null);
      expect(await response.json()).toMatchObject({ code: 'not-offered' });
    }
  });
});
