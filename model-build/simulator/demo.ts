import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatSegmentKey } from '../../core/segment-key';
import { type Clip, car, DAY, DUSK, framesOf, OVERCAST, person, truthOf } from './clips';
import { encodeFrames } from './encode';

interface DemoCamera {
  readonly camera: string;
  readonly startedAt: string;
  readonly clip: Clip;
}

const PICTURE = { widthPx: 640, heightPx: 360, fps: 10 } as const;
const SEGMENT_SECONDS = 60;

/** Three cameras of a depot on one morning and evening, two minutes each. */
export const DEMO_CAMERAS: readonly DemoCamera[] = [
  {
    camera: 'harbour-depot/lobby',
    startedAt: '2026-11-02T08:00:00.000Z',
    clip: {
      ...PICTURE,
      place: 'lobby',
      seed: 41,
      seconds: 120,
      clutter: 5,
      lightAt: DAY,
      actors: [
        person(3, 0.72, [
          { atSeconds: 12, x: -0.1, y: 0.9 },
          { atSeconds: 20, x: 0.5, y: 0.86 },
          { atSeconds: 29, x: 1.1, y: 0.92 },
        ]),
        person(8, 0.72, [
          { atSeconds: 66, x: 1.1, y: 0.82 },
          { atSeconds: 74, x: 0.45, y: 0.8 },
          { atSeconds: 86, x: 0.45, y: 0.8 },
          { atSeconds: 94, x: -0.1, y: 0.88 },
        ]),
      ],
    },
  },
  {
    camera: 'harbour-depot/car-park',
    startedAt: '2026-11-02T08:00:00.000Z',
    clip: {
      ...PICTURE,
      place: 'car-park',
      seed: 57,
      seconds: 120,
      clutter: 4,
      lightAt: OVERCAST,
      actors: [
        car(5, 0.8, [
          { atSeconds: 15, x: -0.4, y: 0.78 },
          { atSeconds: 21, x: 0.38, y: 0.76 },
          { atSeconds: 120, x: 0.38, y: 0.76 },
        ]),
        person(14, 0.62, [
          { atSeconds: 40, x: 1.08, y: 0.9 },
          { atSeconds: 54, x: -0.1, y: 0.94 },
        ]),
        person(22, 0.62, [
          { atSeconds: 90, x: -0.08, y: 0.93 },
          { atSeconds: 104, x: 1.08, y: 0.9 },
        ]),
      ],
    },
  },
  {
    camera: 'harbour-depot/street',
    startedAt: '2026-11-02T17:30:00.000Z',
    clip: {
      ...PICTURE,
      place: 'street',
      seed: 73,
      seconds: 120,
      clutter: 3,
      lightAt: DUSK,
      actors: [
        car(31, 0.85, [
          { atSeconds: 22, x: -0.4, y: 0.72 },
          { atSeconds: 28, x: 1.4, y: 0.72 },
        ]),
        person(27, 0.66, [
          { atSeconds: 70, x: -0.08, y: 0.93 },
          { atSeconds: 86, x: 1.08, y: 0.9 },
        ]),
      ],
    },
  },
];

/** Draws the demo fleet's footage below `out/footage` and what is in it to `out/truth.json`. */
export async function writeDemo(out: string, onSegment: (key: string) => void): Promise<void> {
  const truth: Record<string, object> = {};
  for (const { camera, startedAt, clip } of DEMO_CAMERAS) {
    truth[camera] = { startedAt, events: truthOf(clip) };
    const frames = framesOf(clip);
    const framesASegment = SEGMENT_SECONDS * clip.fps;
    for (let index = 0; index < clip.seconds / SEGMENT_SECONDS; index++) {
      const start = new Date(Date.parse(startedAt) + index * SEGMENT_SECONDS * 1000).toISOString();
      const key = formatSegmentKey({
        camera,
        startedAt: start,
        seconds: SEGMENT_SECONDS,
        extension: 'mp4',
      });
      await encodeFrames(take(frames, framesASegment), {
        ...PICTURE,
        file: join(out, 'footage', key),
        keyframeInterval: clip.fps,
        rate: { crf: 30 },
      });
      onSegment(key);
    }
  }
  mkdirSync(out, { recursive: true });
  const file = join(out, 'truth.json');
  writeFileSync(`${file}.part`, `${JSON.stringify(truth, null, 2)}\n`);
  renameSync(`${file}.part`, file);
}

async function* take(
  frames: AsyncGenerator<Uint8Array>,
  count: number,
): AsyncGenerator<Uint8Array> {
  for (let taken = 0; taken < count; taken++) {
    const { value, done } = await frames.next();
    if (done) return;
    yield value;
  }
}
