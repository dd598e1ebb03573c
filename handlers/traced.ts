import { Tracer } from '@aws-lambda-powertools/tracer';
import { captureLambdaHandler } from '@aws-lambda-powertools/tracer/middleware';
import type { MiddlewareObj } from '@middy/core';

/** A trace of each event, by X-Ray. */
export function traceWith(serviceName: string): MiddlewareObj {
  return captureLambdaHandler(new Tracer({ serviceName }), { captureResponse: false });
}
