// Makes Node's compile cache of the bundled functions, in the image and where they lie there: a cold start then compiles
// nothing that is run at load. Usage: node handlers/compile-cache.js CACHE
const { spawnSync } = require('node:child_process');
const { readdirSync, symlinkSync } = require('node:fs');
const { join } = require('node:path');

/** A cache holds for the flags that it was made with; the second is how AWS's own base starts Node. */
const FLAGS = [[], ['--expose-gc']];
/** Node keeps a folder a user: whoever built the image is another one than Lambda's. */
const LAMBDA_UID = 993;

const [cache] = process.argv.slice(2);
if (!cache) {
  console.error('Usage: node handlers/compile-cache.js CACHE');
  process.exit(2);
}
const programs = readdirSync(__dirname).filter(
  (file) => file.endsWith('.js') && join(__dirname, file) !== __filename,
);
for (const program of programs) {
  for (const flags of FLAGS) {
    // Without its environment a function ends at its first check; all that it imports is compiled by then.
    const load = `try { require(${JSON.stringify(join(__dirname, program))}) } catch {} process.exit()`;
    spawnSync(process.execPath, [...flags, '-e', load], {
      env: { ...process.env, NODE_COMPILE_CACHE: cache },
      stdio: 'inherit',
    });
  }
}
for (const folder of readdirSync(cache)) {
  const [, version] = /^(.+)-\d+$/.exec(folder) ?? [];
  const to = version && `${version}-${LAMBDA_UID}`;
  if (to && to !== folder) symlinkSync(folder, join(cache, to));
}
