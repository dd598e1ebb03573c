import * as z from 'zod';
import { expected, textOf } from '../text-schemas';
import { gpuSchema } from './gpu';
import { modelSchema } from './model';
import { warmSchema } from './warm';

/** The functions, their models, and the gpu lane. */
export const FUNCTION_KEYS = {
  image: textOf(
    /^[^\s:]+(:[\w.-]+)?(@sha256:[0-9a-f]{64})?$/,
    'the URI of an image, such as 123456789012.dkr.ecr.eu-central-1.amazonaws.com/tierwatch:v1',
  )
    .optional()
    .describe('URI of the functions’ image; default: built here and pushed by awsx'),
  architecture: z
    .enum(['x86_64', 'arm64'])
    .default('x86_64')
    .describe('Of the functions; arm64 has not been measured'),
  detectMemoryMb: z
    .number()
    .int()
    .min(512)
    .max(10_240)
    .default(1769)
    .describe('Of detect-cpu; 1769 MB is one vCPU (MB)'),
  detectBatchSize: z
    .number()
    .int()
    .min(1)
    .max(10)
    .default(5)
    .describe('Segments that detect-cpu takes at once'),
  detectMaxConcurrency: z
    .number()
    .int()
    .min(2)
    .max(1000)
    .default(50)
    .describe('Most detect-cpu functions at once, by the event source'),
  isConcurrencyReserved: z
    .boolean()
    .default(false)
    .describe(
      'Whether detectMaxConcurrency is taken out of the account’s for detect-cpu alone: no other function can starve it, nor it another',
    ),
  provisionedConcurrency: z
    .union([z.literal('none'), warmSchema], {
      error: expected('"none" or { min, max, targetRatio, schedules }'),
    })
    .optional()
    .describe(
      'Warm environments of detect-cpu; "none": cold starts; default: what the fleet’s schedules need in their busy hours',
    ),
  maxWarm: z
    .number()
    .int()
    .min(1)
    .max(1000)
    .default(5)
    .describe('Most environments that the fleet’s schedules keep warm'),
  model: modelSchema
    .optional()
    .describe(
      'Model that tiers call "default", of the functions and, without gpu.model, of the endpoint; default: the demo model in the images',
    ),
  gpu: gpuSchema
    .optional()
    .describe('The gpu lane’s endpoint; default: none, cameras of gpu tiers run on the cpu lane'),
  isPaused: z
    .boolean()
    .default(false)
    .describe('Intake stops; what lands waits in its queue, four days at most'),
  isTraced: z
    .boolean()
    .default(false)
    .describe(
      'Whether X-Ray traces the functions: the first request of a second and 5 % of the rest, a share that AWS lets nobody set',
    ),
};
