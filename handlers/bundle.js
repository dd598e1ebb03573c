// Makes what the image runs: every function and their child process bundled into one file each, and beside them
// the packages with native code, for this machine's platform alone.
// Usage: node handlers/bundle.js OUT [--endpoint]: with it, the model server instead of the functions.
const {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} = require('node:fs');
const { basename, dirname, extname, join, relative } = require('node:path');
const { createRequire } = require('node:module');
const { build } = require('esbuild');

/** Packages with native code: they stay packages. */
const NATIVE = ['onnxruntime-node', 'node-av', 'sharp'];
/** What of them runs nowhere: other platforms, sources, types. */
const LEFT_OUT = /\.(md|map|d\.ts|d\.mts|d\.cts)$|[/\\](src|script|examples|docs)$/;

const root = join(__dirname, '..');

/** What the image of the functions runs, or that of the model server: each with the child process beside it. */
function entriesOf(isEndpoint) {
  const shared = [
    { in: join(root, 'adapters/worker/child.entry.ts'), out: 'child.entry' },
    { in: ERRORS, out: 'core-errors' },
  ];
  if (isEndpoint) return [{ in: join(root, 'endpoint/serve.entry.ts'), out: 'serve' }, ...shared];
  const functions = functionNames().flatMap((name) => {
    const program = join(__dirname, `${name}.entry.ts`);
    if (!startsChildren(name)) return [{ in: program, out: name }];
    return [
      { in: childrenOf(name), out: `${name}.children` },
      { in: program, out: `${name}.main` },
    ];
  });
  return [...functions, ...shared];
}

function functionNames() {
  return readdirSync(__dirname).flatMap((file) => /^([a-z-]+)\.entry\.ts$/.exec(file)?.[1] ?? []);
}

const childrenOf = (name) => join(__dirname, `${name}.children.entry.ts`);
const startsChildren = (name) => existsSync(childrenOf(name));

/** A function whose children start before its own file, a hundred times as large, is read. */
function writeStarters(out) {
  for (const name of functionNames().filter(startsChildren)) {
    const lines = [
      `require('./${name}.children.js');`,
      `module.exports = require('./${name}.main.js');`,
    ];
    writeFileSync(join(out, `${name}.js`), `${lines.join('\n')}\n`);
  }
}

/** In every program one class: an error is known by it, whichever file it was made in. */
const ERRORS = join(root, 'core/errors.ts');

/** What several files of one process share lies in a file of its own: errors' base, and a function's children. */
const sharedApart = {
  name: 'shared-apart',
  setup({ onResolve }) {
    onResolve({ filter: /(\.children\.entry|\/errors)$/ }, ({ kind, path, resolveDir }) => {
      if (kind === 'entry-point') return null;
      if (path.endsWith('.entry')) return { path: path.replace(/\.entry$/, '.js'), external: true };
      const isBase = join(resolveDir, `${path}.ts`) === ERRORS;
      return isBase ? { path: './core-errors.js', external: true } : null;
    });
  },
};

/** The native files, as `require` finds them beside the bundle. */
const NATIVE_FILES = {
  onnx: `onnxruntime-node/bin/napi-v6/${process.platform}/${process.arch}/onnxruntime_binding.node`,
  av: `@seydx/node-av-${process.platform}-${process.arch}/node-av.node`,
};

/**
 * Has the JavaScript of ONNX Runtime and node-av bundled, and their native files named as they lie: read as a hundred modules
 * it took 55 ms of a cold child's time, the native files themselves 12.
 */
const nativeFiles = {
  name: 'native-files',
  setup({ onLoad }) {
    const replaceIn = (filter, replacements) =>
      onLoad({ filter }, ({ path }) => {
        let contents = readFileSync(path, 'utf8');
        for (const [from, to] of replacements) {
          if (!from.test(contents)) throw new Error(`"${path}": expected ${from}, found none`);
          contents = contents.replace(from, to);
        }
        return { contents, loader: 'js' };
      });
    replaceIn(/onnxruntime-node.dist.binding\.js$/, [
      [/require\(`\.\.\/bin\/[^`]+`\)/, `require('${NATIVE_FILES.onnx}')`],
    ]);
    // What looks for its file in other places is left out with them.
    replaceIn(/node-av.dist.lib.binding\.js$/, [
      [/const __dirname = .+/, ''],
      [/const bindings = loadBinding\(\);/, `const bindings = require('${NATIVE_FILES.av}');`],
    ]);
  },
};

/**
 * What is imported only where it is needed becomes a file of its own: in one file with the rest esbuild wraps every module
 * that both share, and can leave nothing of it out.
 * @param apart module → name of its file, filled in
 */
const importsApart = (apart) => ({
  name: 'imports-apart',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /./ }, async ({ kind, path, importer, resolveDir }) => {
      if (kind !== 'dynamic-import') return null;
      const found = await resolve(path, { kind: 'import-statement', importer, resolveDir });
      if (found.external) return null;
      const name = `${basename(dirname(found.path))}-${basename(found.path, extname(found.path))}`;
      apart.set(found.path, name);
      return { path: `./${name}.js`, external: true };
    });
  },
});

/** Bundles some programs into one folder, and what they import now and then beside them. */
async function bundlePrograms(out, programs) {
  const apart = new Map();
  await build({
    entryPoints: programs,
    outdir: out,
    bundle: true,
    platform: 'node',
    target: 'node24',
    // A package's modules can be taken apart, its CommonJS build only whole: a third of a cold start's loading.
    mainFields: ['module', 'main'],
    format: 'cjs',
    external: ['sharp', 'tsx/cjs', '*.node'],
    plugins: [nativeFiles, sharedApart, importsApart(apart)],
    supported: { 'dynamic-import': false },
    alias: { '@aws-sdk/credential-provider-node': join(__dirname, 'lambda-credentials.js') },
    logOverride: { 'require-resolve-not-external': 'silent' },
    // Errors are told apart by their classes' names.
    keepNames: true,
    minify: true,
    sourcemap: 'linked',
    sourcesContent: false,
    logLevel: 'warning',
  });
  const further = [...apart].map(([path, name]) => ({ in: path, out: name }));
  if (further.length > 0) await bundlePrograms(out, further);
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

async function main([out, flag]) {
  if (!out || (flag !== undefined && flag !== '--endpoint')) {
    console.error('Usage: node handlers/bundle.js OUT [--endpoint]');
    process.exit(2);
  }
  rmSync(out, { recursive: true, force: true });
  const isEndpoint = flag === '--endpoint';
  const programs = join(out, isEndpoint ? 'endpoint' : 'handlers');
  await bundlePrograms(programs, entriesOf(isEndpoint));
  if (!isEndpoint) writeStarters(programs);
  copyNative(out);
  if (!isEndpoint)
    cpSync(join(__dirname, 'compile-cache.js'), join(out, 'handlers/compile-cache.js'));
  cpSync(join(root, 'model-build/default'), join(out, 'model-build/default'), { recursive: true });
  console.log(
    `${isEndpoint ? 1 : functionNames().length} programs and their child process in ${out}`,
  );
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exit(1);
});
