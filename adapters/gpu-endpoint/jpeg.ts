import type { EndpointSettings, PicturesAnswer } from '../../core/endpoint-contract';
import type {
  AnalysedSegment,
  ModelInput,
  PacketFloor,
  RawDetections,
  SegmentMessage,
} from '../../core/ports';
import { EndpointUnavailableError } from '../../core/spill';
import { rangeStartOf } from '../../core/work-segment';
import type { ModelBundle } from '../onnx/bundle';
import { WorkerDeadlineError } from '../worker/errors';
import type { RemoteModel } from '../worker/job';
import type { RemotePictures } from '../worker/pool';
import { partOf } from '../worker/pool-analyser';
import { loadSharp } from '../worker/sharp';
import type { EndpointAnalyserOptions } from './endpoint-analyser';
import { MAX_MEDIA_BYTES, requireModel } from './limits';

/** As the server takes in one request. */
const MAX_PICTURES = 64;
const JPEG_QUALITY = 80;
/** Least that the contract lets a request wait (ms). */
const LEAST_MS = 100;

/**
 * Analyses a message here, in a child of the pool, but for the inference: gates, masks and snapshots are the cpu lane's, and
 * the pictures that are left, scaled to the model's input and masked, go to the endpoint as JPEG.
 */
export async function analyseByJpeg(
  message: SegmentMessage,
  floor: PacketFloor | null,
  { endpoint, pool, pathOf, bundleOf, deadlineMs, limits }: EndpointAnalyserOptions,
): Promise<AnalysedSegment> {
  const startedMs = performance.now();
  const bundle = bundleOf(message.model);
  const { settings, camera } = message;
  let gpuMs = 0;
  // Through the child an error comes back without its class.
  let failure: unknown = null;
  let isAsking = false;

  const infer = async (pictures: RemotePictures): Promise<RawDetections[]> => {
    isAsking = true;
    try {
      const jpegs = await jpegsOf(pictures);
      const leftMs = Math.round(deadlineMs - (performance.now() - startedMs));
      if (leftMs < LEAST_MS) {
        throw new EndpointUnavailableError('slow', `${deadlineMs} ms were over before its turn`);
      }
      const given = { camera, startedAt: rangeStartOf(message), deadlineMs: leftMs };
      const answer = await endpoint.detect(jpegs, { ...pictureSettings(settings), ...given });
      requireModel(answer, bundle);
      gpuMs += answer.timings.inferMs;
      return rawOf(answer, pictures, bundle.manifest.classes);
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      isAsking = false;
    }
  };

  const job = {
    file: pathOf(message.objectKey),
    modelFolder: '',
    remote: remoteOf(bundle),
    settings,
    floor,
    range: partOf(message),
    startedAt: rangeStartOf(message),
    wantsSnapshots: true,
    ...(limits ? { limits } : {}),
  };
  const answer = await pool.analyse(job, { infer }).catch((error: unknown) => {
    if (!isAsking || !(error instanceof WorkerDeadlineError)) throw failure ?? error;
    throw new EndpointUnavailableError('slow', 'no answer before its child’s deadline', error);
  });
  return {
    ...answer,
    durationSeconds: answer.video.durationSeconds,
    wallSeconds: (performance.now() - startedMs) / 1000,
    gpuMs,
  };
}

/** The model as a child is told of it; what it hands over at once fits one request, however badly it compresses. */
function remoteOf({ manifest, sha256 }: Pick<ModelBundle, 'manifest' | 'sha256'>): RemoteModel {
  const { name, version, grade, classes, nms, files, letterbox } = manifest;
  const shapes = new Map<string, ModelInput>();
  for (const { heightPx, widthPx } of files) {
    shapes.set(`${heightPx}x${widthPx}`, { heightPx, widthPx, fill: letterbox.fill });
  }
  const inputs = [...shapes.values()];
  const bytes = Math.max(...inputs.map(bytesOf));
  const maxBatch = Math.max(1, Math.min(MAX_PICTURES, Math.floor(MAX_MEDIA_BYTES / bytes)));
  return {
    model: `${name}@${version}`,
    modelSha256: sha256,
    grade,
    classes,
    nms,
    maxBatch,
    inputs,
  };
}

function bytesOf({ heightPx, widthPx }: ModelInput): number {
  return heightPx * widthPx * 3;
}

/** Masked already, and filtered here where the whole picture is known. */
function pictureSettings(
  settings: SegmentMessage['settings'],
): Omit<EndpointSettings, 'camera' | 'startedAt' | 'deadlineMs'> {
  const { send: _, ...rest } = settings;
  const unfiltered = { classFilters: {}, zones: {}, masks: [], privacyMasks: [] };
  return {
    schemaVersion: 1,
    settings: { ...rest, ...unfiltered },
    floor: null,
    range: null,
    wantsSnapshots: false,
  };
}

async function jpegsOf({ count, input, copyPicture }: RemotePictures): Promise<Uint8Array[]> {
  const sharp = await loadSharp();
  const raw = { width: input.widthPx, height: input.heightPx, channels: 3 } as const;
  return Promise.all(
    Array.from({ length: count }, (_, index) => {
      const pixels = new Uint8Array(bytesOf(input));
      copyPicture(index, pixels);
      return sharp(pixels, { raw }).jpeg({ quality: JPEG_QUALITY }).toBuffer();
    }),
  );
}

/** Detections in 0–1 of the input become boxes in its pixels, as a session gives them. */
function rawOf(
  { pictures }: PicturesAnswer,
  { count, input }: RemotePictures,
  classes: readonly string[],
): RawDetections[] {
  if (pictures.length !== count) {
    const found = `200 of ${pictures.length} pictures, where ${count} were sent`;
    throw new EndpointUnavailableError('garbled', found);
  }
  const scale = [input.widthPx, input.heightPx, input.widthPx, input.heightPx];
  return pictures.map(({ detections }) => ({
    boxes: Float32Array.from(
      detections.flatMap(({ box }) => box.map((ratio, side) => ratio * scale[side]!)),
    ),
    confidences: Float32Array.from(detections.map(({ confidence }) => confidence)),
    classIndexes: Int32Array.from(detections.map(({ className }) => classes.indexOf(className))),
  }));
}
