import type { Upload } from '../../core/upload';
import { apiUrl, problemFrom, unreachable } from './api';

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
