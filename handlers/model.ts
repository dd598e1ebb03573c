import type { Context } from 'aws-lambda';
import type { fetchModel } from '../adapters/aws/s3-model';
import type { clientsOf } from './aws-road';
import type { readEnvironment } from './environment';

/** What tells a function where its model is. */
export const MODEL_ENVIRONMENT = [
  'modelFolder',
  'modelsFolder',
  'modelArchive',
  'modelSha256',
] as const;

type Given = ReturnType<typeof readEnvironment<(typeof MODEL_ENVIRONMENT)[number]>>;
type Work<Event, Answer> = (event: Event, context: Context) => Promise<Answer>;

/**
 * A function that needs its model: made as soon as the archive that the environment names is fetched and checked,
 * while the sandbox starts; without one, of the image's own folder. A fetch that failed is tried again by the next event.
 */
export function withModel<Event, Answer>(
  { s3 }: Pick<ReturnType<typeof clientsOf>, 's3'>,
  given: Given,
  make: (modelFolder: string) => Work<Event, Answer>,
): Work<Event, Answer> {
  const { modelFolder, modelArchive: uri, modelSha256: sha256 } = given;
  if (!uri || !sha256) return make(modelFolder);
  let made: Promise<Work<Event, Answer>> | null = null;
  const ready = (): Promise<Work<Event, Answer>> => {
    made ??= fetchFrom(s3, { uri, sha256 }).then(make);
    made.catch(() => {
      made = null;
    });
    return made;
  };
  ready();
  return async (event, context) => (await ready())(event, context);
}

/** With what unpacks archives, which a function without one does not load. */
async function fetchFrom(...values: Parameters<typeof fetchModel>): Promise<string> {
  const { fetchModel } = await import('../adapters/aws/s3-model');
  return fetchModel(...values);
}
