import { z } from '@hono/zod-openapi';
import { HTTPException } from 'hono/http-exception';
import { TierwatchError } from '../../core/errors';

const fieldProblemSchema = z.strictObject({
  in: z.enum(['path', 'query', 'body']),
  field: z.string(),
  message: z.string(),
});
export type FieldProblem = z.infer<typeof fieldProblemSchema>;

/** An error as RFC 9457 has it. https://www.rfc-editor.org/rfc/rfc9457 */
export const problemSchema = z
  .strictObject({
    type: z.string().describe('urn:tierwatch:error:CODE'),
    title: z.string(),
    status: z.number().int().min(400).max(599),
    detail: z.string(),
    instance: z.string().describe('Path of the request'),
    code: z.string().describe('A heading of docs/errors.md'),
    errors: z.array(fieldProblemSchema).optional().describe('Every field that is wrong'),
    requestId: z.string().optional().describe('Names an answer 5xx in the log'),
  })
  .openapi('Problem');
export type Problem = z.infer<typeof problemSchema>;

/** A request that the api does not answer, and why. */
abstract class ApiError extends TierwatchError {
  abstract readonly status: number;
  abstract readonly title: string;
  readonly errors: readonly FieldProblem[] = [];
  readonly headers: Readonly<Record<string, string>> = {};
}

export class BadRequestError extends ApiError {
  override readonly name = 'BadRequestError';
  override readonly status = 400;
  override readonly title = 'Bad request';
  constructor(
    message: string,
    override readonly errors: readonly FieldProblem[] = [],
  ) {
    super(message, { code: 'bad-request', retryable: false });
  }
}

export class NotSignedInError extends ApiError {
  override readonly name = 'NotSignedInError';
  override readonly status = 401;
  override readonly title = 'Not signed in';
  override readonly headers = { 'www-authenticate': 'Bearer' };
  constructor() {
    super('expected a valid token, found none; send "Authorization: Bearer TOKEN"', {
      code: 'not-signed-in',
      retryable: false,
    });
  }
}

export class NotOperatorError extends ApiError {
  override readonly name = 'NotOperatorError';
  override readonly status = 403;
  override readonly title = 'Not an operator';
  constructor(what: string, needed: string) {
    super(
      `${what}: expected a caller who is ${needed}, found another; ask for the group in docs/deploy.md`,
      { code: 'not-operator', retryable: false },
    );
  }
}

export class SiteNotAllowedError extends ApiError {
  override readonly name = 'SiteNotAllowedError';
  override readonly status = 403;
  override readonly title = 'Site not allowed';
  constructor(site: string) {
    super(`"${site}": expected a site that you may see; ask for access to it`, {
      code: 'site-not-allowed',
      retryable: false,
    });
  }
}

export class NotFoundError extends ApiError {
  override readonly name = 'NotFoundError';
  override readonly status = 404;
  override readonly title = 'Not found';
  constructor(message: string) {
    super(message, { code: 'not-found', retryable: false });
  }
}

export class MethodNotAllowedError extends ApiError {
  override readonly name = 'MethodNotAllowedError';
  override readonly status = 405;
  override readonly title = 'Method not allowed';
  override readonly headers: Readonly<Record<string, string>>;
  constructor(method: string, allowed: readonly string[]) {
    super(`"${method.slice(0, 20)}": expected ${allowed.join(', ')}: nothing else works here`, {
      code: 'method-not-allowed',
      retryable: false,
    });
    this.headers = { allow: allowed.join(', ') };
  }
}

export class LengthRequiredError extends ApiError {
  override readonly name = 'LengthRequiredError';
  override readonly status = 411;
  override readonly title = 'Length required';
  constructor() {
    super('expected Content-Length with the bytes of a file, found none; send it with the file', {
      code: 'length-required',
      retryable: false,
    });
  }
}

export class UploadTypeError extends ApiError {
  override readonly name = 'UploadTypeError';
  override readonly status = 415;
  override readonly title = 'Unsupported type';
  constructor(name: string, types: readonly string[]) {
    super(
      `"${name.slice(0, 100)}": expected a name that ends in .${types.join(', .')}; convert it`,
      {
        code: 'upload-type',
        retryable: false,
      },
    );
  }
}

/** The connection ended before the whole file was here. */
export class UploadCutOffError extends ApiError {
  override readonly name = 'UploadCutOffError';
  override readonly status = 400;
  override readonly title = 'Cut off';
  constructor(bytes: number, expected: number) {
    super(`expected ${expected} bytes, found ${bytes}: cut off; nothing is kept, upload it again`, {
      code: 'upload-cut-off',
      retryable: true,
    });
  }
}

