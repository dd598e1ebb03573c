import * as z from 'zod';
import { InfluxUnavailableError } from './influx-http';

const bucketSchema = z.looseObject({
  id: z.string(),
  name: z.string(),
  retentionRules: z.array(z.looseObject({ everySeconds: z.number() })).default([]),
});
const authorizationSchema = z.looseObject({
  id: z.string(),
  token: z.string(),
  description: z.string().default(''),
  status: z.string().default('active'),
});
const mappingSchema = z.looseObject({
  database: z.string(),
  bucketID: z.string(),
  default: z.boolean(),
  virtual: z.boolean().default(false),
});

export type InfluxBucket = z.infer<typeof bucketSchema>;
export type InfluxAuthorization = z.infer<typeof authorizationSchema>;

const TIMEOUT_MS = 10_000;

/**
 * InfluxDB 2's administration, signed in as the instance's administrator.
 * https://docs.influxdata.com/influxdb/v2/api/
 */
export class InfluxAdmin {
  private constructor(
    private readonly endpoint: string,
    private readonly cookie: string,
    private readonly orgId: string,
  ) {}

  /** @throws {InfluxUnavailableError} */
  static async signIn(
    endpoint: string,
    {
      username,
      password,
      organization,
    }: { readonly username: string; readonly password: string; readonly organization: string },
  ): Promise<InfluxAdmin> {
    const basic = Buffer.from(`${username}:${password}`).toString('base64');
    const headers = { authorization: `Basic ${basic}` };
    const { response } = await ask(endpoint, '/api/v2/signin', { method: 'POST', headers }, [204]);
    const cookie = response.headers.getSetCookie()[0]?.split(';')[0];
    if (!cookie) throw new InfluxUnavailableError(endpoint, 'a sign-in without a session');
    const path = `/api/v2/orgs?org=${encodeURIComponent(organization)}`;
    const { body } = await ask(endpoint, path, { headers: { cookie } }, [200]);
    const schema = z.looseObject({ orgs: z.array(z.looseObject({ id: z.string() })).min(1) });
    const { orgs } = parse(endpoint, schema, body);
    return new InfluxAdmin(endpoint, cookie, orgs[0]!.id);
  }

  /** The bucket with exactly this retention; made or corrected where it is not. */
  async ensureBucket(name: string, retentionDays: number): Promise<InfluxBucket> {
    const retentionRules = [{ type: 'expire', everySeconds: retentionDays * 86_400 }];
    const path = `/api/v2/buckets?orgID=${this.orgId}&name=${encodeURIComponent(name)}`;
    const listed = await this.ask(path, {}, [200, 404]);
    const schema = z.looseObject({ buckets: z.array(bucketSchema).default([]) });
    const { buckets } = this.parse(schema, listed.body);
    const found = buckets.find((bucket) => bucket.name === name);
    if (!found) {
      const body = { orgID: this.orgId, name, retentionRules };
      return this.parse(bucketSchema, (await this.post('/api/v2/buckets', body)).body);
    }
    if (found.retentionRules[0]?.everySeconds === retentionRules[0]!.everySeconds) return found;
    const change = { method: 'PATCH', body: JSON.stringify({ retentionRules }) };
    const changed = await this.ask(`/api/v2/buckets/${found.id}`, change, [200]);
    return this.parse(bucketSchema, changed.body);
  }

  /** The database of the v1 API that is this bucket. */
  async ensureMapping(bucket: InfluxBucket, database: string): Promise<void> {
    const path = `/api/v2/dbrps?orgID=${this.orgId}&db=${encodeURIComponent(database)}`;
    const listed = await this.ask(path, {}, [200]);
    const schema = z.looseObject({ content: z.array(mappingSchema).default([]) });
    const isMapped = this.parse(schema, listed.body).content.some(
      (one) => one.bucketID === bucket.id && one.default && !one.virtual,
    );
    if (isMapped) return;
    await this.post('/api/v2/dbrps', {
      orgID: this.orgId,
      bucketID: bucket.id,
      database,
      retention_policy: 'autogen',
      default: true,
    });
  }

  async authorizations(): Promise<readonly InfluxAuthorization[]> {
    const { body } = await this.ask(`/api/v2/authorizations?orgID=${this.orgId}`, {}, [200]);
    const schema = z.looseObject({ authorizations: z.array(authorizationSchema) });
    return this.parse(schema, body).authorizations;
  }

  /** A token that does one thing to one bucket. */
  async authorize(
    bucket: InfluxBucket,
    { action, description }: { readonly action: 'read' | 'write'; readonly description: string },
  ): Promise<InfluxAuthorization> {
    const resource = { type: 'buckets', id: bucket.id, orgID: this.orgId };
    const body = { orgID: this.orgId, description, permissions: [{ action, resource }] };
    const made = await this.post('/api/v2/authorizations', body);
    return this.parse(authorizationSchema, made.body);
  }

  async revoke({ id }: InfluxAuthorization): Promise<void> {
    await this.ask(`/api/v2/authorizations/${id}`, { method: 'DELETE' }, [204, 404]);
  }

  private post(path: string, body: object) {
    return this.ask(path, { method: 'POST', body: JSON.stringify(body) }, [201]);
  }

  private ask(path: string, request: RequestInit, expected: readonly number[]) {
    const headers = { cookie: this.cookie, 'content-type': 'application/json' };
    return ask(this.endpoint, path, { ...request, headers }, expected);
  }

  private parse<T>(schema: z.ZodType<T>, body: unknown): T {
    return parse(this.endpoint, schema, body);
  }
}

async function ask(
  endpoint: string,
  path: string,
  request: RequestInit,
  expected: readonly number[],
): Promise<{ response: Response; body: unknown }> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  let response: Response;
  let text: string;
  try {
    response = await fetch(new URL(path, endpoint), { redirect: 'error', signal, ...request });
    text = await response.text();
  } catch (error) {
    throw new InfluxUnavailableError(endpoint, (error as Error).message, error);
  }
  // What InfluxDB says may name a token: the status and the path are enough.
  if (!expected.includes(response.status)) {
    throw new InfluxUnavailableError(endpoint, `${response.status} to ${path.split('?')[0]}`);
  }
  return { response, body: text === '' ? {} : jsonOf(endpoint, text) };
}

function jsonOf(endpoint: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new InfluxUnavailableError(endpoint, 'an answer that is no JSON');
  }
}

function parse<T>(endpoint: string, schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const place = parsed.error.issues[0]?.path.join('.');
  throw new InfluxUnavailableError(endpoint, `an answer of another form at "${place}"`);
}
