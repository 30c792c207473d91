/** `npm run bench:quick`: this server and nginx side by side in one run of at most two minutes. */
import { rmSync } from 'node:fs';
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { describeMachine } from '../tools/machine.js';
import { banner, findProgram } from '../tools/programs.js';
import { version } from '../version.js';
import { commonSettings, type ServerName } from './configuration.js';
import { makeWorkplace, type Workplace } from './files.js';
import { chooseLoad, type Load, type LoadTool } from './load.js';
import { Peer } from './peers.js';
import { buildRows, formatReport, type Report } from './report.js';
import { type Plan, runRounds, type Samples } from './rounds.js';

const loadTools: readonly LoadTool[] = ['wrk', 'autocannon'];

const options = await yargs(hideBin(process.argv))
  .scriptName('npm run bench:quick --')
  .usage(
    '$0 [options]\n\nMeasures Zerocopy and nginx side by side: 1 KB files, and 100 MB files with sendfile on and off.',
  )
  .option('rounds', { type: 'number', default: 5, describe: 'Rounds; the report shows their medians' })
  .option('seconds', { type: 'number', default: 3, describe: 'Seconds of 1 KB requests in a round' })
  .option('downloads', { type: 'number', default: 30, describe: 'Downloads of 100 MB on each path in a round' })
  .option('connections', { type: 'number', default: 50, describe: 'Connections that send 1 KB requests' })
  .option('load', { choices: loadTools, describe: 'What sends the 1 KB requests (default: wrk if it is installed)' })
  .option('alone', { type: 'boolean', default: false, describe: 'Leave nginx out' })
  .option('json', { type: 'boolean', default: false, describe: 'Print the report as JSON, with all samples' })
  .check(({ rounds, seconds, downloads, connections }) => {
    const isCount = (value: number) => Number.isInteger(value) && value >= 1;
    return [rounds, seconds, downloads, connections].every(isCount) || 'Numbers must be whole and at least 1.';
  })
  .parserConfiguration({ 'duplicate-arguments-array': false })
  .version(false)
  .strict()
  .parse();

const { rounds, seconds, downloads, connections } = options;
const plan: Plan = { rounds, seconds, downloads, connections };

/** Standard output is for the report alone. */
function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

function findNginx(): string | undefined {
  if (options.alone) return undefined;
  const program = findProgram('nginx');
  if (program === undefined) {
    say('nginx is not installed, so Zerocopy is measured alone. To compare: "apt install nginx" (Debian, Ubuntu),');
    say(
      '"dnf install nginx" (Fedora) or "apk add nginx" (Alpine). Its service need not run; a copy of its own is started.',
    );
  }
  return program;
}

async function measureAll(
  place: Workplace,
  nginx: string | undefined,
  load: Load,
  signal: AbortSignal,
): Promise<Samples> {
  const names: readonly ServerName[] = nginx === undefined ? ['zerocopy'] : ['zerocopy', 'nginx'];
  const peers: Peer[] = [];
  try {
    for (const name of names) peers.push(await Peer.start(name, nginx ?? '', place, signal));
    return await runRounds(peers, load, plan, round => say(`round ${round} of ${rounds}`), signal);
  } finally {
    await Promise.all(peers.map(peer => peer.stop()));
  }
}

async function main(signal: AbortSignal): Promise<Report> {
  const machine = describeMachine();
  const nginx = findNginx();
  const load = await chooseLoad(options.load);
  say(`1 KB requests by ${load.tool} ${load.version}`);
  const place = makeWorkplace();
  try {
    const samples = await measureAll(place, nginx, load, signal);
    const nginxVersion = nginx && /nginx\/(\S+)/.exec(await banner(nginx, '-v'))?.[1];
    return {
      date: new Date().toISOString(),
      machine,
      versions: {
        zerocopy: version,
        ...(nginxVersion && { nginx: nginxVersion }),
        load: `${load.tool} ${load.version}`,
      },
      settings: commonSettings,
      plan,
      folder: place.prefix,
      rows: buildRows(samples),
    };
  } finally {
    rmSync(place.prefix, { recursive: true, force: true });
  }
}

/** Ctrl-C: everything that runs is ended, and the folder is removed, on the way out of `main`. */
const interrupt = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupt.abort());

try {
  const report = await main(interrupt.signal);
  process.stdout.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : formatReport(report));
} catch (error) {
  say(interrupt.signal.aborted ? 'interrupted' : `bench: ${(error as Error).message}`);
  process.exitCode = interrupt.signal.aborted ? 130 : 1;
}
