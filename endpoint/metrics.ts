import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** What operations sees of one server, in Prometheus' text form. */
export function createMetrics({
  queueDepth,
  gpuMemoryBytes,
}: {
  readonly queueDepth: () => number;
  /** Absent where there is no GPU. */
  readonly gpuMemoryBytes?: () => Promise<number>;
}) {
  const registers = [new Registry()];
  const buckets = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000];
  new Gauge({
    name: 'tierwatch_endpoint_queue_depth',
    help: 'Requests that wait or are worked',
    registers,
    collect() {
      this.set(queueDepth());
    },
  });
  new Gauge({
    name: 'tierwatch_endpoint_memory_bytes',
    help: 'Resident memory of the server, its decoders not counted',
    registers,
    collect() {
      this.set(process.memoryUsage.rss());
    },
  });
  if (gpuMemoryBytes) {
    new Gauge({
      name: 'tierwatch_endpoint_gpu_memory_bytes',
      help: 'Memory in use on the GPU; absent where there is none',
      registers,
      async collect() {
        // A driver that does not answer costs one number, not the others.
        this.set(await gpuMemoryBytes().catch(() => Number.NaN));
      },
    });
  }
  return {
    registry: registers[0]!,
    batchFrames: new Histogram({
      name: 'tierwatch_endpoint_batch_frames',
      help: 'Frames a batch',
      buckets: [1, 2, 4, 8, 16, 32, 64],
      registers,
    }),
    stageMs: new Histogram({
      name: 'tierwatch_endpoint_stage_milliseconds',
      help: 'Time of a request by stage: queue, decode (CPU), infer, total (ms)',
      labelNames: ['stage'],
      buckets,
      registers,
    }),
    answers: new Counter({
      name: 'tierwatch_endpoint_answers_total',
      help: 'Answers by status code',
      labelNames: ['status'],
      registers,
    }),
    shed: new Counter({
      name: 'tierwatch_endpoint_shed_total',
      help: 'Requests refused because the queue was full',
      registers,
    }),
    wastedMs: new Counter({
      name: 'tierwatch_endpoint_wasted_milliseconds_total',
      help: 'Inference for requests that nobody waited for any more (ms)',
      registers,
    }),
  };
}
export type Metrics = ReturnType<typeof createMetrics>;
