import * as z from 'zod';
import { expected, textOf } from '../text-schemas';
import { s3Bundle } from './model';
import { days } from './text';
import { scalingHoursSchema, scheduleSchema } from './warm';

export const gpuSchema = z.strictObject({
  image: textOf(
    /^\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com\/[^\s:]+(:[\w.-]+|@sha256:[0-9a-f]{64})$/,
    'the URI of an image in ECR, such as 123456789012.dkr.ecr.eu-central-1.amazonaws.com/tierwatch-endpoint:v1',
  ).describe('URI of the model server’s image in ECR: endpoint/Dockerfile'),
  instanceType: z
    .enum(['ml.g4dn.xlarge', 'ml.g5.xlarge', 'ml.g6.xlarge'])
    .default('ml.g4dn.xlarge')
    .describe('Instance of the endpoint; paid by the hour, used or not'),
  model: s3Bundle
    .optional()
    .describe(
      'Model bundle of the endpoint as a tar.gz in S3; default: that of tierwatch:model, or the one in the image',
    ),
  lane: z
    .enum(['on', 'off', 'auto'])
    .default('on')
    .describe(
      'Cameras of gpu tiers: at the endpoint; on the cpu lane, without an endpoint; or where lane-switch says, by the price book',
    ),
  dwellMinutes: z
    .number()
    .int()
    .min(15)
    .max(1440)
    .default(60)
    .describe('With lane auto: a lane is kept for so long at least (min)'),
  cpuMsPerFrame: z
    .number()
    .min(0.1)
    .max(10_000)
    .default(8.8)
    .describe(
      'With lane auto: CPU of a frame on the cpu lane by the fleet’s model (ms), `npm run bench -- road`, exhaustive; 8.8 is YOLOX-Nano’s, with which an endpoint never pays',
    ),
  minInstances: z
    .number()
    .int()
    .min(1)
    .max(100)
    .default(1)
    .describe('Least instances: a real-time endpoint can’t scale to nothing, power stops it'),
  maxInstances: z.number().int().min(1).max(100).default(2).describe('Most instances'),
  concurrentRequests: z
    .number()
    .int()
    .min(1)
    .max(256)
    .default(16)
    .describe('Requests at once on one instance that scaling aims at'),
  schedules: z
    .array(scalingHoursSchema)
    .min(1)
    .describe(
      'When the endpoint grows and when it shrinks: an idle GPU costs as much as a busy one',
    ),
  challenger: z
    .strictObject({
      name: textOf(/^[a-z0-9][a-z0-9.-]{0,62}$/, 'a name of a-z, 0-9, "." and "-"').describe(
        'Name by which tiers set it as their model',
      ),
      model: s3Bundle.describe('Its bundle as a tar.gz in S3'),
    })
    .optional()
    .describe(
      'A second model behind the endpoint, on an instance of its own, for the tiers that name it',
    ),
  rollbackTo: textOf(
    /^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/,
    'the name of an endpoint configuration: "aws sagemaker list-endpoint-configs" has them',
  )
    .optional()
    .describe(
      'An earlier endpoint configuration, which the endpoint serves instead: they are kept',
    ),
  capture: z
    .strictObject({
      percent: z.number().int().min(1).max(100).default(1).describe('Share of the requests (%)'),
      days: days.default(7).describe('They are kept (days)'),
    })
    .optional()
    .describe(
      'Requests and answers of the endpoint kept in a bucket of its own, as SageMaker’s data capture does: footage before its privacy masks among them; default: none',
    ),
  async: z
    .strictObject({
      maxInstances: z.number().int().min(1).max(20).default(1).describe('Most instances'),
      answerDays: days.default(7).describe('Answers are kept (days)'),
    })
    .optional()
    .describe(
      'An asynchronous endpoint beside it, from nothing to so many instances: whole recordings up to 1 GB, S3 in and out',
    ),
  power: z
    .union(
      [
        z.literal('fleet').describe('The hours in which the fleet’s schedules need it'),
        z.strictObject({
          start: scheduleSchema.shape.cron.describe(
            'When it is made; it takes minutes to be there',
          ),
          stop: scheduleSchema.shape.cron.describe('When it is deleted'),
          timezone: scheduleSchema.shape.timezone,
        }),
      ],
      { error: expected('"fleet" or { start, stop, timezone }') },
    )
    .optional()
    .describe('Hours in which there is an endpoint at all; default: always'),
});
export type GpuConfig = z.infer<typeof gpuSchema>;
