/** Unchanged lines shown around a change. */
const CONTEXT_LINES = 3;

/**
 * The one change between two texts, from the first line that differs to the last, as a unified diff has it.
 * @returns '' where nothing differs
 */
export function diffText(file: string, before: string, after: string): string {
  if (before === after) return '';
  const [a, b] = [linesOf(before), linesOf(after)];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let [endA, endB] = [a.length, b.length];
  while (endA > start && endB > start && a[endA - 1] === b[endB - 1]) {
    endA--;
    endB--;
  }
  const from = Math.max(0, start - CONTEXT_LINES);
  const behind = a.slice(endA, endA + CONTEXT_LINES);
  const span = (first: number, count: number): string => `${first + 1},${count}`;
  const lengthA = endA - from + behind.length;
  const lengthB = endB - from + behind.length;
  return [
    `--- ${file}`,
    `+++ ${file}`,
    `@@ -${span(from, lengthA)} +${span(from, lengthB)} @@`,
    ...a.slice(from, start).map((line) => ` ${line}`),
    ...a.slice(start, endA).map((line) => `-${line}`),
    ...b.slice(start, endB).map((line) => `+${line}`),
    ...behind.map((line) => ` ${line}`),
    '',
  ].join('\n');
}

function linesOf(text: string): string[] {
  return text.replace(/\n$/, '').split('\n');
}
