import type * as pulumi from '@pulumi/pulumi';
import { readGiven } from './config';
import { createPlatform } from './platform';
import { tagEverything } from './tags';

const given = readGiven();
tagEverything({ environment: given.environment, owner: given.config.owner });
const created = createPlatform(given);

/** Where cameras land footage: `<site>/<camera>/<yyyymmddThhmmssZ>_<seconds>s.mp4`. */
export const footageBucket: pulumi.Output<string> = created.footageBucket;
export const configBucket: pulumi.Output<string> = created.configBucket;
/** Address of the page; null without one. */
export const { page, footageKeyIds, signIn } = created;
export const table: pulumi.Output<string> = created.table;
