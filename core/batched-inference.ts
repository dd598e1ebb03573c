import type { AnalysisSettings } from './camera-settings';
import type { Detection } from './detection';
import { toDetections } from './detector-output';
import { filterDetections } from './filter-detections';
import type { Detector, ModelInput, Picture, VideoFacts } from './ports';

/**
 * Gathers a segment's pictures in the model's input, `detector.maxBatch` at a time. While one batch is inferred the next
 * is decoded: where another process infers, neither waits for the other.
 */
export class BatchedInference {
  private readonly input: ModelInput;
  private readonly frameBytes: number;
  private readonly answers: (readonly Detection[])[] = [];
  /** What is gathered lies in the first; what is inferred meanwhile in the other. */
  private readonly memory: [Uint8Array | null, Uint8Array | null] = [null, null];
  private gathered = 0;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly detector: Detector,
    private readonly settings: AnalysisSettings,
    private readonly picture: Pick<VideoFacts, 'widthPx' | 'heightPx'>,
  ) {
    this.input = detector.inputFor(picture.widthPx, picture.heightPx, settings.inputSize);
    this.frameBytes = this.input.widthPx * this.input.heightPx * 3;
  }

  /** Takes a picture over, whose own memory is free again. @throws what the detector throws, maybe for the batch before */
  async add(picture: Picture): Promise<void> {
    this.memory[0] ??= new Uint8Array(this.frameBytes * this.detector.maxBatch);
    const start = this.gathered * this.frameBytes;
    const place = this.memory[0].subarray(start, start + this.frameBytes);
    picture.fitRgb(this.input, place, this.settings.privacyMasks);
    this.gathered++;
    if (this.gathered === this.detector.maxBatch) await this.start();
  }

  /** @returns the detections of each picture, in the order in which they were added */
  async finish(): Promise<readonly (readonly Detection[])[]> {
    if (this.gathered > 0) await this.start();
    await this.running;
    return this.answers;
  }

  /** Begins the batch that is gathered, once the one before is answered. */
  private async start(): Promise<void> {
    await this.running;
    const count = this.gathered;
    this.gathered = 0;
    this.memory.reverse();
    this.running = this.infer(this.memory[1]!.subarray(0, count * this.frameBytes), count);
    // Whoever awaits it meets the error; until then it is not an unhandled one.
    this.running.catch(() => {});
  }

  private async infer(pixels: Uint8Array, count: number): Promise<void> {
    const { detector, settings, picture, input } = this;
    for (const boxes of await detector.infer(pixels, count, input)) {
      const detections = toDetections(boxes, {
        classes: detector.classes,
        input,
        pictureWidthPx: picture.widthPx,
        pictureHeightPx: picture.heightPx,
        minConfidence: settings.minConfidence,
        nms: detector.nms,
      });
      this.answers.push(filterDetections(detections, settings, picture));
    }
  }
}
