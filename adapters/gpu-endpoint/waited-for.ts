import type { InferenceEndpoint } from '../../core/ports';
import { Shares } from './shares';

/** Of this process: its messages wait for their answers together, and the waiting is paid once. */
const WAITING = new Shares(() => performance.now() / 1000);

export interface WaitedFor {
  readonly endpoint: InferenceEndpoint;
  /** Share of the time in which any request was out (s). */
  waitSeconds(): number;
}

/** An endpoint that keeps how long one message waited for it. @param waiting tests put one by another clock */
export function waitedFor(endpoint: InferenceEndpoint, waiting: Shares = WAITING): WaitedFor {
  let seconds = 0;
  const wait = async <Answer>(asked: () => Promise<Answer>): Promise<Answer> => {
    const share = waiting.begin();
    try {
      return await asked();
    } finally {
      seconds += share();
    }
  };
  return {
    endpoint: {
      analyse: (file, settings) => wait(() => endpoint.analyse(file, settings)),
      detect: (jpegs, settings) => wait(() => endpoint.detect(jpegs, settings)),
    },
    waitSeconds: () => seconds,
  };
}
