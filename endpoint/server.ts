import type { IncomingMessage } from 'node:http';
import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import type { RemotePictures, WorkerPool } from '../adapters/worker/pool';
import type { EndpointAnswer, EndpointProblem, PicturesAnswer } from '../core/endpoint-contract';
import { TierwatchError } from '../core/errors';
import type { VideoLimits } from '../core/limits';
import { Admission, EndpointBusyError, type Place } from './admission';
import { type BatchAnswer, type Batcher, RequestDroppedError } from './batcher';
import { MediaFolders } from './media-folders';
import type { Metrics } from './metrics';
import type { ServedModel } from './model';
import { cameraIn, EndpointRequestError, type TakenRequest, takeRequest } from './request';

export interface ServerDeps {
  readonly pool: Pick<WorkerPool, 'analyse' | 'analysePictures'>;
  readonly batcher: Batcher;
  readonly facts: ServedModel['facts'];
  readonly limits: VideoLimits;
  readonly metrics: Metrics;
  /** Requests that wait or are worked at most: past them 503. */
  readonly maxPending: number;
  readonly maxBodyBytes: number;
  readonly log: (line: Readonly<Record<string, unknown>>) => void;
}

/** What one request took, summed over its batches. */
interface Tally {
  startedMs: number | null;
  inferMs: number;
  batches: number[];
}

/** The model server in SageMaker's container contract: `/ping` and `/invocations`, and `/metrics`. */
export class EndpointServer {
  readonly app = new Hono<{ Bindings: HttpBindings }>();
  private readonly admission: Admission;
  private readonly folders = new MediaFolders();
  private isDraining = false;

  constructor(private readonly deps: ServerDeps) {
    this.admission = new Admission(deps.maxPending);
    this.app.get('/ping', (c) => (this.isDraining ? c.body(null, 503) : c.body(null, 200)));
    this.app.post('/invocations', (c) => this.invoke(c.env.incoming));
    this.app.get('/metrics', async (c) => {
      const { registry } = deps.metrics;
      return c.text(await registry.metrics(), 200, { 'content-type': registry.contentType });
    });
    this.app.notFound(() => problem(404, { code: 'endpoint-request', reason: 'no such path' }));
    this.app.onError((error) => this.failed(error));
  }

  /** Requests that wait or are worked. */
  get depth(): number {
    return this.admission.size;
  }

  /** New requests are refused from now on; those in hand are finished. */
  drain(): void {
    this.isDraining = true;
  }

  private async invoke(request: IncomingMessage): Promise<Response> {
    const place = this.isDraining ? null : this.admission.enter(cameraIn(request));
    if (!place) {
      return this.failed(
        new EndpointBusyError(this.isDraining ? 'this server is stopping' : 'the queue is full'),
      );
    }
    try {
      return await Promise.race([this.answer(request, place), place.lost]);
    } catch (error) {
      return this.failed(error);
    } finally {
      place.leave();
    }
  }

  private async answer(request: IncomingMessage, place: Place): Promise<Response> {
    const { metrics, maxBodyBytes, log } = this.deps;
    const receivedMs = performance.now();
    const taken = await takeRequest(request, { maxBytes: maxBodyBytes, folders: this.folders });
    const answer = await this.work(taken, { receivedMs, place }).finally(() => taken.discard());
    const { queueMs, decodeMs, inferMs, totalMs } = answer.timings;
    if (decodeMs > 0) metrics.stageMs.observe({ stage: 'decode' }, decodeMs);
    metrics.stageMs.observe({ stage: 'queue' }, queueMs);
    metrics.stageMs.observe({ stage: 'infer' }, inferMs);
    metrics.stageMs.observe({ stage: 'total' }, totalMs);
    metrics.answers.inc({ status: 200 });
    log({ message: 'answered', camera: taken.settings.camera, ...answer.timings });
    return Response.json(answer);
  }