/** A file that is no video, or none that can be worked; nothing of it is kept. */
export class UnprocessableVideoError extends ApiError {
  override readonly name = 'UnprocessableVideoError';
  override readonly status = 422;
  override readonly title = 'Not a video that can be worked';
  constructor({ message, code }: { readonly message: string; readonly code: string }) {
    super(message, { code, retryable: false });
  }
}

/** A page of another site asked this browser to change something here. */
export class CrossSiteError extends ApiError {
  override readonly name = 'CrossSiteError';
  override readonly status = 403;
  override readonly title = 'Cross-site request';
  constructor() {
    super('expected a request of this page itself, found one that another site made', {
      code: 'cross-site',
      retryable: false,
    });
  }
}

/** A route that this deployment has nothing to answer with. */
export class NotOfferedError extends ApiError {
  override readonly name = 'NotOfferedError';
  override readonly status = 404;
  override readonly title = 'Not offered here';
  constructor(what: string, remedy: string) {
    super(`"${what}": expected a deployment that offers it, found one that does not; ${remedy}`, {
      code: 'not-offered',
      retryable: false,
    });
  }
}

export class RangeNotSatisfiableError extends ApiError {
  override readonly name = 'RangeNotSatisfiableError';
  override readonly status = 416;
  override readonly title = 'Range not satisfiable';
  override readonly headers: Readonly<Record<string, string>>;
  constructor(range: string, bytes: number) {
    super(`"${range.slice(0, 100)}": expected a range of its ${bytes} bytes, found none of them`, {
      code: 'range-not-satisfiable',
      retryable: false,
    });
    this.headers = { 'content-range': `bytes */${bytes}` };
  }
}

export class TooManyRequestsError extends ApiError {
  override readonly name = 'TooManyRequestsError';
  override readonly status = 429;
  override readonly title = 'Too many at once';
  override readonly headers = { 'retry-after': '5' };
  constructor(what: string, most: number) {
    super(`expected at most ${most} ${what} at once, found more; try again when one has ended`, {
      code: 'too-many-requests',
      retryable: true,
    });
  }
}

export class RequestTooLargeError extends ApiError {
  override readonly name = 'RequestTooLargeError';
  override readonly status = 413;
  override readonly title = 'Request too large';
  constructor(maxBytes: number) {
    super(`expected a body of at most ${maxBytes} bytes, found more; send less`, {
      code: 'request-too-large',
      retryable: false,
    });
  }
}

/**
 * The problem document of any error. What was not foreseen, or names the inside of the house, says nothing but
 * its code and the id under which the log has it.
 */
export function problemResponse(
  error: unknown,
  { path, requestId }: { readonly path: string; readonly requestId: string },
): Response {
  const { headers, ...problem } = describe(error);
  const document: Problem = {
    type: `urn:tierwatch:error:${problem.code}`,
    ...problem,
    instance: path,
    ...(problem.status >= 500 ? { requestId } : {}),
  };
  return new Response(JSON.stringify(document), {
    status: problem.status,
    headers: { ...headers, 'content-type': 'application/problem+json' },
  });
}

function describe(error: unknown): Omit<Problem, 'type' | 'instance' | 'requestId'> & {
  readonly headers: Readonly<Record<string, string>>;
} {
  if (error instanceof ApiError) {
    const { title, status, message: detail, code, errors, headers } = error;
    return {
      title,
      status,
      detail,
      code,
      ...(errors.length > 0 ? { errors: [...errors] } : {}),
      headers,
    };
  }
  // The framework's own refusal of a body that is not the JSON it says it is.
  if (error instanceof HTTPException && error.status < 500) {
    const detail = 'expected a body of JSON with content-type application/json, found another';
    return { title: 'Bad request', status: error.status, detail, code: 'bad-request', headers: {} };
  }
  const code = error instanceof TierwatchError ? error.code : 'internal';
  if (error instanceof TierwatchError && error.code === 'analytics-query') {
    return { title: 'Bad request', status: 400, detail: error.message, code, headers: {} };
  }
  if (error instanceof TierwatchError && error.retryable) {
    return {
      title: 'Not available now',
      status: 503,
      detail: 'something behind the api did not answer; try again',
      code,
      headers: { 'retry-after': '5' },
    };
  }
  return {
    title: 'Internal error',
    status: 500,
    detail: 'the api failed; the log has the reason under this requestId',
    code,
    headers: {},
  };
}
