import { clockAheadMs } from '../logic/clock-skew';

/** What the api refused, or that it did not answer, in a sentence for people. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  constructor(
    message: string,
    /** A heading of docs/errors.md, or `unreachable`. */
    readonly code: string,
    /** Of HTTP; 0: no answer. */
    readonly status: number,
    readonly requestId: string | null = null,
  ) {
    super(message);
  }
}

/** How far the server's clock is ahead of this computer's, as far as answers show it (ms). */
let serverAheadMs = 0;

/** Grows as somebody signs in. */
let session = 0;

/** Somebody has signed in. */
export function beginSession(): void {
  session++;
}

/** Now by the server's clock, ms since 1970: what is asked for "until now" is meant by it. */
export function nowMs(): number {
  return Date.now() + serverAheadMs;
}

type Query = Readonly<Record<string, string | number | undefined>>;

export interface Asked {
  readonly query?: Query;
  /** Sent as JSON by POST. */
  readonly body?: unknown;
  readonly method?: 'DELETE';
  readonly signal?: AbortSignal;
}

/** Hears of what concerns the page as a whole. */
export const listeners = {
  /** An answer 401: nobody is signed in any more. */
  onSignedOut: (): void => {},
  /** How far the server's clock is ahead of this computer's (ms), with each answer. */
  onServerTime: (_aheadMs: number): void => {},
};

/** The address of a route of the api. @param path without `/api/`; its parts are already encoded */
export function apiUrl(path: string, query: Query = {}): string {
  const kept = Object.entries(query).filter(
    (entry): entry is [string, string | number] => entry[1] !== undefined && entry[1] !== '',
  );
  const search = new URLSearchParams(kept.map(([name, value]) => [name, String(value)])).toString();
  return `/api/${path}${search === '' ? '' : `?${search}`}`;
}

/** The address of a file by a key of names parted by "/". */
export function fileUrl(route: 'snapshots' | 'footage', key: string): string {
  return `/api/${route}/${key.split('/').map(encodeURIComponent).join('/')}`;
}

/** Asks the api. @throws {ApiProblem} */
export async function ask<Answer>(
  path: string,
  { query, body, method, signal }: Asked = {},
): Promise<Answer> {
  const askedIn = session;
  const response = await reach(apiUrl(path, query), {
    ...(signal ? { signal } : {}),
    ...(method ? { method } : {}),
    ...(body === undefined
      ? {}
      : {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        }),
  });
  if (!response.ok) throw await problemOf(response, askedIn);
  if (response.status === 204) return undefined as Answer;
  return (await response.json()) as Answer;
}

async function reach(url: string, init: RequestInit): Promise<Response> {
  const sentMs = Date.now();
  try {
    const response = await fetch(url, init);
    const dateMs = Date.parse(response.headers.get('date') ?? '');
    if (!Number.isNaN(dateMs)) {
      serverAheadMs = clockAheadMs(dateMs, { sentMs, receivedMs: Date.now() });
      listeners.onServerTime(serverAheadMs);
    }
    return response;
  } catch (cause) {
    if (init.signal?.aborted) throw cause;
    throw unreachable();
  }
}

export function unreachable(): ApiProblem {
  return new ApiProblem(
    'The api does not answer. The page goes on asking; check that tierwatch runs.',
    'unreachable',
    0,
  );
}

/**
 * The problem document of an answer (RFC 9457), or what can be said without one.
 * @param askedIn session that it was asked in: an answer 401 to an earlier one says nothing of this
 */
export async function problemOf(response: Response, askedIn = session): Promise<ApiProblem> {
  if (response.status === 401 && askedIn === session) listeners.onSignedOut();
  const text = await response.text().catch(() => '');
  return problemFrom(response.status, text);
}

/** As {@link problemOf}, of a status and a text. */
export function problemFrom(status: number, text: string): ApiProblem {
  try {
    const { detail, code, requestId } = JSON.parse(text) as Record<string, unknown>;
    if (typeof detail === 'string' && typeof code === 'string') {
      return new ApiProblem(detail, code, status, typeof requestId === 'string' ? requestId : null);
    }
  } catch {
    // Not from the api: a proxy's page.
  }
  if ([502, 503, 504].includes(status)) return unreachable();
  return new ApiProblem(`The server answered ${status} without saying why.`, 'internal', status);
}

/** What to show of anything that was thrown. */
export function asProblem(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  return new ApiProblem(error instanceof Error ? error.message : String(error), 'internal', 0);
}
