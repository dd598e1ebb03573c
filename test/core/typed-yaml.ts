import fc from 'fast-check';
import { stringify } from 'yaml';

export const FLEET_TEXT = `# the mall
sites: { north: { timezone: Europe/Berlin, defaults: { tier: steady } } }
notify: { ops: { stdout: true } }
cameras:
  north/door:
    tier: low # at the back
    zones: { door: [[0.1, 0.2], [0.4, 0.2], [0.4, 0.9]] }
    alerts:
      - { name: night, classes: [person], between: "22:00-06:00", notify: ops }
      - name: day
        classes: [car]
        minConfidence: .5
        notify: ops
  "north/yard": { tier: 'high' }
  north/gate: {}
`;

/** Pieces that mean something to YAML. */
const PIECES = [
  ...'{}[],:#&*!|>%@`"\'?-~.\\\t\r\n 01_+=',
  ...['\n  ', ': ', ' #', '- ', '---\n', '...\n', '<<: ', '!!str ', '&a ', '*a', '\r\n', '? '],
  ...['null', 'Null', 'true', 'TRUE', 'yes', '0o17', '0x1F', '010', '1_000', '1e3', '-.inf'],
  ...['.NaN', '2026-01-01', '12:30:45', '0b1', '-0', '__proto__', '\uFEFF', '\u2028', '\u0007'],
];

/** What somebody types on the way from one text to another: pieces put in and characters taken out. */
function edited(texts: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const edit = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    taken: fc.nat(3),
    put: fc.constantFrom('', ...PIECES),
  });
  return fc.tuple(texts, fc.array(edit, { maxLength: 3 })).map(([text, edits]) =>
    edits.reduce((now, { at, taken, put }) => {
      const from = Math.floor(at * now.length);
      return now.slice(0, from) + put + now.slice(from + taken);
    }, text),
  );
}

const values = fc
  .tuple(fc.jsonValue({ maxDepth: 4 }), fc.constantFrom(0, 40, 80))
  .map(([value, lineWidth]) => stringify(value, { lineWidth }));
const pieces = fc
  .array(fc.constantFrom(...PIECES, 'a', 'b: 1\n', 'tier', 'x/y'), { maxLength: 12 })
  .map((all) => all.join(''));

/** Fleet files in which up to three words lack their last letter. */
export const typedFleets: fc.Arbitrary<string> = fc
  .array(fc.nat([...FLEET_TEXT.matchAll(/\w+/g)].length - 1), { maxLength: 3 })
  .map((short) => {
    let word = 0;
    return FLEET_TEXT.replace(/\w+/g, (one) => (short.includes(word++) ? one.slice(0, -1) : one));
  });
/** Any YAML, and what is nearly YAML. */
export const typedTexts: fc.Arbitrary<string> = edited(
  fc.oneof(fc.constant(FLEET_TEXT), values, pieces),
);
