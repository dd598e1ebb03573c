/** Rows of a table as lines: the first column to the left, the others, mostly numbers, to the right. */
export function alignedRows(rows: readonly (readonly string[])[]): string[] {
  const [head] = rows;
  if (!head) return [];
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!),
      )
      .join('  '),
  );
}

/** A number with what it counts: `1 event`, `3 events`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
