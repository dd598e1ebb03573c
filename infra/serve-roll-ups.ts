import type * as aws from '@pulumi/aws';
import type { FunctionName } from '../handlers/all.permissions';
import { feedFromSchedule } from './feed';
import type { ImageFunction, ImageFunctionArgs } from './image-function';

export interface ServeRollUpsArgs {
  readonly table: aws.dynamodb.Table;
  readonly environment: string;
  readonly functionOf: (
    name: FunctionName,
    memoryMb: number,
    change: Partial<ImageFunctionArgs>,
  ) => ImageFunction;
}

const MEMORY_MB = 1024;
/** An hour has settled by then: `hoursDue` in core. */
const HOURLY = 'cron(20 * * * ? *)';

/** The functions of an environment without a time series: who sums the table's rows hourly, and who answers. */
export function serveRollUps(
  name: string,
  { table, environment, functionOf }: ServeRollUpsArgs,
): { readonly reader: ImageFunction } {
  const rollUp = functionOf('roll-up', MEMORY_MB, {
    variables: { environment, table: table.name },
  });
  feedFromSchedule(`${name}-roll-up`, { target: rollUp, rate: HOURLY }, {});
  const variables = { environment, rollUpTable: table.name };
  return { reader: functionOf('analytics-query', MEMORY_MB, { variables }) };
}
