import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { TierwatchError } from '../../core/errors';
import { parseJson } from '../../core/parse-json';
import type { TokenSource } from './influx-token';
import { type InfluxAnswer, influxAnswerSchema } from './influxql-queries';

/** InfluxDB did not answer, refused the token, or its database is not there. */
export class InfluxUnavailableError extends TierwatchError {
  override readonly name = 'InfluxUnavailableError';
  constructor(endpoint: string, found: string, cause?: unknown) {
    super(
      `"${endpoint}": expected InfluxDB to answer, found ${found.slice(0, 300)}; check the instance, its DBRP mapping, the token and the security group`,
      { code: 'influx-unavailable', retryable: true, cause },
    );
  }
}

export interface InfluxOptions {
  /** Such as https://name.timestream-influxdb.us-east-1.on.aws:8086. */
  readonly endpoint: string;
  readonly database: string;
  /** @default the database's default one */
  readonly retentionPolicy?: string;
  /** Longest wait for one answer, ms. */
  readonly requestTimeoutMs: number;
  /** Attempts at one request before the queue delivers again. */
  readonly maxAttempts: number;
}

/** What became of a batch of lines. */
export type WriteAnswer =
  | { readonly kind: 'taken' }
  /** At least one line was not; which one is not told. */
  | { readonly kind: 'rejected'; readonly reason: string };

interface HttpAnswer {
  readonly status: number;
  readonly text: string;
}

const FIRST_PAUSE_MS = 100;
const compress = promisify(gzip);

/**
 * InfluxDB's v1 API, which InfluxDB 1, 2 (by a DBRP mapping) and 3 speak:
 * https://docs.influxdata.com/influxdb/v2/reference/api/influxdb-1x/
 */
export class InfluxHttp {
  constructor(
    private readonly options: InfluxOptions,
    private readonly tokens: TokenSource,
  ) {}

  /** @throws {InfluxUnavailableError} */
  async write(lines: readonly string[]): Promise<WriteAnswer> {
    const answer = await this.post('/write', {
      parameters: { ...this.names(), precision: 'ns' },
      headers: { 'content-type': 'text/plain; charset=utf-8', 'content-encoding': 'gzip' },
      body: await compress(lines.join('\n')),
    });
    if (answer.status < 300) return { kind: 'taken' };
    const reason = reasonOf(answer);
    // 400: by InfluxDB 1; 422: by 2, https://docs.influxdata.com/influxdb/v2/write-data/troubleshoot/
    const isRows =
      answer.status === 422 ||
      answer.status === 413 ||
      (answer.status === 400 && /partial write|unable to parse/.test(reason));
    if (isRows) return { kind: 'rejected', reason };
    throw new InfluxUnavailableError(this.options.endpoint, `${answer.status} ${reason}`);
  }

  /** Answers InfluxQL, `;` between statements, with instants as text to the ns. @throws {InfluxUnavailableError} */
  async query(statements: string): Promise<InfluxAnswer> {
    const answer = await this.post('/query', {
      parameters: this.names(),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ q: statements }).toString(),
    });
    const parsed = influxAnswerSchema.safeParse(parseJson(answer.text));
    if (answer.status < 300 && parsed.success) return parsed.data;
    throw new InfluxUnavailableError(this.options.endpoint, `${answer.status} ${reasonOf(answer)}`);
  }

  private names(): Record<string, string> {
    const { database, retentionPolicy } = this.options;
    return { db: database, ...(retentionPolicy ? { rp: retentionPolicy } : {}) };
  }

  /** One answer that is neither a refused token nor a fault that may pass. */
  private async post(
    path: string,
    request: {
      readonly parameters: Record<string, string>;
      readonly headers: Record<string, string>;
      readonly body: string | Buffer;
    },
  ): Promise<HttpAnswer> {
    const url = new URL(path, this.options.endpoint);
    url.search = new URLSearchParams(request.parameters).toString();
    let token = await this.tokens.token();
    let isRefreshed = false;
    for (let attempt = 1; ; attempt++) {
      const answer = await this.send(url, request, token);
      if (answer instanceof Error || answer.status === 429 || answer.status >= 500) {
        if (attempt >= this.options.maxAttempts) throw this.unavailable(answer);
        await pause(FIRST_PAUSE_MS * 2 ** (attempt - 1) * (0.5 + Math.random() / 2));
      } else if (answer.status === 401 && !isRefreshed) {
        isRefreshed = true;
        token = await this.tokens.token(token);
      } else return answer;
    }
  }

  private async send(
    url: URL,
    { headers, body }: { headers: Record<string, string>; body: string | Buffer },
    token: string,
  ): Promise<HttpAnswer | Error> {
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { ...headers, authorization: `Token ${token}` },
        body: body as string,
        redirect: 'error',
        signal: AbortSignal.timeout(this.options.requestTimeoutMs),
      });
      return { status: response.status, text: await response.text() };
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  private unavailable(found: HttpAnswer | Error): InfluxUnavailableError {
    const { endpoint } = this.options;
    if (!(found instanceof Error)) {
      return new InfluxUnavailableError(endpoint, `${found.status} ${reasonOf(found)}`);
    }
    const cause = found.cause instanceof Error ? `: ${found.cause.message}` : '';
    return new InfluxUnavailableError(endpoint, `${found.message}${cause}`, found);
  }
}

/** InfluxDB 1 says `error`, InfluxDB 2 `message`. */
function reasonOf({ text }: HttpAnswer): string {
  const { error, message } = (parseJson(text) ?? {}) as { error?: unknown; message?: unknown };
  return String(error ?? message ?? text).slice(0, 500);
}
