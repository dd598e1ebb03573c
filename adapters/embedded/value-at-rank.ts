/**
 * The value that stands at a rank when all are in order, without putting all in order.
 * @param values changed in their order
 * @param rank from 1
 */
export function valueAtRank(values: Float64Array, rank: number): number {
  const wanted = rank - 1;
  let [low, high] = [0, values.length - 1];
  while (low < high) {
    const middle = values[(low + high) >> 1]!;
    let [left, right] = [low, high];
    while (left <= right) {
      while (values[left]! < middle) left++;
      while (values[right]! > middle) right--;
      if (left <= right) {
        const swapped = values[left]!;
        values[left++] = values[right]!;
        values[right--] = swapped;
      }
    }
    if (wanted <= right) high = right;
    else if (wanted >= left) low = left;
    else break;
  }
  return values[wanted] ?? Number.NaN;
}

/** Numbers that come in parts, in one piece of memory that grows. */
export class NumberList {
  private room = new Float64Array(1024);
  private length = 0;

  add(values: readonly number[]): void {
    this.reserve(values.length);
    this.room.set(values, this.length);
    this.length += values.length;
  }

  /** @param bytes 8 a number, as this machine has them */
  addBytes(bytes: Uint8Array): void {
    const count = bytes.length / Float64Array.BYTES_PER_ELEMENT;
    this.reserve(count);
    new Uint8Array(this.room.buffer).set(bytes, this.length * Float64Array.BYTES_PER_ELEMENT);
    this.length += count;
  }

  /** They are the list's own. */
  values(): Float64Array {
    return this.room.subarray(0, this.length);
  }

  private reserve(count: number): void {
    if (this.length + count <= this.room.length) return;
    const larger = new Float64Array(2 * (this.length + count));
    larger.set(this.values());
    this.room = larger;
  }
}
