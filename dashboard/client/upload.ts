import type { Upload } from '../../core/upload';
import { apiUrl, problemFrom, unreachable } from './api';

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

/** Sends a file. @throws {ApiProblem} @param onProgress hears the part that is sent, 0–1 */
export function sendFile(
  file: File,
  {
    onProgress,
    signal,
  }: { readonly onProgress: (ratio: number) => void; readonly signal: AbortSignal },
): Promise<Upload> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', apiUrl('uploads', { name: file.name }));
    request.setRequestHeader('content-type', 'application/octet-stream');
    request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0);
    request.onload = () => {
      if (request.status === 201) resolve(JSON.parse(request.responseText) as Upload);
      else reject(problemFrom(request.status, request.responseText));
    };
    request.onerror = () => reject(unreachable());
    request.onabort = () => reject(signal.reason);
    signal.addEventListener('abort', () => request.abort(), { once: true });
    request.send(file);
  });
}
