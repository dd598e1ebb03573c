import { createRoute, z } from '@hono/zod-openapi';
import type { DeadLetterEntry } from '../../core/dead-letter';
import type { Api } from './app';
import type { ApiDeps, QueueDesk } from './deps';
import { answers, siteField, siteOfKey, wholeNumber } from './fields';
import { BadRequestError, NotOfferedError, NotOperatorError } from './problem';
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

export const deadLetterSchema = z
  .strictObject({
    queue: z.string().describe('The function that it was for'),
    id: z.string(),
    camera: z.string().nullable(),
    segmentKey: z.string().nullable(),
    cause: z.string().describe('Of its last delivery'),
    deadAt: instant.describe('In the cloud, where no cause was noted: when it was sent first'),
  })
  .openapi('DeadLetter');
export const rejectionSchema = z
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
      count: count.describe('Those that the caller may see; in the cloud SQS’s estimate'),
      deadLetters: z
        .array(deadLetterSchema)
        .describe('In the cloud a look at up to ten of each queue'),
      redriveBy: z
        .enum(['letter', 'queue'])
        .nullable()
        .describe('What the caller can put back: letters, or all of a queue; null: nothing'),
    }),
    'The dead letters',
  ),
});

const redriveRoute = createRoute({
  method: 'post',
  path: '/api/dead-letters/redrive',
  operationId: 'redriveDeadLetters',
  summary: 'Puts dead letters back into their queues, all, by id or by queue; for operators',
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
              .describe('Default: all that the caller may see; only where redriveBy is "letter"'),
            queue: z.string().max(63).optional().describe('Only those of this function’s queue'),
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
    const { isOperator, sites } = c.var;
    const letters = await lettersOf(deps, narrow(sites, { site }));
    return c.json(
      {
        count: letters.count,
        deadLetters: letters.latest.slice(0, limit),
        redriveBy: isOperator ? redriveBy(deps.queues, sites) : null,
      },
      200,
    );
  });

  app.openapi(redriveRoute, async (c) => {
    const { isOperator, sites } = c.var;
    if (!isOperator) throw new NotOperatorError('redrive', 'an operator');
    const { queues } = deps;
    const { ids, queue } = c.req.valid('json');
    if (queues.redrive) {
      const { latest } = await lettersOf(deps, sites);
      const wanted = latest
        .filter((letter) => ids === undefined || ids.includes(letter.id))
        .filter((letter) => queue === undefined || queue === letter.queue);
      return c.json({ redriven: await queues.redrive(wanted.map(({ id }) => id)) }, 200);
    }
    if (!queues.redriveAll) {
      throw new NotOfferedError('redrive', 'use "npm start", or "tierwatch dead-letters redrive"');
    }
    if (sites !== null) throw new NotOperatorError('redrive', 'an operator of every site');
    if (ids) throw refused('ids', 'expected none: SQS moves all dead letters of a queue or none');
    if (queue !== undefined && !Object.hasOwn(await queues.counts(), queue)) {
      throw refused('queue', 'expected the function of a queue, found another name');
    }
    return c.json({ redriven: await queues.redriveAll(queue) }, 200);
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

/** Latest first. Those of a caller's sites; what names no camera is for who may see every site. */
export async function lettersOf(
  { queues }: ApiDeps,
  sites: Sites,
): Promise<{ readonly count: number; readonly latest: readonly DeadLetterEntry[] }> {
  const letters = await queues.deadLetters();
  const latest = letters
    .filter(({ camera }) => sites === null || (camera !== null && isOfSites(sites, camera)))
    .sort((a, b) => (a.deadAt > b.deadAt ? -1 : 1));
  if (sites !== null) return { count: latest.length, latest };
  const counts = Object.values(await queues.counts());
  const count = counts.reduce((sum, { dead }) => sum + dead, 0);
  // Counts may be a moment older than the letters.
  return { count: Math.max(count, latest.length), latest };
}

/** Letters can be chosen by their site; what can't be chosen is everybody's. */
function redriveBy({ redrive, redriveAll }: QueueDesk, sites: Sites): 'letter' | 'queue' | null {
  if (redrive) return 'letter';
  return redriveAll && sites === null ? 'queue' : null;
}

function refused(field: string, message: string): BadRequestError {
  return new BadRequestError(`"${field}": ${message}`, [{ in: 'body', field, message }]);
}
