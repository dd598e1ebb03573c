import {
  AV_PIX_FMT_GRAY8,
  AV_PIX_FMT_RGB24,
  AV_PIX_FMT_YUV420P,
  AV_PIX_FMT_YUV422P,
  AV_PIX_FMT_YUVJ420P,
  AV_PIX_FMT_YUVJ422P,
  AVCOL_RANGE_JPEG,
  type AVPixelFormat,
  SWS_AREA,
  SWS_BILINEAR,
} from 'node-av/constants';
import { Frame, SoftwareScaleContext } from 'node-av/lib';

export type Rotation = 0 | 90 | 180 | 270;

interface Target {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly channels: 1 | 3;
}

/** A scaler of one pair of sizes, and the frame that it writes to. */
interface Scaling {
  readonly context: SoftwareScaleContext;
  readonly out: Frame;
  /** The memory of `out`. */
  readonly rows: Buffer;
  readonly rowStrideBytes: number;
}

/**
 * Scales decoded frames straight to the size that is needed, in the decoder's own colour layout.
 * One context a pair of sizes, kept for the life of the segment.
 */
export class Scaler {
  private readonly scalings = new Map<string, Scaling>();

  constructor(private readonly rotation: Rotation) {}

  /**
   * Writes the frame, upright, into the top left of `into` (rows of `strideBytes`).
   * `target` is the size as shown, after rotation.
   */
  scale(frame: Frame, target: Target, into: Uint8Array, strideBytes: number): void {
    if (this.rotation === 0) {
      this.run(frame, target, into, strideBytes);
      return;
    }
    const isTurned = this.rotation !== 180;
    const lying = isTurned
      ? { ...target, widthPx: target.heightPx, heightPx: target.widthPx }
      : target;
    const flat = new Uint8Array(lying.widthPx * lying.heightPx * target.channels);
    this.run(frame, lying, flat, lying.widthPx * target.channels);
    rotate(flat, lying, this.rotation, into, strideBytes);
  }

  /**
   * From frame to frame inside FFmpeg: planes handed through JavaScript count as its memory, and their half
   * megabyte a frame made it collect all its garbage once a minute of footage.
   */
  private run(frame: Frame, target: Target, into: Uint8Array, strideBytes: number): void {
    const { context, out, rows, rowStrideBytes } = this.scalingFor(frame, target);
    const code = context.scaleFrameSync(out, frame);
    if (code < 0) throw new Error(`a decoded frame that can't be scaled (FFmpeg code ${code})`);
    copyRows(rows, rowStrideBytes, target, into, strideBytes);
  }

  private scalingFor(frame: Frame, { widthPx, heightPx, channels }: Target): Scaling {
    const format = fullRangeFormat(frame);
    const key = `${frame.width}x${frame.height}:${format}:${widthPx}x${heightPx}:${channels}`;
    const known = this.scalings.get(key);
    if (known) return known;
    const context = new SoftwareScaleContext();
    const [to, flags] =
      channels === 1 ? [AV_PIX_FMT_GRAY8, SWS_AREA] : [AV_PIX_FMT_RGB24, SWS_BILINEAR];
    context.getContext(frame.width, frame.height, format, widthPx, heightPx, to, flags);
    const out = new Frame();
    out.alloc();
    Object.assign(out, { width: widthPx, height: heightPx, format: to });
    out.allocBuffer();
    const rows = out.data?.[0];
    if (!rows) throw new Error(`expected memory for ${widthPx}x${heightPx} pixels, found none`);
    const scaling = { context, out, rows, rowStrideBytes: out.linesize[0]! };
    this.scalings.set(key, scaling);
    return scaling;
  }

  close(): void {
    for (const { context, out } of this.scalings.values()) {
      context.freeContext();
      out.free();
    }
    this.scalings.clear();
  }
}

/** From FFmpeg's padded rows to the caller's. */
function copyRows(
  rows: Buffer,
  fromStrideBytes: number,
  { widthPx, heightPx, channels }: Target,
  into: Uint8Array,
  strideBytes: number,
): void {
  const rowBytes = widthPx * channels;
  if (rowBytes === strideBytes && rowBytes === fromStrideBytes) {
    rows.copy(into, 0, 0, heightPx * rowBytes);
    return;
  }
  for (let y = 0; y < heightPx; y++) {
    const start = y * fromStrideBytes;
    rows.copy(into, y * strideBytes, start, start + rowBytes);
  }
}

/** Full-range colour is told to the scaler by the pixel format's J variant. */
function fullRangeFormat(frame: Frame): AVPixelFormat {
  const format = frame.format as AVPixelFormat;
  if (frame.colorRange !== AVCOL_RANGE_JPEG) return format;
  if (format === AV_PIX_FMT_YUV420P) return AV_PIX_FMT_YUVJ420P;
  return format === AV_PIX_FMT_YUV422P ? AV_PIX_FMT_YUVJ422P : format;
}

/** Turns rows of pixels counter-clockwise by 90, 180 or 270 degrees. */
function rotate(
  flat: Uint8Array,
  { widthPx, heightPx, channels }: Target,
  rotation: Rotation,
  into: Uint8Array,
  strideBytes: number,
): void {
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++) {
      const [toX, toY] =
        rotation === 90
          ? [y, widthPx - 1 - x]
          : rotation === 180
            ? [widthPx - 1 - x, heightPx - 1 - y]
            : [heightPx - 1 - y, x];
      const from = (y * widthPx + x) * channels;
      const to = toY * strideBytes + toX * channels;
      for (let channel = 0; channel < channels; channel++)
        into[to + channel] = flat[from + channel]!;
    }
  }
}
