import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import type { AllowedSites, SignIn } from '../../handlers/api/deps';
import { SESSION_COOKIE } from '../../handlers/api/session';

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];
const SESSION_SECONDS = 12 * 3600;
const SESSION = new RegExp(`(?:^|;\\s*)${SESSION_COOKIE}=(\\d{1,16})\\.([0-9a-f]{64})(?:;|$)`);

/** Whether an address to listen on is this machine's own, unreachable from any other. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

export interface LocalAccess {
  readonly allowedSites: (request: Request) => AllowedSites;
  /** Whether a request names a host that is answered at all. */
  readonly isKnownHost: (request: Request) => boolean;
  /** None where no token is needed. */
  readonly signIn?: SignIn;
}

/**
 * Who may see what on one machine. With a token: every site to who sends it, or the cookie that it was given
 * for. Without: every site to requests that name this machine as their host; a web page whose name was
 * pointed at 127.0.0.1 names its own.
 */
export function localAccess(token: string | null, nowMs: () => number = Date.now): LocalAccess {
  if (token === null) {
    const isKnownHost = ({ url }: Request): boolean => LOOPBACK.includes(new URL(url).hostname);
    return { isKnownHost, allowedSites: (request) => (isKnownHost(request) ? 'all' : null) };
  }
  const isToken = (sent: string): boolean => timingSafeEqual(digest(sent), digest(token));
  return {
    isKnownHost: () => true,
    allowedSites: ({ headers }) => {
      const sent = /^Bearer ([^\s]{1,1000})$/i.exec(headers.get('authorization') ?? '')?.[1];
      if (sent !== undefined) return isToken(sent) ? 'all' : null;
      const [, expiresMs, proof] = SESSION.exec(headers.get('cookie') ?? '') ?? [];
      if (expiresMs === undefined || proof === undefined) return null;
      const isProven = timingSafeEqual(Buffer.from(proof, 'hex'), proofOf(token, expiresMs));
      return isProven && Number(expiresMs) > nowMs() ? 'all' : null;
    },
    signIn: {
      seconds: SESSION_SECONDS,
      open: (sent) => {
        if (!isToken(sent)) return null;
        const expiresMs = String(nowMs() + SESSION_SECONDS * 1000);
        return `${expiresMs}.${proofOf(token, expiresMs).toString('hex')}`;
      },
    },
  };
}

/** Only who has the token can make it, so sessions hold over a restart and end with another token. */
function proofOf(token: string, expiresMs: string): Buffer {
  return createHmac('sha256', token).update(`session until ${expiresMs}`).digest();
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
