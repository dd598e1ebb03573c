// Makes what the image runs: every function and their child process bundled into one file each, and beside them
// the packages with native code, for this machine's platform alone.
// Usage: node handlers/bundle.js OUT [--endpoint]: with it, the model server instead of the functions.
const { cpSync, mkdirSync, readdirSync, rmSync } = require('node:fs');
const { dirname, join, relative } = require('node:path');
const { createRequire } = require('node:module');
const { buildSync } = require('esbuild');

/** Packages with native code: they stay packages. */
const NATIVE = ['onnxruntime-node', 'node-av', 'sharp'];
/** What of them runs nowhere: other platforms, sources, types. */
const LEFT_OUT = /\.(md|map|d\.ts|d\.mts|d\.cts)$|[/\\](src|script|examples|docs)$/;

const root = join(__dirname, '..');

/** What the image of the functions runs, or that of the model server: each with the child process beside it. */
function entriesOf(isEndpoint) {
  const child = join(root, 'adapters/worker/child.entry.ts');
  if (isEndpoint) {
    return [
      { in: join(root, 'endpoint/serve.entry.ts'), out: 'endpoint/serve' },
      { in: child, out: 'endpoint/child.entry' },
    ];
  }
  const functions = readdirSync(__dirname)
    .filter((file) => /^[a-z-]+\.entry\.ts$/.test(file))
    .map((file) => ({
      in: join(__dirname, file),
      out: `handlers/${file.slice(0, -'.entry.ts'.length)}`,
    }));
  return [...functions, { in: child, out: 'handlers/child.entry' }];
}

function bundlePrograms(out, entryPoints) {
  buildSync({
    entryPoints,
    outdir: out,
    bundle: true,
    platform: 'node',
    target: 'node24',
    // A package's modules can be taken apart, its CommonJS build only whole: a third of a cold start's loading.
    mainFields: ['module', 'main'],
    format: 'cjs',
    external: [...NATIVE, ...NATIVE.map((name) => `${name}/*`), 'tsx/cjs'],
    // Errors are told apart by their classes' names.
    keepNames: true,
    minify: true,
    sourcemap: 'linked',
    sourcesContent: false,
    logLevel: 'warning',
  });
}

/** Folders of packages that must be there, with what they require themselves. */
function packagesOf(names, from, found = new Map()) {
  const locate = createRequire(join(from, 'package.json'));
  for (const name of names) {
    // Null for what Node has built in.
    const folder = (locate.resolve.paths(name) ?? [])
      .map((modules) => join(modules, name))
      .find((candidate) => readable(join(candidate, 'package.json')));
    // Optional packages of other platforms are not installed.
    if (!folder || found.has(folder)) continue;
    const { dependencies = {}, optionalDependencies = {} } = require(join(folder, 'package.json'));
    found.set(folder, name);
    packagesOf(Object.keys({ ...dependencies, ...optionalDependencies }), folder, found);
  }
  return found;
}

function readable(file) {
  try {
    require(file);
    return true;
  } catch {
    return false;
  }
}

function copyNative(out) {
  const ort = join('onnxruntime-node', 'bin', 'napi-v6');
  const isOtherPlatform = (path) => {
    const at = path.indexOf(ort);
    if (at < 0) return false;
    const [platform, architecture] = path.slice(at + ort.length + 1).split(/[/\\]/);
    const wanted = [process.platform, process.arch];
    return (platform && platform !== wanted[0]) || (architecture && architecture !== wanted[1]);
  };
  for (const folder of packagesOf(NATIVE, root).keys()) {
    const to = join(out, relative(root, folder));
    mkdirSync(dirname(to), { recursive: true });
    const filter = (path) => !LEFT_OUT.test(path) && !isOtherPlatform(path);
    cpSync(folder, to, { recursive: true, dereference: true, filter });
  }
}

const [out, flag] = process.argv.slice(2);
if (!out || (flag !== undefined && flag !== '--endpoint')) {
  console.error('Usage: node handlers/bundle.js OUT [--endpoint]');
  process.exit(2);
}
rmSync(out, { recursive: true, force: true });
const entries = entriesOf(flag === '--endpoint');
bundlePrograms(out, entries);
copyNative(out);
if (flag === undefined)
  cpSync(join(__dirname, 'compile-cache.js'), join(out, 'handlers/compile-cache.js'));
cpSync(join(root, 'model-build/default'), join(out, 'model-build/default'), { recursive: true });
console.log(`${entries.length - 1} programs and their child process in ${out}`);
