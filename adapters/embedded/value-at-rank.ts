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
