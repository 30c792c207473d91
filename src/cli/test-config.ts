import { existsSync } from 'node:fs';
import { check, EADDRINUSE, SystemError } from '../../native/errno.js';
import { close, O_CREAT, O_WRONLY, openAt, unlink } from '../../native/file.js';
import type { ParsedConfig } from '../conf/parser.js';
import type { Config } from '../conf/tree.js';
import { addressesToBind, openListeningSocket } from '../server/listener.js';
import { buildConfig, type ConfigOptions, readConfig } from '../server/load.js';
import { Logs } from '../server/logs.js';
import { workerUser } from '../server/process-settings.js';
import { Runtime } from '../server/runtime.js';
import { checkTls } from '../server/tls-setup.js';
import { nodePath, print, say } from './bytes.js';
import { fail, report } from './failure.js';
import { makeOwnLogFolder } from './place.js';

/**
 * `-t`: checks a configuration, and whether its logs, its pid file and its addresses can be opened. It changes nothing, but
 * logs that are missing are made, as nginx makes them.
 * @param quiet says nothing but errors (`-q`)
 * @param dump prints the files to standard output (`-T`)
 */
export function testConfig(options: ConfigOptions, quiet: boolean, dump: boolean): void {
  makeOwnLogFolder(options.prefix);
  try {
    const parsed = readConfig(options);
    const runtime = new Runtime(buildConfig(parsed.nodes, options));
    for (const warning of runtime.warnings) report('warn', warning);
    // as nginx, which looks up accounts and loads certificates as it reads
    workerUser(runtime.config.main);
    for (const warning of checkTls(runtime)) report('warn', warning);
    if (!quiet) say(`zerocopy: the configuration file ${options.file} syntax is ok`);
    testFiles(runtime.config);
    testAddresses(runtime);
    if (!quiet) say(`zerocopy: configuration file ${options.file} test is successful`);
    if (dump) dumpFiles(parsed);
  } catch (error) {
    fail(error);
    say(`zerocopy: configuration file ${options.file} test failed`);
  }
}

function testFiles(config: Config): void {
  const { pid } = config.main;
  const wasThere = existsSync(nodePath(pid));
  close(check(openAt(pid, O_WRONLY | O_CREAT, 0o644), `open() "${pid}"`));
  // nginx leaves an empty file, and then complains about it
  if (!wasThere) unlink(pid);
  const logs = new Logs(config, null);
  logs.open();
  logs.close();
}

/** An address that is in use is no mistake: it may be this very server that runs. */
function testAddresses(runtime: Runtime): void {
  for (const one of addressesToBind(runtime.listens)) {
    if (one.family === 'unix') continue;
    try {
      close(openListeningSocket(one));
    } catch (error) {
      if (!(error instanceof SystemError) || error.errno !== EADDRINUSE) throw error;
    }
  }
}

function dumpFiles({ files }: ParsedConfig): void {
  for (const { path, text } of files) print(`# configuration file ${path}:\n${text}\n`);
}