  private async work(
    taken: TakenRequest,
    { receivedMs, place }: { readonly receivedMs: number; readonly place: Place },
  ): Promise<EndpointAnswer | PicturesAnswer> {
    const { pool, facts, limits } = this.deps;
    const { settings, files, kind } = taken;
    const deadlineAtMs = receivedMs + settings.deadlineMs;
    const tally: Tally = { startedMs: null, inferMs: 0, batches: [] };
    const { camera } = settings;
    const remote = {
      camera,
      infer: async (asked: RemotePictures) => {
        const answer = await this.deps.batcher.add({
          ...asked,
          camera,
          deadlineAtMs,
        });
        this.noteBatch(tally, answer, deadlineAtMs);
        return answer.detections;
      },
      isDropped: () => {
        if (place.isLost) return new EndpointBusyError('its place was given away');
        place.begin();
        tally.startedMs = performance.now();
        return tally.startedMs > deadlineAtMs ? new RequestDroppedError() : null;
      },
    };
    const shared = { modelFolder: '', remote: facts, settings: settings.settings, limits };
    const work = (decodeMs = 0) => ({
      schemaVersion: 1 as const,
      model: facts.model,
      modelSha256: facts.modelSha256,
      timings: {
        queueMs: (tally.startedMs ?? receivedMs) - receivedMs,
        decodeMs,
        totalMs: performance.now() - receivedMs,
        inferMs: tally.inferMs,
      },
      batches: { count: tally.batches.length, largest: Math.max(0, ...tally.batches) },
    });
    if (kind === 'pictures') {
      const { pictures } = await pool.analysePictures({ ...shared, files }, remote);
      return {
        ...work(),
        pictures: pictures.map(({ detections }) => ({ detections: [...detections] })),
      };
    }
    const { floor, range, startedAt, wantsSnapshots, packets } = settings;
    const given = { floor, range, startedAt, wantsSnapshots };
    const job = { ...shared, ...given, file: files[0]!, ...(packets ? { picked: packets } : {}) };
    const { analysis, presences, snapshots, video, cpuSeconds } = await pool.analyse(job, remote);
    return {
      ...work(cpuSeconds * 1000),
      analysis: { ...analysis, frames: [...analysis.frames] },
      presences: [...presences],
      snapshots: snapshots.map(({ className, zone, jpeg }) => ({
        className,
        zone,
        jpegBase64: Buffer.from(jpeg).toString('base64'),
      })),
      video,
      cpuSeconds,
    };
  }

  private noteBatch(
    tally: Tally,
    { inferMs, batchFrames }: BatchAnswer,
    deadlineAtMs: number,
  ): void {
    tally.inferMs += inferMs;
    tally.batches.push(...batchFrames);
    if (performance.now() > deadlineAtMs) this.deps.metrics.wastedMs.inc(inferMs);
  }

  /** Errors by whose fault they are; the caller is told no more than it may act on. */
  private failed(error: unknown): Response {
    const { metrics, log } = this.deps;
    const status = statusOf(error);
    metrics.answers.inc({ status });
    if (status === 503) metrics.shed.inc();
    else if (status >= 500) log({ message: 'failed', error: String(error) });
    if (!(error instanceof TierwatchError)) {
      return problem(status, { code: 'internal', reason: 'the server failed; see its log' });
    }
    // Where the media lay for a moment is nobody's business.
    const reason = error.message.replaceAll(
      /[^\s"]*tierwatch-endpoint-[^/\s"]+\/\d+(\.\w+)?/g,
      'media',
    );
    const headers = status === 503 ? { 'retry-after': '1' } : {};
    return problem(status, { code: error.code, reason }, headers);
  }
}

function statusOf(error: unknown): number {
  if (error instanceof EndpointRequestError) return error.status;
  if (error instanceof RequestDroppedError) return 504;
  if (error instanceof EndpointBusyError) return 503;
  if (!(error instanceof TierwatchError)) return 500;
  if (error.code === 'endpoint-deadline') return 504;
  return error.retryable ? 500 : 422;
}

function problem(
  status: number,
  body: EndpointProblem,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return Response.json(body, { status, headers });
}
