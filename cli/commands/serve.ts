import type { Command } from 'commander';
import { guarded } from '../exit';
import { FLEET_OPTION, namedFleet } from '../named-fleet';
import { DEFAULT_DATA, DEFAULT_MODEL, DEMO_FOOTAGE } from '../options';
import { localAccess } from '../serve/access';
import { openEmbeddedApi } from '../serve/embedded-api';
import { siteOf } from '../serve/site';
import { addWebOptions, listen, tokenOf, type WebOptions } from '../serve/web';

interface ServeOptions extends WebOptions {
  readonly data: string;
  readonly footage: string;
  readonly fleet?: string;
  readonly model: string;
}

export function registerServe(program: Command): void {
  addWebOptions(
    program
      .command('serve')
      .description('the api alone over a data folder, beside a running start; Ctrl-C ends it'),
  )
    .option('--data <dir>', 'data folder of start', DEFAULT_DATA)
    .option('--footage <dir>', 'footage folder of start', DEMO_FOOTAGE)
    .option(...FLEET_OPTION)
    .option('--model <dir>', 'model bundle, as of start', DEFAULT_MODEL)
    .action(guarded(serve));
}

async function serve(options: ServeOptions): Promise<void> {
  const access = localAccess(tokenOf(options));
  const { allowedSites, isKnownHost, signIn } = access;
  const api = await openEmbeddedApi({
    ...options,
    named: namedFleet(options),
    modelFolder: options.model,
    allowedSites,
    ...(signIn ? { signIn } : {}),
    onError: (error, requestId) => console.error(`request ${requestId} failed:`, error),
  });
  try {
    const server = await listen(siteOf(api.deps, { isKnownHost, page: null }), options);
    console.log(`api: ${server.origin}/api/openapi.json`);
    process.once('SIGINT', server.close).once('SIGTERM', server.close);
    await server.closed;
  } finally {
    api.close();
  }
}
