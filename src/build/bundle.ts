/**
 * Makes `dist/bundle/server.cjs` out of what `tsc` has made: all that serving takes in one file, for loading some 250 modules takes Node longer
 * than starting itself does. What is not needed for serving stays where it is, and is imported from there. Beside it goes what V8 has made of the
 * file when it served: `src/cli/zerocopy.cts` starts it with that.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { ended, gather } from '../tools/children.js';
import { freePort, until } from '../tools/waiting.js';

const dist = fileURLToPath(new URL('../../', import.meta.url));
const start = `${dist}src/cli/zerocopy.cjs`;
/** Of the commands that are handed over: they have modules of their own. */
const others = /^\.\/(main|commands)\.js$/;

const leaveOthers: Plugin = {
  name: 'others',
  setup({ onResolve }) {
    onResolve({ filter: others }, ({ path }) => ({ path: path.replace('./', '../src/cli/'), external: true }));
  },
};

/** Modules that look for files beside them have to find them where they were. */
const keepPlaces: Plugin = {
  name: 'places',
  setup({ onLoad }) {
    onLoad({ filter: /\.js$/ }, async ({ path }) => {
      if (!path.startsWith(dist)) return null;
      const place = relative(dist, path).split(sep).join('/');
      const contents = (await readFile(path, 'utf8')).replaceAll(
        'import.meta.url',
        `placeOf(${JSON.stringify(place)})`,
      );
      return { contents };
    });
  },
};

/** Serves one file, so that V8 compiles what that takes, and has the program keep what came of it. @throws Error where it does not serve */
async function keepCode(): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'zerocopy-build-'));
  writeFileSync(join(root, 'file.bin'), 'served');
  const port = await freePort();
  const child = spawn(process.execPath, [start, 'serve', root, '--port', `${port}`, '--no-access-log'], {
    env: { ...process.env, ZEROCOPY_KEEP_CODE: '1' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const said = gather(child.stderr);
  const serves = () =>
    fetch(`http://127.0.0.1:${port}/file.bin`).then(
      async answer => (await answer.text()) === 'served',
      () => false,
    );
  try {
    await until(
      serves,
      () => child.exitCode === null,
      () => `the bundle does not serve: ${said.text}`,
    );
  } finally {
    child.kill('SIGTERM');
    await ended(child);
    rmSync(root, { recursive: true });
  }
}

const { outputFiles } = await build({
  entryPoints: [`${dist}src/cli/quick.js`],
  write: false,
  ...{ bundle: true, platform: 'node', format: 'cjs', target: 'node20', packages: 'external', logLevel: 'warning' },
  plugins: [leaveOthers, keepPlaces],
});
// a script that is run from kept code cannot import by itself
const text = outputFiles[0]!.text.replaceAll('import("../src/cli/', 'importOther("src/cli/');
mkdirSync(`${dist}bundle`, { recursive: true });
writeFileSync(`${dist}bundle/server.cjs`, text);
rmSync(`${dist}bundle/server.code`, { force: true });
await keepCode();
