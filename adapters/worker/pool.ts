import { type ChildProcess, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { TierwatchError } from '../../core/errors';
import type { ModelInput, RawDetections } from '../../core/ports';
import { Turns } from '../../core/turns';
import type { ClipJob, CutClip } from '../video/cut-clip';
import type { PickJob } from '../video/pick-packets';
import { WorkerCrashedError, WorkerDeadlineError, WorkerReportedError } from './errors';
import type {
  AnalysedFile,
  AnalysedPictures,
  AnalysisJob,
  InferRequest,
  PickedFiles,
  PicturesJob,
  ProbedFile,
  ProbeJob,
  WorkerAnswer,
  WorkerReply,
  WorkerTask,
} from './job';
import { PixelReader } from './pixel-file';

export interface WorkerPoolOptions {
  /** Child processes; one a core. */
  readonly size: number;
  /** A child that has not answered so long after it was up is killed and replaced, seconds. */
  readonly deadlineSeconds: number;
  /** Program of a child; tests put one that crashes here. @default child.entry beside this file */
  readonly childProgram?: string;
}

/** Pictures that a child has decoded. */
export interface RemotePictures {
  readonly count: number;
  readonly input: ModelInput;
  /** One of them: uint8 RGB [heightPx, widthPx, 3]; until all are answered. */
  copyPicture(index: number, into: Uint8Array): void;
}

/** For jobs whose model the parent runs. */
export interface RemoteOptions {
  /** Infers pictures of a child. */
  readonly infer?: ((pictures: RemotePictures) => Promise<readonly RawDetections[]>) | undefined;
  /** Asked when a child is free: a job that nobody waits for is not begun. */
  readonly isDropped?: (() => TierwatchError | null) | undefined;
  /** Cameras take turns at the children. @default all jobs are of one */
  readonly camera?: string | undefined;
}

interface Waiting extends RemoteOptions {
  readonly task: WorkerTask;
  readonly resolve: (answer: WorkerAnswer) => void;
  readonly reject: (error: Error) => void;
}

/** The least time that a child has for its start: an overloaded machine must not replace it for ever. */
const START_SECONDS = 60;

/**
 * Decodes and infers in child processes: a crash or a hang in native code takes only its segment.
 * Children start when first needed and are reused.
 */
export class WorkerPool {
  private readonly idle: ChildProcess[] = [];
  private readonly all = new Set<ChildProcess>();
  /** Those that have said that they are up. */
  private readonly up = new WeakSet<ChildProcess>();
  private readonly waiting = new Turns<Waiting>();
  private readonly pixels = new Map<ChildProcess, PixelReader>();
  private nextId = 1;
  private isClosed = false;

  constructor(private readonly options: WorkerPoolOptions) {}

  /** Starts the children ahead of the first job: a busy machine draws their start out. */
  open(): void {
    while (this.all.size < this.options.size && !this.isClosed) this.idle.push(this.start());
  }

  /** Starts the children and has each load a model; what fails there is met again by the first job. */
  warm(modelFolder: string): void {
    for (let child = 0; child < this.options.size; child++) {
      this.enqueue({ warm: { modelFolder } }).catch(() => {});
    }
  }

  /** @throws {WorkerCrashedError} {@link WorkerDeadlineError} {@link WorkerReportedError} */
  analyse(job: AnalysisJob, remote: RemoteOptions = {}): Promise<AnalysedFile> {
    return this.enqueue({ job }, remote) as Promise<AnalysedFile>;
  }

  /** Infers encoded pictures. @throws as `analyse` */
  analysePictures(pictures: PicturesJob, remote: RemoteOptions = {}): Promise<AnalysedPictures> {
    return this.enqueue({ pictures }, remote) as Promise<AnalysedPictures>;
  }

  /** The length of a file. @throws as `analyse` */
  probe(probe: ProbeJob): Promise<ProbedFile> {
    return this.enqueue({ probe }) as Promise<ProbedFile>;
  }

  /** Remuxes what an endpoint needs of a file. @throws as `analyse` */
  pick(pick: PickJob): Promise<PickedFiles> {
    return this.enqueue({ pick }) as Promise<PickedFiles>;
  }

  /** Cuts a clip. @throws as `analyse` */
  cut(clip: ClipJob): Promise<CutClip> {
    return this.enqueue({ clip }) as Promise<CutClip>;
  }

  close(): void {
    this.isClosed = true;
    for (const child of this.all) child.kill('SIGKILL');
  }

  private enqueue(task: WorkerTask, remote: RemoteOptions = {}): Promise<WorkerAnswer> {
    return new Promise((resolve, reject) => {
      this.waiting.push(remote.camera ?? '', { task, resolve, reject, ...remote });
      this.pump();
    });
  }

  private pump(): void {
    const hasRoom = (): boolean => this.idle.length > 0 || this.all.size < this.options.size;
    while (this.waiting.size > 0 && hasRoom() && !this.isClosed) {
      const next = this.waiting.take()!;
      const dropped = next.isDropped?.();
      if (dropped) next.reject(dropped);
      else this.run(this.idle.pop() ?? this.start(), next);
    }
  }

  private start(): ChildProcess {
    const child = startChild(this.options.childProgram);
    this.all.add(child);
    child.once('message', () => this.up.add(child));
    child.once('exit', () => this.forget(child));
    child.on('error', () => child.kill('SIGKILL'));
    return child;
  }

  private forget(child: ChildProcess): void {
    this.all.delete(child);
    this.pixels.get(child)?.close();
    this.pixels.delete(child);
    const index = this.idle.indexOf(child);
    if (index >= 0) this.idle.splice(index, 1);
  }

  private run(child: ChildProcess, { task, infer, resolve, reject }: Waiting): void {
    const id = this.nextId++;
    const file = fileOf(task);
    const { deadlineSeconds } = this.options;
    let isLate = false;
    const killAfter = (seconds: number): NodeJS.Timeout =>
      setTimeout(() => {
        isLate = true;
        child.kill('SIGKILL');
      }, seconds * 1000);
    let timer = killAfter(
      this.up.has(child) ? deadlineSeconds : Math.max(deadlineSeconds, START_SECONDS),
    );

    const onMessage = (reply: WorkerReply): void => {
      if ('isUp' in reply) {
        clearTimeout(timer);
        timer = killAfter(deadlineSeconds);
        return;
      }
      if (reply.id !== id) return;
      if ('infer' in reply) {
        void answerInference(child, { request: reply.infer, infer, pixels: this.pixels });
        return;
      }
      settle();
      this.idle.push(child);
      if ('answer' in reply) resolve(reply.answer);
      else reject(new WorkerReportedError(reply.error));
      this.pump();
    };
    const onExit = (code: number | null, signal: string | null): void => {
      settle();
      this.forget(child);
      const how = signal ? `signal ${signal}` : `exit code ${code}`;
      reject(
        isLate ? new WorkerDeadlineError(file, deadlineSeconds) : new WorkerCrashedError(file, how),
      );
      this.pump();
    };
    const settle = (): void => {
      clearTimeout(timer);
      child.off('message', onMessage);
      child.off('exit', onExit);
    };
    child.on('message', onMessage);
    child.on('exit', onExit);
    child.send({ id, task });
  }
}

async function answerInference(
  child: ChildProcess,
  {
    request,
    infer,
    pixels,
  }: {
    readonly request: InferRequest;
    readonly infer: RemoteOptions['infer'];
    readonly pixels: Map<ChildProcess, PixelReader>;
  },
): Promise<void> {
  const { number: inferred, file, position, count, input } = request;
  try {
    if (!infer) throw new Error('expected a job whose model the parent runs');
    const reader = pixels.get(child) ?? PixelReader.open(file);
    pixels.set(child, reader);
    const copyPicture = (index: number, into: Uint8Array): void =>
      reader.read(into, position + index * into.length);
    const detections = await infer({ count, input, copyPicture });
    if (child.connected) child.send({ inferred, detections });
  } catch (error) {
    const { name, message } = error as Error;
    const { code = 'internal', retryable = true } = error as Partial<TierwatchError>;
    if (child.connected) child.send({ inferred, error: { name, message, code, retryable } });
  }
}

function fileOf(task: WorkerTask): string {
  if ('pictures' in task) return task.pictures.files[0] ?? 'pictures';
  if ('pick' in task) return task.pick.file;
  if ('warm' in task) return task.warm.modelFolder;
  if ('clip' in task) return task.clip.parts[0]?.file ?? task.clip.out;
  return ('job' in task ? task.job : task.probe).file;
}

function startChild(program = ownChildProgram()): ChildProcess {
  return fork(program, [], {
    execArgv: program.endsWith('.ts') ? ['--require', require.resolve('tsx/cjs')] : [],
    serialization: 'advanced',
    env: { ...process.env, ORT_DISABLE_TELEMETRY: '1' },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
}

/** Beside this file as TypeScript; beside the bundled functions as JavaScript. */
function ownChildProgram(): string {
  const source = join(__dirname, 'child.entry.ts');
  return existsSync(source) ? source : join(__dirname, 'child.entry.js');
}
