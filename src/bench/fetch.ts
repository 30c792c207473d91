/** `npm run bench:fetch`: one file from nginx by curl, aria2c and `zerocopy fetch`, as whole commands, in turn. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, openSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { parseOffset } from '../conf/values.js';
import { endOnSignals, start } from '../tools/children.js';
import { findProgram } from '../tools/programs.js';
import { summarize } from '../tools/statistics.js';
import { freePort, until } from '../tools/waiting.js';

const program = fileURLToPath(new URL('../cli/main.js', import.meta.url));

const options = await yargs(hideBin(process.argv))
  .scriptName('npm run bench:fetch --')
  .usage('$0 [options]\n\nDownloads over the loopback from nginx: zerocopy fetch beside curl and aria2c.')
  .option('size', { type: 'string', default: '1G', describe: 'Size of the file' })
  .option('rounds', { type: 'number', default: 9, describe: 'Downloads by each of them' })
  .option('json', { type: 'boolean', default: false, describe: 'Print the figures as JSON' })
  .check(({ size, rounds }) => (parseOffset(size) && rounds >= 1 ? true : 'Give a size such as 1G, and a number.'))
  .version(false)
  .strict()
  .parse();

interface Client {
  readonly name: string;
  readonly command: readonly string[];
  readonly seconds: number[];
}

/** Those that are installed; each writes OUTPUT in the working folder. */
function clientsFor(url: string): Client[] {
  const fetch = [process.execPath, program, 'fetch', '-o', 'OUTPUT', url];
  const clients: [name: string, command: string[]][] = [
    ['curl', ['curl', '-s', '-o', 'OUTPUT', url]],
    ['fetch', fetch],
    ['aria2c -x8', ['aria2c', '-q', '-x8', '-s8', '--file-allocation=none', '-o', 'OUTPUT', url]],
    ['fetch --streams 8', [...fetch, '--streams', '8']],
  ];
  return clients
    .filter(([, [name]]) => findProgram(name) !== undefined || name === process.execPath)
    .map(([name, command]) => ({ name, command, seconds: [] }));
}

/** Serves the folder by nginx. @throws Error where it is not installed or does not start */
async function serve(folder: string): Promise<number> {
  const nginx = findProgram('nginx');
  if (nginx === undefined) throw new Error('nginx is not installed: it serves the file');
  const port = await freePort();
  const http = `access_log off; sendfile on; server { listen 127.0.0.1:${port}; root ${folder}; }`;
  const main = `user root; daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/log; events {} http { ${http} }`;
  writeFileSync(`${folder}/nginx.conf`, process.getuid?.() === 0 ? main : main.replace('user root; ', ''));
  const child = start(nginx, ['-c', `${folder}/nginx.conf`, '-e', `${folder}/log`], { stdio: 'ignore' });
  const answers = () =>
    fetch(`http://127.0.0.1:${port}/source`, { method: 'HEAD' }).then(
      ({ ok }) => ok,
      () => false,
    );
  await until(
    answers,
    () => child.exitCode === null,
    () => `nginx does not serve: see ${folder}/log`,
  );
  return port;
}

/** Seconds of a whole command. @throws Error when it fails or leaves a file of another size */
function download({ name, command }: Client, folder: string, size: number): number {
  const output = `${folder}/OUTPUT`;
  rmSync(output, { force: true });
  const begun = performance.now();
  const { status } = spawnSync(command[0]!, command.slice(1), { cwd: folder, stdio: 'ignore' });
  const seconds = (performance.now() - begun) / 1000;
  if (status !== 0 || statSync(output).size !== size) throw new Error(`${name} has not fetched the file`);
  return seconds;
}

function table(clients: readonly Client[]): string {
  const median = (name: string) =>
    summarize(clients.find(client => client.name === name)?.seconds ?? [Number.NaN]).median;
  const lines = clients.map(({ name, seconds }) => {
    const { median, spread } = summarize(seconds);
    return `${name.padEnd(18)}${median.toFixed(3)} s ± ${(spread * 100).toFixed(0)} %`;
  });
  for (const [ours, theirs] of [
    ['fetch', 'curl'],
    ['fetch --streams 8', 'aria2c -x8'],
  ] as const) {
    const ratio = median(ours) / median(theirs);
    if (!Number.isNaN(ratio)) lines.push(`${ours} / ${theirs}: ${ratio.toFixed(2)} of its time`);
  }
  return `${lines.join('\n')}\n`;
}

endOnSignals();
const folder = mkdtempSync(`${tmpdir()}/zerocopy-bench-fetch-`);
process.on('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
try {
  const size = parseOffset(options.size)!;
  spawnSync('head', ['-c', String(size), '/dev/urandom'], {
    stdio: ['ignore', openSync(`${folder}/source`, 'w'), 'inherit'],
  });
  const clients = clientsFor(`http://127.0.0.1:${await serve(folder)}/source`);
  for (let round = 0; round < options.rounds; round++) {
    for (const client of clients) client.seconds.push(download(client, folder, size));
  }
  // nginx ends with this process
  process.stdout.write(options.json ? `${JSON.stringify(clients, null, 2)}\n` : table(clients), () => process.exit());
} catch (error) {
  process.stderr.write(`bench: ${(error as Error).message}\n`);
  process.exit(1);
}
