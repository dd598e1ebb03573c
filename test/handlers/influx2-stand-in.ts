import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import * as z from 'zod';

const rules = z.array(
  z.strictObject({ type: z.literal('expire'), everySeconds: z.number().int() }),
);
const newBucket = z.strictObject({ orgID: z.string(), name: z.string(), retentionRules: rules });
const newMapping = z.strictObject({
  orgID: z.string(),
  bucketID: z.string(),
  database: z.string(),
  retention_policy: z.string(),
  default: z.boolean(),
});
const newAuthorization = z.strictObject({
  orgID: z.string(),
  description: z.string(),
  permissions: z.array(
    z.strictObject({
      action: z.enum(['read', 'write']),
      resource: z.strictObject({ type: z.literal('buckets'), id: z.string(), orgID: z.string() }),
    }),
  ),
});

export const ADMIN = { username: 'admin', password: 'secret-12345', organization: 'tierwatch' };
const ORG_ID = 'org1';
const SESSION = 'influxdb-oss-session=s1';

/**
 * A strict stand-in of InfluxDB 2's administration, written from its documentation: it refuses other fields,
 * other paths and whoever has not signed in. No InfluxDB 2 was at hand.
 */
export class Influx2StandIn {
  readonly buckets: (z.infer<typeof newBucket> & { id: string })[] = [];
  readonly mappings: z.infer<typeof newMapping>[] = [];
  readonly authorizations: (z.infer<typeof newAuthorization> & { id: string; token: string })[] =
    [];
  /** Sign-ins that are refused as by an instance that still starts. */
  startsAfter = 0;
  private server: Server | null = null;

  async start(): Promise<string> {
    const app = this.app();
    this.server = createServer(getRequestListener(app.fetch));
    await new Promise<void>((resolve) => this.server!.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.server?.close();
  }

  private app(): Hono {
    const app = new Hono();
    app.post('/api/v2/signin', (c) => {
      if (this.startsAfter-- > 0) return c.json({ code: 'unavailable' }, 503);
      const expected = Buffer.from(`${ADMIN.username}:${ADMIN.password}`).toString('base64');
      if (c.req.header('authorization') !== `Basic ${expected}`) return c.json({}, 401);
      return c.body(null, 204, { 'set-cookie': `${SESSION}; Path=/api/; HttpOnly` });
    });
    app.use('/api/v2/*', async (c, next) => {
      if (c.req.header('cookie') !== SESSION) return c.json({ code: 'unauthorized' }, 401);
      return next();
    });
    app.get('/api/v2/orgs', (c) =>
      c.req.query('org') === ADMIN.organization
        ? c.json({ orgs: [{ id: ORG_ID, name: ADMIN.organization }] })
        : c.json({ code: 'not found' }, 404),
    );
    app.get('/api/v2/buckets', (c) => {
      const buckets = this.buckets.filter(({ name }) => name === c.req.query('name'));
      return buckets.length > 0 ? c.json({ buckets }) : c.json({ code: 'not found' }, 404);
    });
    app.post('/api/v2/buckets', async (c) => {
      const bucket = { id: randomUUID(), ...newBucket.parse(await c.req.json()) };
      this.buckets.push(bucket);
      return c.json(bucket, 201);
    });
    app.patch('/api/v2/buckets/:id', async (c) => {
      const { retentionRules } = z
        .strictObject({ retentionRules: rules })
        .parse(await c.req.json());
      const bucket = this.buckets.find(({ id }) => id === c.req.param('id'));
      if (!bucket) return c.json({}, 404);
      bucket.retentionRules = retentionRules;
      return c.json(bucket);
    });
    app.get('/api/v2/dbrps', (c) => {
      const content = this.mappings.filter(({ database }) => database === c.req.query('db'));
      return c.json({ content });
    });
    app.post('/api/v2/dbrps', async (c) => {
      const mapping = newMapping.parse(await c.req.json());
      this.mappings.push(mapping);
      return c.json({ id: randomUUID(), ...mapping }, 201);
    });
    app.get('/api/v2/authorizations', (c) =>
      c.json({ authorizations: this.authorizations.map((one) => ({ ...one, status: 'active' })) }),
    );
    app.post('/api/v2/authorizations', async (c) => {
      const made = newAuthorization.parse(await c.req.json());
      const authorization = { id: randomUUID(), token: `token-${randomUUID()}`, ...made };
      this.authorizations.push(authorization);
      return c.json({ ...authorization, status: 'active' }, 201);
    });
    app.delete('/api/v2/authorizations/:id', (c) => {
      const at = this.authorizations.findIndex(({ id }) => id === c.req.param('id'));
      if (at < 0) return c.json({}, 404);
      this.authorizations.splice(at, 1);
      return c.body(null, 204);
    });
    app.onError((error, c) => c.json({ code: 'invalid', message: error.message }, 400));
    return app;
  }
}
