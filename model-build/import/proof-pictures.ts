import type { ImportShape } from './family';

/** Seeded pictures with edges, blocks and noise: they excite every channel, though they show nothing. */
export function proofPictures({ heightPx, widthPx }: ImportShape, count: number): Uint8Array[] {
  let state = 0x2545f491;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  return Array.from({ length: count }, () => {
    const pixels = new Uint8Array(heightPx * widthPx * 3);
    const slope = [next(), next(), next()].map((value) => value * 200);
    for (let index = 0; index < pixels.length; index++) {
      const x = (Math.floor(index / 3) % widthPx) / widthPx;
      pixels[index] = slope[index % 3]! * x + next() * 20;
    }
    for (let block = 0; block < 24; block++) {
      const [left, top] = [Math.floor(next() * widthPx), Math.floor(next() * heightPx)];
      const [width, height] = [8 + Math.floor(next() * 120), 8 + Math.floor(next() * 160)];
      const colour = [next() * 255, next() * 255, next() * 255];
      for (let y = top; y < Math.min(heightPx, top + height); y++) {
        for (let x = left; x < Math.min(widthPx, left + width); x++) {
          for (let channel = 0; channel < 3; channel++) {
            pixels[(y * widthPx + x) * 3 + channel] = colour[channel]! + next() * 12;
          }
        }
      }
    }
    return pixels;
  });
}
