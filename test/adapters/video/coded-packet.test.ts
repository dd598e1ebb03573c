import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  FileWindow,
  inspectUnits,
  type PacketFraming,
  unitsInFile,
  unitsOf,
} from '../../../adapters/video/coded-packet';

const H264: PacketFraming = { codec: 'h264', lengthBytes: 4 };
/** First bytes of H.264 units: a slice that others refer to, one that nobody refers to, SEI, filler. */
const [SLICE, DISPOSABLE_SLICE, SEI, FILLER] = [0x41, 0x01, 0x06, 0x0c];

function packetOf(units: readonly (readonly number[])[], lengthBytes = 4): Buffer {
  return Buffer.concat(
    units.map((bytes) => {
      const length = Buffer.alloc(lengthBytes);
      length.writeUIntBE(bytes.length, 0, lengthBytes);
      return Buffer.concat([length, Buffer.from(bytes)]);
    }),
  );
}

describe('what the units of a packet say', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tierwatch-units-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** The packet's units as they are read from a file that holds other bytes before and after it. */
  function inFile(packet: Buffer, lengthBytes: number): { header: number; size: number }[] {
    const file = join(folder, 'packet');
    const before = Buffer.alloc(13, 0xff);
    writeFileSync(file, Buffer.concat([before, packet, Buffer.from([0, 0, 0, 1, SLICE])]));
    const fd = openSync(file, 'r');
    try {
      return [
        ...unitsInFile(new FileWindow(fd), { position: 13, bytes: packet.length }, lengthBytes),
      ];
    } finally {
      closeSync(fd);
    }
  }

  it('counts the bytes without filler, its length included', () => {
    const packet = packetOf([
      [SEI, 1, 2],
      [SLICE, 3, 4, 5],
      [FILLER, ...Array(100).fill(255)],
    ]);
    expect(inspectUnits(unitsOf(packet, H264), packet.length, H264)).toEqual({
      bytes: 4 + 3 + 4 + 4,
      isDisposable: false,
    });
  });

  it('calls a packet disposable whose slices nobody refers to', () => {
    const factsOf = (units: number[][]) =>
      inspectUnits(unitsOf(packetOf(units), H264), 0, H264).isDisposable;
    expect(
      factsOf([
        [SEI, 1],
        [DISPOSABLE_SLICE, 2],
      ]),
    ).toBe(true);
    expect(
      factsOf([
        [DISPOSABLE_SLICE, 2],
        [SLICE, 3],
      ]),
    ).toBe(false);
    expect(factsOf([[SEI, 1]])).toBe(false);
  });

  it('finds the same units where the packet lies in its file, whatever the lengths claim', () => {
    const unit = fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 1, maxLength: 40 });
    const units = fc.array(unit, { maxLength: 6 });
    const lengthBytes = fc.constantFrom(1, 2, 4);
    const damage = fc.record({ at: fc.nat({ max: 260 }), byte: fc.integer({ min: 0, max: 255 }) });
    fc.assert(
      fc.property(units, lengthBytes, fc.option(damage), (written, length, spoiled) => {
        const packet = packetOf(written, length);
        if (spoiled && spoiled.at < packet.length) packet[spoiled.at] = spoiled.byte;
        const found = [...unitsOf(packet, { codec: 'h264', lengthBytes: length })];
        expect(inFile(packet, length)).toEqual(found);
        if (!spoiled) expect(found.map(({ size }) => size)).toEqual(written.map((u) => u.length));
      }),
    );
  });
});
