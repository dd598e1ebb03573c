import { startChild } from '../adapters/worker/pool';

/** Starts as this file is loaded: it takes as long to load decoder and runtime as this process its schemas and the SDK. */
export const firstChild = startChild();
