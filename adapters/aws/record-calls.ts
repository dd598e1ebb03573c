import type { SdkCall } from '../../core/iam/operations';

/** What a client of the SDK lets us look at. */
interface Observable {
  readonly middlewareStack: {
    // biome-ignore lint/suspicious/noExplicitAny: the SDK's own middleware types differ by client
    add(middleware: any, options: any): void;
  };
}

/**
 * Tells of every call that a client makes: service, operation and input as it was sent. Tests prove by it
 * that what a function may do is what it does.
 */
export function recordCalls(client: Observable, onCall: (call: SdkCall) => void): void {
  const middleware =
    (
      next: (given: { input: SdkCall['input'] }) => unknown,
      context: Readonly<Record<string, unknown>>,
    ) =>
    (given: { input: SdkCall['input'] }): unknown => {
      onCall({
        service: String(context.clientName).replace(/Client$/, ''),
        operation: String(context.commandName).replace(/Command$/, ''),
        input: given.input,
      });
      return next(given);
    };
  // After a document client has turned plain values into its commands' own.
  client.middlewareStack.add(middleware, {
    step: 'initialize',
    priority: 'low',
    name: 'recordCalls',
  });
}
