import { createRoute, z } from '@hono/zod-openapi';
import type { Api } from './app';
import type { ApiDeps, DeadLetterEntry } from './deps';
import { answers, siteField, siteOfKey, wholeNumber } from './fields';
import { readsQueues } from './health';
import { NotOfferedError } from './problem';
import { isOfSites, narrow, type Sites } from './sites';

const instant = z.iso.datetime({ precision: 3 });
const count = z.number().int().min(0);
const limit = wholeNumber({
  minimum: 1,
  maximum: 1000,
  default: 100,
  description: 'Entries at most, the latest; all are counted',
});
const query = z.strictObject({ site: siteField, limit });

const deadLetterSchema = z
  .strictObject({
    queue: z.string().describe('The function that it was for'),
    id: z.string(),
    camera: z.string().nullable(),
    segmentKey: z.string().nullable(),
    cause: z.string(),
    deadAt: instant,
  })
  .openapi('DeadLetter');
const rejectionSchema = z
  .strictObject({
    key: z.string().describe('As stored'),
    code: z.string().describe('A heading of docs/errors.md'),
    reason: z.string(),
    at: instant,
  })
  .openapi('Rejection');

const lettersRoute = createRoute({
  method: 'get',
  path: '/api/dead-letters',
  operationId: 'listDeadLetters',
  summary: 'Messages that failed five times, latest first',
  request: { query },
  responses: answers(
    z.strictObject({
      count,
      deadLetters: z.array(deadLetterSchema),
      canRedrive: z.boolean().describe('Whether this deployment can put them back'),
    }),
    'The dead letters',
  ),
});

const redriveRoute = createRoute({
  method: 'post',
  path: '/api/dead-letters/redrive',
  operationId: 'redriveDeadLetters',
  summary: 'Puts dead letters back into their queues, all or by id',
  request: {
    query: z.strictObject({}),
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z.strictObject({
            ids: z
              .array(z.string().max(100))
              .max(10_000)
              .optional()
              .describe('Default: all that the caller may see'),
          }),
        },
      },
    },
  },
  responses: answers(z.strictObject({ redriven: count }), 'How many are back in their queues'),
});

const rejectionsRoute = createRoute({
  method: 'get',
  path: '/api/rejections',
  operationId: 'listRejections',
  summary: 'Files in quarantine and why, latest first',
  request: { query },
  responses: answers(
    z.strictObject({ count, rejections: z.array(rejectionSchema) }),
    'The rejections',
  ),
});

/** What went wrong, and putting it back. */
export function registerDeadLetters(app: Api, deps: ApiDeps): void {
  app.openapi(lettersRoute, async (c) => {
    const { site, limit = 100 } = c.req.valid('query');
    const letters = await lettersOf(deps, narrow(c.var.sites, { site }));
    return c.json(
      {
        count: letters.length,
        deadLetters: letters.slice(0, limit),
        canRedrive: deps.redrive !== undefined,
      },
      200,
    );
  });

  app.openapi(redriveRoute, async (c) => {
    if (!deps.redrive) {
      throw new NotOfferedError('redrive', 'use "npm start", or "tierwatch dead-letters redrive"');
    }
    const { ids } = c.req.valid('json');
    const letters = await lettersOf(deps, c.var.sites);
    const wanted = letters.filter(({ id }) => ids === undefined || ids.includes(id));
    return c.json({ redriven: await deps.redrive(wanted.map(({ id }) => id)) }, 200);
  });

  app.openapi(rejectionsRoute, async (c) => {
    const { site, limit = 100 } = c.req.valid('query');
    const sites = narrow(c.var.sites, { site });
    const rejections = (await deps.quarantine.rejections())
      .filter(({ key }) => sites === null || sites.includes(siteOfKey(key) ?? ''))
      .map(({ key, code, reason, at }) => ({ key, code, reason, at }))
      .sort((a, b) => (a.at > b.at ? -1 : 1));
    return c.json({ count: rejections.length, rejections: rejections.slice(0, limit) }, 200);
  });
}

/** Those of a caller's sites; what names no camera is for who may see every site. */
async function lettersOf(deps: ApiDeps, sites: Sites): Promise<DeadLetterEntry[]> {
  if (!deps.deadLetters && !readsQueues(deps)) {
    throw new NotOfferedError(
      'dead letters',
      'the alarms of its queues tell of them, "tierwatch dead-letters redrive" puts them back',
    );
  }
  const letters = await (deps.deadLetters?.() ?? lettersOfQueues(deps));
  return letters
    .filter(({ camera }) => sites === null || (camera !== null && isOfSites(sites, camera)))
    .sort((a, b) => (a.deadAt > b.deadAt ? -1 : 1));
}

async function lettersOfQueues({ queues }: ApiDeps): Promise<DeadLetterEntry[]> {
  const found = Object.entries(queues).map(async ([queue, one]) =>
    (await one.deadLetters()).map(({ id, cause, deadAt, body }) => {
      const { camera, segmentKey } = body;
      return { queue, id, camera, segmentKey, cause, deadAt };
    }),
  );
  return (await Promise.all(found)).flat();
}
