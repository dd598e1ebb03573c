import { TierwatchError } from '../core/errors';
import type { ModelInput, RawDetections } from '../core/ports';
import { Turns } from '../core/turns';

/** Past its deadline nobody waits for a request: its frames are not inferred. */
export class RequestDroppedError extends TierwatchError {
  override readonly name = 'RequestDroppedError';
  constructor() {
    super('expected an answer before the request’s deadline, found none; the work was dropped', {
      code: 'endpoint-deadline',
      retryable: true,
    });
  }
}

export interface BatcherOptions {
  /** Frames a batch at most. */
  readonly maxBatch: number;
  /** How long the first frame of a batch waits for others (ms). */
  readonly waitMs: number;
  /** Runs one batch: pixels uint8 RGB [count, heightPx, widthPx, 3]. */
  readonly run: (
    pixels: Uint8Array,
    count: number,
    input: ModelInput,
  ) => Promise<readonly RawDetections[]>;
  /** Whether an error of `run` says that memory ran out: then smaller batches are tried. */
  readonly isOutOfMemory: (error: unknown) => boolean;
  /** Hears of every batch that was run. */
  readonly onBatch?: (batch: { readonly frames: number; readonly ms: number }) => void;
  /** Hears of every batch that failed for another reason than memory, and how many did in a row. */
  readonly onFailed?: (failure: { readonly error: unknown; readonly inARow: number }) => void;
}

/** Frames of one request, worked together or apart. */
export interface BatchRequest {
  /** The batcher is fair among cameras. */
  readonly camera: string;
  readonly count: number;
  /** One picture: uint8 RGB [heightPx, widthPx, 3]; asked once each, before the answer. */
  readonly copyPicture: (index: number, into: Uint8Array) => void;
  readonly input: ModelInput;
  /** `performance.now()` after which the answer is worthless. */
  readonly deadlineAtMs: number;
}

export interface BatchAnswer {
  readonly detections: readonly RawDetections[];
  /** This request's share of its batches (ms). */
  readonly inferMs: number;
  /** Frames of each batch that it travelled in. */
  readonly batchFrames: readonly number[];
}

interface Frame {
  readonly request: Waiting;
  readonly index: number;
}

interface Waiting {
  readonly given: BatchRequest;
  readonly answers: RawDetections[];
  missing: number;
  inferMs: number;
  readonly batchFrames: number[];
  readonly resolve: (answer: BatchAnswer) => void;
  readonly reject: (error: unknown) => void;
}

/** Frames of one input shape, by camera; cameras take turns. */
class Lane {
  private readonly waiting = new Turns<Frame>();
  /** One batch runs at a time: its pixels lie in the same memory each time. */
  private pixels = new Uint8Array(0);
  oldestMs = Number.POSITIVE_INFINITY;

  constructor(readonly input: ModelInput) {}

  get frames(): number {
    return this.waiting.size;
  }

  push(frame: Frame, nowMs: number): void {
    if (this.frames === 0) this.oldestMs = nowMs;
    this.waiting.push(frame.request.given.camera, frame);
  }

  /** The pixels of some frames, side by side, until the next call; a frame that can't be had harms no other. */
  gather(wanted: readonly Frame[]): { readonly frames: Frame[]; readonly pixels: Uint8Array } {
    const bytes = this.input.heightPx * this.input.widthPx * 3;
    if (this.pixels.length < wanted.length * bytes) {
      this.pixels = new Uint8Array(wanted.length * bytes);
    }
    const frames: Frame[] = [];
    for (const frame of wanted) {
      const place = frames.length;
      try {
        const target = this.pixels.subarray(place * bytes, (place + 1) * bytes);
        frame.request.given.copyPicture(frame.index, target);
        frames.push(frame);
      } catch (error) {
        frame.request.reject(error);
      }
    }
    return { frames, pixels: this.pixels.subarray(0, frames.length * bytes) };
  }

  /** One frame of each camera in turn, up to so many. */
  take(most: number): Frame[] {
    const taken: Frame[] = [];
    while (taken.length < most) {
      const frame = this.waiting.take();
      if (!frame) break;
      taken.push(frame);
    }
    // Those that stay have waited already: they go as soon as the engine is free.
    if (this.frames === 0) this.oldestMs = Number.POSITIVE_INFINITY;
    return taken;
  }
}

