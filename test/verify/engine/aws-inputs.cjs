// What @pulumi/aws lets a resource be given, read from its own types: names, and which are required.
const { existsSync, readFileSync } = require('node:fs');
const { dirname, join } = require('node:path');

const PACKAGE = dirname(require.resolve('@pulumi/aws/package.json'));
const known = new Map();

/**
 * @param {string} token such as `aws:s3/bucket:Bucket`
 * @returns {{ names: Set<string>, required: string[] } | null} null for a type that the package lacks
 */
function inputsOf(token) {
  if (!known.has(token)) known.set(token, read(token));
  return known.get(token);
}

function read(token) {
  const [, path = '', name = ''] = token.split(':');
  const file = join(PACKAGE, `${path}.d.ts`);
  if (!existsSync(file)) return null;
  const text = readFileSync(file, 'utf8');
  const start = text.indexOf(`export interface ${name}Args {`);
  if (start < 0) return null;
  const body = text.slice(start, text.indexOf('\n}', start));
  // Properties stand at the first level: four spaces. A deprecated required one does not exist.
  const found = [...body.matchAll(/^ {4}(\w+)(\??): /gm)];
  return {
    names: new Set(found.map(([, property]) => property)),
    required: found.filter(([, , optional]) => optional === '').map(([, property]) => property),
  };
}

module.exports = { inputsOf };
