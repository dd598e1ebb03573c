import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import * as z from 'zod';
import { AnalyticsAnswerError, parseAnswer } from '../../core/analytics-answers';
import {
  ANALYTICS_QUERIES,
  type AnalyticsAnswer,
  AnalyticsQueryError,
  type AnalyticsQueryName,
  type AnalyticsScope,
} from '../../core/analytics-queries';
import type { AnalyticsReader } from '../../core/ports';
import { type ClientOptions, clientConfig } from './clients';

const replySchema = z.union([
  z.strictObject({ rows: z.array(z.unknown()) }),
  z.strictObject({ error: z.strictObject({ code: z.string(), message: z.string() }) }),
]);

export function createLambdaClient(options: ClientOptions): LambdaClient {
  return new LambdaClient(clientConfig(options));
}

/** The named queries, asked of the function that reads the time series: nobody else reaches it (contracts 18). */
export class LambdaAnalytics implements AnalyticsReader {
  constructor(
    private readonly lambda: LambdaClient,
    /** Name or ARN of analytics-query, with its alias. */
    private readonly functionName: string,
  ) {}

  /** @throws {AnalyticsQueryError} {@link AnalyticsAnswerError} */
  async ask<Name extends AnalyticsQueryName>(
    query: Name,
    { sites, cameras, from: since, to: until, limit }: AnalyticsScope,
  ): Promise<readonly AnalyticsAnswer<Name>[]> {
    const { isRanked, row } = ANALYTICS_QUERIES[query];
    const params = {
      since,
      until,
      ...(cameras === null ? {} : { cameras }),
      ...(isRanked ? { limit } : {}),
    };
    const { Payload, FunctionError } = await this.lambda.send(
      new InvokeCommand({
        FunctionName: this.functionName,
        Payload: Buffer.from(JSON.stringify({ query, sites, params })),
      }),
    );
    if (FunctionError) throw new AnalyticsAnswerError(`its function failed: ${FunctionError}`);
    const reply = parseAnswer(replySchema, JSON.parse(Buffer.from(Payload!).toString()));
    if ('error' in reply) throw new AnalyticsQueryError(reply.error.message);
    return parseAnswer(z.array(row as unknown as z.ZodType<AnalyticsAnswer<Name>>), reply.rows);
  }
}
