import type { SQSClient } from '@aws-sdk/client-sqs';

/** Answers StartMessageMoveTask, which moto lacks. @param hear is told what was asked */
export function answerMoves(sqs: SQSClient, hear: (input: unknown) => void): void {
  sqs.middlewareStack.add(
    (next, context) => async (args) => {
      if (context.commandName !== 'StartMessageMoveTaskCommand') return next(args);
      hear(args.input);
      return { output: { $metadata: {} }, response: {} } as never;
    },
    { step: 'initialize', priority: 'low' },
  );
}
