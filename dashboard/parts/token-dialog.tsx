import { type FormEvent, useEffect, useRef, useState } from 'react';
import { ask, asProblem } from '../client/api';

/** Asks for the token where nobody is signed in, or no longer. */
export function TokenDialog({ onSignedIn }: { readonly onSignedIn: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [token, setToken] = useState('');
  const [fault, setFault] = useState<string | null>(null);
  useEffect(() => dialog.current?.showModal(), []);

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
    <dialog
      ref={dialog}
      className="dialog"
      aria-labelledby="token-title"
      onCancel={(event) => event.preventDefault()}
    >
      <form onSubmit={signIn}>
        <h2 id="token-title">Sign in</h2>
        <p>
          Nobody is signed in here, or the session has ended. The token is in the file that{' '}
          <code>--token-file</code> names on the machine where Tierwatch runs; in the cloud it is
          the one that your sign-in gave you.
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
    </dialog>
  );
}
