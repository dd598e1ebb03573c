import { TierwatchError } from '../../core/errors';

/** Signing in at the issuer came to nothing: refused there, answered twice, or the issuer is out of reach. */
export class SignInError extends TierwatchError {
  override readonly name = 'SignInError';
  constructor(issuer: string, found: string, cause?: unknown) {
    super(`"${issuer}": expected a signed-in caller, found ${found}; sign in again`, {
      code: 'sign-in',
      retryable: false,
      cause,
    });
  }
}
