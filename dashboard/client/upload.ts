import type { Upload } from '../../core/upload';
import type { UploadForm } from './answers';
import { ApiProblem, apiUrl, ask, listeners, problemFrom, unreachable } from './api';

interface Sending {
  /** Hears the part that is sent, 0–1. */
  readonly onProgress: (ratio: number) => void;
  readonly signal: AbortSignal;
}

/** Sends a file to the api. @throws {ApiProblem} */
export async function sendFile(file: File, sending: Sending): Promise<Upload> {
  const { status, text } = await post(apiUrl('uploads', { name: file.name }), file, sending);
  if (status === 401) listeners.onSignedOut();
  if (status !== 201) throw problemFrom(status, text);
  return JSON.parse(text) as Upload;
}

/** Puts a file straight into the footage bucket, by a form that the api makes. @throws {ApiProblem} */
export async function sendByForm(file: File, sending: Sending): Promise<UploadForm> {
  const durationSeconds = await durationOf(file);
  const form = await ask<UploadForm>('uploads/presign', {
    body: { name: file.name, bytes: file.size, durationSeconds },
    signal: sending.signal,
  });
  const body = new FormData();
  for (const [name, value] of Object.entries(form.fields)) body.append(name, value);
  body.append('file', file);
  const { status, text } = await post(form.url, body, sending);
  if (status < 200 || status >= 300) throw bucketProblem(status, text);
  return form;
}

/** Only XMLHttpRequest tells how much of a body is sent. */
function post(
  url: string,
  body: File | FormData,
  { onProgress, signal }: Sending,
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', url);
    if (body instanceof File) request.setRequestHeader('content-type', 'application/octet-stream');
    request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0);
    request.onload = () => resolve({ status: request.status, text: request.responseText });
    request.onerror = () => reject(unreachable());
    request.onabort = () => reject(signal.reason);
    signal.addEventListener('abort', () => request.abort(), { once: true });
    request.send(body);
  });
}

/** How long a video is, by this browser (s): the name that it lands under says so. @throws {ApiProblem} */
function durationOf(file: File): Promise<number> {
  return new Promise((resolve, reject) => {
    const video = document.createElement('video');
    const done = (): void => URL.revokeObjectURL(video.src);
    video.preload = 'metadata';
    video.onloadedmetadata = () => {
      done();
      if (Number.isFinite(video.duration) && video.duration > 0) resolve(video.duration);
      else reject(unreadable(file));
    };
    video.onerror = () => {
      done();
      reject(unreadable(file));
    };
    video.src = URL.createObjectURL(file);
  });
}

function unreadable({ name }: File): ApiProblem {
  return new ApiProblem(
    `“${name}” can’t be read by this browser: it is no video, is cut off, or is H.265. Land it as footage instead.`,
    'unreadable-video',
    0,
  );
}

/** The bucket says in XML what it refused. */
function bucketProblem(status: number, text: string): ApiProblem {
  const [, reason = `status ${status}`] = /<Message>([^<]{1,300})<\/Message>/.exec(text) ?? [];
  return new ApiProblem(
    `The bucket did not take the file: ${reason}. Try it again.`,
    'internal',
    status,
  );
}