/**
 * One dynamic batcher across requests: frames that wait at the same time share a batch, cameras take turns,
 * the first frame waits no longer than `waitMs`. While one batch is inferred the next one fills up.
 */
export class Batcher {
  private readonly lanes = new Map<string, Lane>();
  private isRunning = false;
  private timer: NodeJS.Timeout | null = null;
  /** Halved when memory runs out. */
  private largest: number;
  private failedInARow = 0;

  constructor(private readonly options: BatcherOptions) {
    this.largest = options.maxBatch;
  }

  /** Frames that wait. */
  get depth(): number {
    return [...this.lanes.values()].reduce((sum, { frames }) => sum + frames, 0);
  }

  get maxBatch(): number {
    return this.largest;
  }

  /** @throws {RequestDroppedError} and what `run` throws */
  add(given: BatchRequest): Promise<BatchAnswer> {
    return new Promise((resolve, reject) => {
      const { count, input } = given;
      const shape = `${input.heightPx}x${input.widthPx}`;
      const lane = this.lanes.get(shape) ?? new Lane(input);
      this.lanes.set(shape, lane);
      const request: Waiting = {
        given,
        answers: [],
        missing: count,
        inferMs: 0,
        batchFrames: [],
        resolve,
        reject,
      };
      const nowMs = performance.now();
      for (let index = 0; index < count; index++) lane.push({ request, index }, nowMs);
      this.pump();
    });
  }

  /** Runs the batch that is due; where none is, looks again when one will be. */
  private pump(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    if (this.isRunning) return;
    const nowMs = performance.now();
    const lanes = [...this.lanes.values()].filter(({ frames }) => frames > 0);
    const [oldest] = lanes.sort((a, b) => a.oldestMs - b.oldestMs);
    if (!oldest) return;
    const isDue = (lane: Lane): boolean =>
      lane.frames >= this.largest || nowMs - lane.oldestMs >= this.options.waitMs;
    const due = lanes.find(isDue);
    if (due) void this.runNext(due);
    else {
      const inMs = oldest.oldestMs + this.options.waitMs - nowMs;
      this.timer = setTimeout(() => this.pump(), Math.max(0, inMs));
    }
  }

  private async runNext(lane: Lane): Promise<void> {
    this.isRunning = true;
    try {
      await this.runFrames(lane.take(this.largest), lane);
    } finally {
      this.isRunning = false;
      this.pump();
    }
  }

  private async runFrames(taken: readonly Frame[], lane: Lane): Promise<void> {
    const nowMs = performance.now();
    const inTime = taken.filter(({ request }) => {
      const isLate = request.given.deadlineAtMs < nowMs;
      if (isLate) request.reject(new RequestDroppedError());
      return !isLate;
    });
    const { frames, pixels } = lane.gather(inTime);
    if (frames.length === 0) return;
    try {
      const startedMs = performance.now();
      const found = await this.options.run(pixels, frames.length, lane.input);
      const ms = performance.now() - startedMs;
      this.failedInARow = 0;
      this.options.onBatch?.({ frames: frames.length, ms });
      for (const request of new Set(frames.map((frame) => frame.request))) {
        request.batchFrames.push(frames.length);
      }
      for (const [place, frame] of frames.entries()) {
        settle(frame, copied(found[place]!), ms / frames.length);
      }
    } catch (error) {
      if (!this.options.isOutOfMemory(error) || frames.length === 1) {
        this.failedInARow++;
        this.options.onFailed?.({ error, inARow: this.failedInARow });
        for (const { request } of frames) request.reject(error);
        return;
      }
      const half = Math.ceil(frames.length / 2);
      this.largest = Math.min(this.largest, half);
      await this.runFrames(frames.slice(0, half), lane);
      await this.runFrames(frames.slice(half), lane);
    }
  }
}

/** A view into the batch's tensors would keep all of them alive. */
function copied({ boxes, confidences, classIndexes }: RawDetections): RawDetections {
  return {
    boxes: boxes.slice(),
    confidences: confidences.slice(),
    classIndexes: classIndexes.slice(),
  };
}

function settle({ request, index }: Frame, found: RawDetections, shareMs: number): void {
  request.answers[index] = found;
  request.inferMs += shareMs;
  request.missing--;
  if (request.missing > 0) return;
  const { answers, inferMs, batchFrames } = request;
  request.resolve({ detections: answers, inferMs, batchFrames });
}
