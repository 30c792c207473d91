import { UsageError } from './failure.js';

/** nginx's own command line, by nginx's rules: letters may be joined (`-tq`), a value may touch its letter (`-cFILE`). */
export interface Flags {
  help: boolean;
  version: boolean;
  /** `-V` */
  build: boolean;
  test: boolean;
  /** `-T` */
  dump: boolean;
  quiet: boolean;
  file?: string;
  prefix?: string;
  errorLog?: string;
  globals?: string;
  signal?: SignalName;
  /** `--console`, and its address. */
  console?: string;
}

/** Where `--console` has it without an address. */
export const standardConsole = '127.0.0.1:8081';

/** What `-s` may say, and the signal that stands for it. */
export const signals = { stop: 'SIGTERM', quit: 'SIGQUIT', reload: 'SIGHUP', reopen: 'SIGUSR1' } as const;
export type SignalName = keyof typeof signals;

const values = { c: 'file', p: 'prefix', e: 'errorLog', g: 'globals', s: 'signal' } as const;
/** All that nginx itself says is wrong with a command line ends with 1. */
const nginxExitCode = 1;

/** Where an empty word, which nginx takes, names nothing that could be meant. */
const ofPlaces = { c: true, p: true, e: true };
const missing = { c: 'file name', p: 'directory name', e: 'file name', g: 'parameter', s: 'parameter' };

/**
 * @param args byte strings
 * @throws UsageError with nginx's message
 */
export function parseFlags(args: readonly string[]): Flags {
  const flags: Flags = { help: false, version: false, build: false, test: false, dump: false, quiet: false };
  for (let at = 0; at < args.length; at++) {
    const word = args[at];
    if (word === '--console' || word.startsWith('--console=')) {
      flags.console = word.slice('--console='.length) || standardConsole;
      continue;
    }
    if (!word.startsWith('-') || word.startsWith('--'))
      throw new UsageError(`invalid option: "${word}"`, nginxExitCode);
    for (let index = 1; index < word.length; index++) {
      const letter = word[index];
      if (!(letter in values)) {
        setSwitch(flags, letter);
        continue;
      }
      const value = index + 1 < word.length ? word.slice(index + 1) : args[++at];
      setValue(flags, letter as keyof typeof values, value);
      break;
    }
  }
  return flags;
}

function setSwitch(flags: Flags, letter: string): void {
  if (letter === 'h' || letter === '?') flags.help = true;
  else if (letter === 'v') flags.version = true;
  else if (letter === 'V') flags.build = true;
  else if (letter === 't') flags.test = true;
  else if (letter === 'T') flags.dump = true;
  else if (letter === 'q') flags.quiet = true;
  else throw new UsageError(`invalid option: "${letter}"`, nginxExitCode);
}

function setValue(flags: Flags, letter: keyof typeof values, value: string | undefined): void {
  if (value === undefined || (value === '' && letter in ofPlaces))
    throw new UsageError(`option "-${letter}" requires ${missing[letter]}`, nginxExitCode);
  if (letter !== 's') flags[values[letter] as Exclude<(typeof values)[keyof typeof values], 'signal'>] = value;
  else if (value in signals) flags.signal = value as SignalName;
  else throw new UsageError(`invalid option: "-s ${value}"`, nginxExitCode);
}
