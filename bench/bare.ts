import type { OnnxDetector } from '../adapters/onnx/onnx-detector';
import { Demuxer, ticksOf } from '../adapters/video/demuxer';
import { FrameDecoder } from '../adapters/video/frame-decoder';
import { Scaler } from '../adapters/video/scaler';
import { fitInto } from '../core/letterbox';
import { DEFAULT_LIMITS } from '../core/limits';
import type { ModelInput } from '../core/ports';

function openBare(file: string, input: ModelInput) {
  const demuxer = Demuxer.open(file, DEFAULT_LIMITS);
  const { width: widthPx, height: heightPx } = demuxer.stream.codecpar;
  return {
    demuxer,
    decoder: new FrameDecoder(demuxer.stream, { skipsLoopFilter: false }),
    scaler: new Scaler(0),
    fitted: { ...fitInto({ widthPx, heightPx }, input), channels: 3 as const },
  };
}

/** The customer's way: decode every frame, infer each second one by one, at a square input. */
export async function todaysWay(
  file: string,
  detector: OnnxDetector,
  input: ModelInput,
): Promise<{ framesDecoded: number; framesInferred: number }> {
  const { demuxer, decoder, scaler, fitted } = openBare(file, input);
  const pixels = new Uint8Array(input.heightPx * input.widthPx * 3).fill(input.fill);
  let nextSeconds = Number.NEGATIVE_INFINITY;
  let framesInferred = 0;
  const drain = async (): Promise<void> => {
    while (decoder.receive()) {
      const atSeconds = Number(decoder.frame.pts) * demuxer.timeBaseSeconds;
      if (atSeconds < nextSeconds) continue;
      nextSeconds = Math.floor(atSeconds + 1e-4) + 1 - 1e-4;
      scaler.scale(decoder.frame, fitted, pixels, input.widthPx * 3);
      await detector.infer(pixels, 1, input);
      framesInferred++;
    }
  };
  for (let packet = demuxer.next(); packet !== null; packet = demuxer.next()) {
    decoder.send(packet);
    await drain();
  }
  decoder.send(null);
  await drain();
  const { framesDecoded } = decoder;
  decoder.close();
  scaler.close();
  demuxer.close();
  return { framesDecoded, framesInferred };
}

/** The limit for keyframe-only work: bare demux, decode of the named times and `session.run`, nothing else. */
export async function bareKeyframes(
  file: string,
  wanted: ReadonlySet<bigint>,
  detector: OnnxDetector,
  input: ModelInput,
): Promise<number> {
  const { demuxer, decoder, scaler, fitted } = openBare(file, input);
  const frameBytes = input.heightPx * input.widthPx * 3;
  const pixels = new Uint8Array(frameBytes * detector.maxBatch).fill(input.fill);
  let waiting = 0;
  for (let packet = demuxer.next(); packet !== null; packet = demuxer.next()) {
    if (!packet.isKeyframe || !wanted.has(ticksOf(packet))) continue;
    if (!decoder.decodeAlone(packet)) continue;
    scaler.scale(decoder.frame, fitted, pixels.subarray(waiting * frameBytes), input.widthPx * 3);
    if (++waiting < detector.maxBatch) continue;
    await detector.infer(pixels, waiting, input);
    waiting = 0;
  }
  if (waiting > 0) await detector.infer(pixels.subarray(0, waiting * frameBytes), waiting, input);
  const { framesDecoded } = decoder;
  decoder.close();
  scaler.close();
  demuxer.close();
  return framesDecoded;
}
