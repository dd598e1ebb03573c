/** Where the issuer of tokens sends a browser back to. */
export const SIGN_IN_CALLBACK = '/api/sign-in/callback';

/** What one sign-in is held together by; only the browser that began it has them. */
export interface SignInSecrets {
  readonly state: string;
  readonly nonce: string;
  /** Of PKCE. */
  readonly verifier: string;
}

/** A form that somebody else shows to people, and that a token comes back from. */
export interface SignInForm {
  /** The form's address. @throws where the issuer is out of reach */
  begin(): Promise<{ readonly url: string; readonly secrets: SignInSecrets }>;
  /**
   * Exchanges the issuer's answer for a token.
   * @param answer query that the browser came back with
   * @throws where the answer is refused, or not that of these secrets
   */
  finish(
    answer: string,
    secrets: SignInSecrets,
  ): Promise<{ readonly token: string; readonly seconds: number }>;
  /** Where to sign out of the issuer; null: it has no such place. */
  end(): Promise<string | null>;
}
