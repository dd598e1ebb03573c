/** As the api takes it: core/upload.ts has the same. */
export const UPLOAD_MAX_BYTES = 2 * 1024 ** 3;
export const UPLOAD_ENDINGS = ['mp4', 'm4v', 'mov', 'ts', 'mkv'] as const;

/** What the page can see of a file before it is sent; null: nothing speaks against it. */
export function fileProblem({
  name,
  size,
}: {
  readonly name: string;
  readonly size: number;
}): string | null {
  const ending = /\.([a-z0-9]+)$/i.exec(name)?.[1]?.toLowerCase() ?? '';
  if (!UPLOAD_ENDINGS.some((one) => one === ending)) {
    return `“${name}” is no video that Tierwatch reads: choose one that ends in ${UPLOAD_ENDINGS.map((one) => `.${one}`).join(', ')}.`;
  }
  if (size === 0) return `“${name}” is empty: choose another file.`;
  if (size > UPLOAD_MAX_BYTES) {
    const gigabytes = (size / 1024 ** 3).toFixed(1);
    return `“${name}” has ${gigabytes} GiB, and 2 GiB is the most that can be tried here: cut a piece of it.`;
  }
  return null;
}
