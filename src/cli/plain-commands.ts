/** Commands that do without yargs where the command line is plain (plain-options.ts); each says false where it is not, and has done nothing then. */
const commands: Readonly<Record<string, (args: readonly string[]) => Promise<boolean>>> = {
  serve: async args => run((await import('./serve-options.js')).readPlain(args), loadServe),
  fetch: async args => run((await import('./fetch-options.js')).readPlain(args), loadFetch),
  put: async args => run((await import('./put-options.js')).readPlain(args), loadPut),
  send: async args => run((await import('./send-options.js')).readPlain(args), loadSend),
  receive: async args => run((await import('./receive-options.js')).readPlain(args), loadReceive),
};

const loadServe = async () => (await import('./serve.js')).serve;
const loadFetch = async () => (await import('./fetch.js')).fetch;
const loadPut = async () => (await import('./put.js')).put;
const loadSend = async () => (await import('./send.js')).send;
const loadReceive = async () => (await import('./receive.js')).receive;

async function run<Options>(
  options: Options | null,
  load: () => Promise<(options: Options) => Promise<void>>,
): Promise<boolean> {
  if (options !== null) await (await load())(options);
  return options !== null;
}

/**
 * Runs a command whose command line is plain.
 * @param args byte strings; the first may be the command
 * @returns false for every other command line
 */
export async function runPlainCommand([name = '', ...args]: readonly string[]): Promise<boolean> {
  return Object.hasOwn(commands, name) && commands[name](args);
}
