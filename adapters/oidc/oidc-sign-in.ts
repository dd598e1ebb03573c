import * as oidc from 'openid-client';
import { SIGN_IN_CALLBACK, type SignInForm, type SignInSecrets } from '../../core/sign-in-form';
import { SignInError } from './errors';

export interface OidcSignInOptions {
  /** The iss of its tokens; its discovery document lies below. */
  readonly issuer: string;
  /** A public client: it proves itself by PKCE alone. */
  readonly clientId: string;
  /** Of the page, without a path: where the issuer sends people back to. */
  readonly address: string;
}

const JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/;
/** A browser keeps no larger cookie, its name and attributes included. */
const MAX_TOKEN_CHARACTERS = 3500;
const DEFAULT_SECONDS = 3600;

/**
 * The sign-in form of an OpenID Connect issuer, Cognito's or another: authorisation code with PKCE, state and nonce.
 * https://www.rfc-editor.org/rfc/rfc9700
 */
export class OidcSignIn implements SignInForm {
  private found: Promise<oidc.Configuration> | null = null;

  constructor(private readonly options: OidcSignInOptions) {}

  async begin(): Promise<{ readonly url: string; readonly secrets: SignInSecrets }> {
    const config = await this.discover();
    const verifier = oidc.randomPKCECodeVerifier();
    const secrets = { verifier, state: oidc.randomState(), nonce: oidc.randomNonce() };
    const url = oidc.buildAuthorizationUrl(config, {
      redirect_uri: this.at(SIGN_IN_CALLBACK).href,
      scope: 'openid',
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state: secrets.state,
      nonce: secrets.nonce,
    });
    return { url: url.href, secrets };
  }

  async finish(
    answer: string,
    { verifier, state, nonce }: SignInSecrets,
  ): Promise<{ readonly token: string; readonly seconds: number }> {
    const config = await this.discover();
    const url = this.at(SIGN_IN_CALLBACK);
    url.search = answer;
    const tokens = await oidc
      .authorizationCodeGrant(config, url, {
        pkceCodeVerifier: verifier,
        expectedState: state,
        expectedNonce: nonce,
        idTokenExpected: true,
      })
      .catch((cause: unknown) => {
        // The answer's own words come from whoever made the link, and go no further than the log.
        throw new SignInError(this.options.issuer, 'an answer that was refused', cause);
      });
    // An issuer that knows of no api hands out access tokens that only itself can read.
    const token = JWT.test(tokens.access_token) ? tokens.access_token : (tokens.id_token ?? '');
    if (token.length > MAX_TOKEN_CHARACTERS) {
      throw new SignInError(this.options.issuer, `a token of ${token.length} characters`);
    }
    return { token, seconds: tokens.expires_in ?? DEFAULT_SECONDS };
  }

  async end(): Promise<string | null> {
    const config = await this.discover();
    if (config.serverMetadata().end_session_endpoint === undefined) return null;
    const page = this.at('/').href;
    // Cognito calls the address logout_uri. https://docs.aws.amazon.com/cognito/latest/developerguide/logout-endpoint.html
    const parameters = { post_logout_redirect_uri: page, logout_uri: page };
    return oidc.buildEndSessionUrl(config, parameters).href;
  }

  private at(path: string): URL {
    return new URL(path, this.options.address);
  }

  /** Asked for once; what failed is asked for again. @throws {SignInError} */
  private discover(): Promise<oidc.Configuration> {
    const { issuer, clientId } = this.options;
    // Only a stand-in on loopback is asked without TLS: the environment takes no other such address.
    const execute = issuer.startsWith('http:') ? [oidc.allowInsecureRequests] : [];
    this.found ??= oidc
      .discovery(new URL(issuer), clientId, undefined, oidc.None(), { execute })
      .catch((cause: unknown) => {
        this.found = null;
        throw new SignInError(issuer, 'no discovery document', cause);
      });
    return this.found;
  }
}
