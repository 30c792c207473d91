#!/usr/bin/env node
/**
 * The program `zerocopy` as it is installed: runs `dist/bundle/server.cjs`, which `src/build/bundle.ts` makes, with the code that V8 has made of it
 * before. Another V8 does not take that, and begins anew.
 */
import fs = require('node:fs');
import path = require('node:path');
import url = require('node:url');
import vm = require('node:vm');

const dist = path.join(__dirname, '..', '..');
const bundle = path.join(dist, 'bundle', 'server.cjs');
const code = path.join(dist, 'bundle', 'server.code');

function keptCode(): Buffer | undefined {
  try {
    return fs.readFileSync(code);
  } catch {
    return undefined;
  }
}

/** The URL of a module's place: it was put into the bundle, and looks for files beside it. */
const placeOf = (place: string) => url.pathToFileURL(path.join(dist, place)).href;
/** Modules that were not. */
const importOther = (place: string) => import(placeOf(place));

const cachedData = keptCode();
const script = new vm.Script(`(function (require, placeOf, importOther) {${fs.readFileSync(bundle, 'utf8')}\n})`, {
  filename: bundle,
  ...(cachedData !== undefined && { cachedData }),
});
if (process.env.ZEROCOPY_KEEP_CODE !== undefined) {
  process.on('exit', () => fs.writeFileSync(code, script.createCachedData()));
}
script.runInThisContext()(require, placeOf, importOther);
