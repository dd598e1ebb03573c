import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import type { AllowedSites } from '../../handlers/api/deps';

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/** Whether an address to listen on is this machine's own, unreachable from any other. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/**
 * Who may see what on one machine. With a token: every site to who sends it. Without: every site to requests
 * that name this machine as their host; a web page whose name was pointed at 127.0.0.1 names its own.
 */
export function localAccess(token: string | null): (request: Request) => AllowedSites {
  if (token === null) {
    return ({ url }) => (LOOPBACK.includes(new URL(url).hostname) ? 'all' : null);
  }
  const expected = digest(token);
  return ({ headers }) => {
    const sent = /^Bearer ([^\s]{1,1000})$/i.exec(headers.get('authorization') ?? '')?.[1];
    return sent !== undefined && timingSafeEqual(digest(sent), expected) ? 'all' : null;
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
