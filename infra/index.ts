import { checkAccount } from './account';
import { readGiven } from './config';
import { createPlatform } from './platform';
import { tagEverything } from './tags';

/**
 * The program: what was given is checked, by its own rules and by the account's, then everything is created.
 * Its outputs: where cameras land footage (`<site>/<camera>/<yyyymmddThhmmssZ>_<seconds>s.mp4`), and the names that
 * docs/deploy.md uses.
 */
export = async () => {
  const given = readGiven();
  await checkAccount(given);
  tagEverything({ environment: given.environment, owner: given.config.owner });
  return createPlatform(given);
};
