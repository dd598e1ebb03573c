import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fillBeside, fitInto } from '../../core/letterbox';

const size = fc.record({
  widthPx: fc.integer({ min: 1, max: 40 }),
  heightPx: fc.integer({ min: 1, max: 40 }),
});

it('fills what a fitted picture leaves of the input, and not a byte of the picture', () => {
  fc.assert(
    fc.property(size, size, (picture, input) => {
      const fitted = fitInto(picture, input);
      const [PICTURE, FILL] = [7, 114];
      const pixels = new Uint8Array(input.widthPx * input.heightPx * 3).fill(PICTURE);
      fillBeside(pixels, fitted, { ...input, fill: FILL });
      const expected = pixels.map((_, index) => {
        const [x, y] = [
          Math.floor(index / 3) % input.widthPx,
          Math.floor(index / 3 / input.widthPx),
        ];
        return x < fitted.widthPx && y < fitted.heightPx ? PICTURE : FILL;
      });
      expect(pixels).toEqual(expected);
    }),
  );
});
