import { type FormEvent, useEffect, useRef, useState } from 'react';
import { apiUrl, ask, asProblem } from '../client/api';
import { useAsked, useRetry } from '../client/hooks';

/**
 * Asks who it is where nobody is signed in, or no longer: by the issuer's form, which leads back to where one was,
 * else by the token.
 */
export function SignInDialog({
  hasFailed,
  onSignedIn,
}: {
  /** The form has just led back without a session. */
  readonly hasFailed: boolean;
  readonly onSignedIn: () => void;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const ways = useAsked<{ hasForm: boolean }>('sign-in', (signal) => ask('sign-in', { signal }));
  useRetry(ways);
  const hasForm = ways.data?.hasForm;
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      ref={dialog}
      className="dialog"
      aria-labelledby="sign-in-title"
      onCancel={(event) => event.preventDefault()}
    >
      <h2 id="sign-in-title">Sign in</h2>
      {ways.problem && <p className="fault">{ways.problem.message}</p>}
      {hasForm === true && <ByForm hasFailed={hasFailed} />}
      {hasForm === false && <ByToken onSignedIn={onSignedIn} />}
    </dialog>
  );
}

function ByForm({ hasFailed }: { readonly hasFailed: boolean }) {
  const to = hasFailed ? undefined : window.location.hash;
  return (
    <>
      <p>
        Nobody is signed in here, or the session has ended. The form of your organisation leads back
        to this place.
      </p>
      <p className="fault" role="alert">
        {hasFailed &&
          'Signing in came to nothing. Try it again; the reason is in the log of the api.'}
      </p>
      <div className="actions">
        <a className="button is-main" href={apiUrl('sign-in/start', { to })}>
          Go to the form
        </a>
      </div>
    </>
  );
}

function ByToken({ onSignedIn }: { readonly onSignedIn: () => void }) {
  const [token, setToken] = useState('');
  const [fault, setFault] = useState<string | null>(null);
  const signIn = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    try {
      await ask('session', { body: { token: token.trim() } });
      onSignedIn();
    } catch (error) {
      const { status, message } = asProblem(error);
      setFault(status === 401 ? 'That is not the token of this Tierwatch. Try again.' : message);
    }
  };
  return (
    <form onSubmit={signIn}>
      <p>
        Nobody is signed in here, or the session has ended. The token is in the file that{' '}
        <code>--token-file</code> names on the machine where Tierwatch runs; in the cloud it is the
        one that your sign-in gave you.
      </p>
      <label className="field">
        Token
        <input
          type="password"
          autoComplete="current-password"
          value={token}
          onChange={(event) => setToken(event.target.value)}
          aria-describedby="token-fault"
          aria-invalid={fault !== null}
          required
        />
      </label>
      <p id="token-fault" className="fault" role="alert">
        {fault}
      </p>
      <div className="actions">
        <button type="submit" className="button is-main">
          Sign in
        </button>
      </div>
    </form>
  );
}
