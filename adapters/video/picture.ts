import type { Frame } from 'node-av/lib';
import type { Polygon } from '../../core/geometry';
import { blackOut, fillBeside, fitInto } from '../../core/letterbox';
import type { ModelInput, Picture } from '../../core/ports';
import type { Scaler } from './scaler';

/** A frame of FFmpeg's as core sees it; valid until the decoder is asked for the next. */
export class DecodedPicture implements Picture {
  constructor(
    private readonly frame: Frame,
    readonly atSeconds: number,
    private readonly size: { readonly widthPx: number; readonly heightPx: number },
    private readonly scaler: Scaler,
  ) {}

  luma(widthPx: number, heightPx: number): Uint8Array {
    const data = new Uint8Array(widthPx * heightPx);
    this.scaler.scale(this.frame, { widthPx, heightPx, channels: 1 }, data, widthPx);
    return data;
  }

  fitRgb(input: ModelInput, into: Uint8Array, privacyMasks: readonly Polygon[]): void {
    const fitted = fitInto(this.size, input);
    const strideBytes = input.widthPx * 3;
    fillBeside(into, fitted, input);
    this.scaler.scale(this.frame, { ...fitted, channels: 3 }, into, strideBytes);
    blackOut(into, { ...fitted, strideBytes }, privacyMasks);
  }

  rgb(maxWidthPx: number, privacyMasks: readonly Polygon[]) {
    const widthPx = Math.min(maxWidthPx, this.size.widthPx);
    const heightPx = Math.round((widthPx * this.size.heightPx) / this.size.widthPx);
    const data = new Uint8Array(widthPx * heightPx * 3);
    this.scaler.scale(this.frame, { widthPx, heightPx, channels: 3 }, data, widthPx * 3);
    blackOut(data, { widthPx, heightPx, strideBytes: widthPx * 3 }, privacyMasks);
    return { data, widthPx, heightPx };
  }
}
