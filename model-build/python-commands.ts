import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { ModelDataError } from './errors';
import { PYTHON_FOLDER, type PythonLayer, preparePython } from './python-environment';
import { extractVideoFrames } from './video-frames';

/** The verbs that Python does, and the packages that each needs. */
const PYTHON_VERBS = {
  quantise: 'run',
  half: 'run',
  evaluate: 'run',
  label: 'run',
  card: 'run',
  'int8-speed': 'run',
  train: 'train',
  export: 'train',
} as const satisfies Record<string, PythonLayer>;
export type PythonVerb = keyof typeof PYTHON_VERBS;

/**
 * Runs a verb's Python module in the caller's folder with the caller's terminal.
 * @returns its exit code; it has said itself why it failed
 * @throws {PythonEnvironmentError}
 */
export async function runPythonVerb(
  verb: PythonVerb,
  values: readonly string[],
  onProgress?: (line: string) => void,
): Promise<number> {
  const python = await preparePython(PYTHON_VERBS[verb], onProgress ? { onProgress } : {});
  const module = `tierwatch_model.${verb.replaceAll('-', '_')}`;
  return runPython(python, ['-m', module, ...values]);
}

/** Runs Python with model-build/python importable and the terminal inherited. @returns the exit code */
async function runPython(python: string, values: readonly string[]): Promise<number> {
  const child = spawn(python, values, { stdio: 'inherit', env: pythonVariables(process.env) });
  // Python removes what it has begun, then ends; so does this process.
  const stop = (): void => void child.kill('SIGTERM');
  process.on('SIGTERM', stop);
  try {
    return await new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code) => resolve(code ?? 1));
    });
  } finally {
    process.off('SIGTERM', stop);
  }
}

/** Variables for Python: finds the package, leaves no byte code in the repository, sends nothing out. */
export function pythonVariables(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const paths = [PYTHON_FOLDER, ...(env.PYTHONPATH ? [env.PYTHONPATH] : [])];
  return {
    ...env,
    PYTHONPATH: paths.join(delimiter),
    PYTHONDONTWRITEBYTECODE: '1',
    PYTHONUNBUFFERED: '1',
    ORT_DISABLE_TELEMETRY: '1',
  };
}

export interface FramesOptions {
  readonly everySeconds: number;
  /** Pictures of one video at most. */
  readonly most?: number;
  readonly onProgress?: (line: string) => void;
}

/**
 * Replaces each video by a folder of its frames while `use` runs; folders of pictures stay as they are.
 * @throws {ModelDataError} where a path is not there
 */
export async function withVideoFrames(
  paths: readonly string[],
  options: FramesOptions,
  use: (folders: readonly string[]) => Promise<void>,
): Promise<void> {
  const aside = mkdtempSync(join(tmpdir(), 'tierwatch-frames-'));
  try {
    const folders: string[] = [];
    for (const [index, path] of paths.entries()) {
      const isVideo = !isFolder(path);
      const folder = isVideo ? join(aside, String(index)) : path;
      if (isVideo) await extractTo(folder, path, options);
      folders.push(folder);
    }
    await use(folders);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

/** Frames of one video, and frames.json that says what they are. */
async function extractTo(out: string, video: string, options: FramesOptions): Promise<void> {
  const { everySeconds, most, onProgress } = options;
  const frames = await extractVideoFrames({
    video,
    out,
    everySeconds,
    ...(most ? { most } : {}),
    onProgress: (done, of) => onProgress?.(`${video}: frame ${done} of ${of}`),
  });
  writeFileSync(join(out, 'frames.json'), JSON.stringify(frames));
}

function isFolder(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found) return found.isDirectory();
  throw new ModelDataError(
    `"${path}": expected a folder of pictures or a video, found none; check the path`,
  );
}
