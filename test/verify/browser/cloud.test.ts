import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OidcSignIn } from '../../../adapters/oidc/oidc-sign-in';
import { builtPage } from '../../../cli/serve/page-build';
import { StaticPage } from '../../../cli/serve/static-page';
import { listen, type WebServer } from '../../../cli/serve/web';
import { createApiFunction } from '../../../handlers/api/lambda';
import { cleanUpAfterEach } from '../../adapters/embedded/data-folder';
import { cloudGate } from '../../fakes/cloud-gate';
import { CLIENT, OidcIssuer } from '../../fakes/oidc-issuer';
import { apiWorld } from '../../handlers/api-world';
import { launchChromium, visit } from './chromium';

cleanUpAfterEach();

const CALLBACK = '/api/sign-in/callback';
const page = new StaticPage();
let browser: Browser;
let issuer: OidcIssuer;
let site: WebServer;
let answer: (request: Request) => Promise<Response>;

beforeAll(async () => {
  page.load(await builtPage(join(__dirname, '../../..'), () => {}));
  browser = await launchChromium();
  site = await listen((request) => answer(request), { host: '127.0.0.1', port: 0 });
  issuer = await OidcIssuer.open(() => `${site.origin}${CALLBACK}`);
});
afterAll(async () => {
  await browser?.close();
  site?.close();
  issuer?.close();
});

/** Page and function under one name as CloudFront has them, and the gateway's authoriser before the function. */
async function openCloud(): Promise<void> {
  const signInForm = new OidcSignIn({
    issuer: issuer.address,
    clientId: CLIENT,
    address: site.origin,
  });
  const { deps } = await apiWorld({ signInForm });
  const gate = cloudGate(createApiFunction(deps, { sitesClaim: 'cognito:groups' }), issuer);
  answer = async (request) =>
    new URL(request.url).pathname.startsWith('/api/') ? gate(request) : page.answer(request);
}

const continueAsAda = async (one: Page): Promise<void> => {
  await one.getByRole('link', { name: 'Go to the form' }).click();
  await one.getByRole('link', { name: 'Continue as Ada' }).click();
};

describe('the page in the cloud', () => {
  it('sends one to the form and back to where one was, again once the session is over', async () => {
    await openCloud();
    const context = await visit(browser);
    try {
      const one = await context.newPage();
      await one.goto(`${site.origin}/#/fleet?site=harbour`);
      await one.getByRole('heading', { name: 'Sign in' }).waitFor();
      await continueAsAda(one);
      await one.getByRole('link', { name: 'harbour/quay' }).waitFor();
      expect(one.url()).toBe(`${site.origin}/#/fleet?site=harbour`);
      const cookies = await context.cookies();
      expect(cookies.map(({ name, httpOnly, sameSite }) => ({ name, httpOnly, sameSite }))).toEqual(
        [{ name: 'tierwatch-session', httpOnly: true, sameSite: 'Strict' }],
      );

      // The cookie goes with its token, after an hour.
      await context.clearCookies();
      await one.getByRole('link', { name: 'Health' }).click();
      await one.getByRole('heading', { name: 'Sign in' }).waitFor();
      await continueAsAda(one);
      await one.getByRole('heading', { name: 'Silent cameras' }).waitFor();
      expect(one.url()).toBe(`${site.origin}/#/health`);

      await one.getByRole('button', { name: 'Sign out' }).click();
      await one.getByRole('heading', { name: 'Sign in' }).waitFor();
      expect(await context.cookies()).toEqual([]);
      expect(issuer.refusals).toEqual([]);
    } finally {
      await context.close();
    }
  });

  it('says that signing in came to nothing, and offers it again', async () => {
    await openCloud();
    const context = await visit(browser);
    try {
      const one = await context.newPage();
      await one.goto(`${site.origin}${CALLBACK}?code=made-up&state=made-up`);
      await one.getByText('Signing in came to nothing.').waitFor();
      await continueAsAda(one);
      await one.getByRole('heading', { name: 'Now' }).waitFor();
    } finally {
      await context.close();
    }
  });
});
