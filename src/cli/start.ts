import { statSync } from 'node:fs';
import { buildConfig, readConfig } from '../server/load.js';
import { Runtime } from '../server/runtime.js';
import { commandLine, nodePath, print } from './bytes.js';
import { fail, report } from './failure.js';
import { parseFlags } from './nginx-flags.js';
import { configOptions, makeOwnLogFolder, packageFolder } from './place.js';
import { writeRandomFile } from './random-file.js';
import { describe, serveOrEnd } from './run.js';

/** 100 MB as dd and ls count them. */
const testSize = 100 * 1024 * 1024;

/**
 * `npm start`: makes a file worth sending, serves conf/nginx.conf (or the one of `-c`) in the foreground whatever it says of
 * `daemon`, and says what to try.
 */
async function start(): Promise<void> {
  const options = configOptions(parseFlags(commandLine()));
  makeTestFile(`${packageFolder()}public/test.dat`);
  makeOwnLogFolder(options.prefix);
  const runtime = new Runtime(buildConfig(readConfig(options).nodes, options));
  for (const warning of runtime.warnings) report('warn', warning);
  await serveOrEnd(options, runtime.config.main.masterProcess);
  print(`${[...describe(runtime), ...advice(runtime)].join('\n')}\n`);
}

function makeTestFile(path: string): void {
  const known = statSync(nodePath(path), { throwIfNoEntry: false });
  if (known?.size === testSize) return;
  print(`Making ${path}: 100 MB of random bytes\n`);
  writeRandomFile(path, testSize);
}

/** Three things to try, for the first address of the configuration. */
function advice(runtime: Runtime): string[] {
  const first = runtime.listens.find(listen => listen.family !== 'unix');
  const settings = runtime.config.servers[0]?.settings;
  if (first === undefined || settings === undefined) return [];
  const { console: address } = runtime.config.main;
  const url = `http://localhost:${first.port}/test.dat`;
  const other = settings.sendfile ? 'conf/sendfile-off.conf' : 'conf/nginx.conf';
  return [
    '',
    ...(address === null
      ? []
      : [
          'Watch it live on the console: turn sendfile off there, download once more, and see the bytes go the other way.',
        ]),
    'Open the page in a browser, and try in a second terminal:',
    `  1. the same bytes?       curl -s ${url} | cmp - public/test.dat && echo same`,
    `  2. the other way:        stop this with Ctrl-C, then: npm start -- -c ${other}`,
    `  3. every system call:    sudo strace -p "$(pgrep -f 'zerocopy: worker')" 2>&1 | grep -v epoll`,
    `     and then again:       curl -s -o /dev/null ${url}`,
  ];
}

start().catch(fail);
