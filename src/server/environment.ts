import type { EnvironmentEntry } from '../modules/core-process.js';

/** What Node, its loader, its libraries and this program read: a worker is started with it as its master was. */
const kept = /^(?:TZ|GLIBC_TUNABLES|(?:NODE|UV|LD|MALLOC|ZEROCOPY|OPENSSL|SSL_CERT)_.*)$/;

/** Node's texts of the environment are UTF-8, those of a configuration bytes. */
function decoded(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/** The environment of workers (`env`): where a variable is named twice, the first counts, as for whoever reads nginx's. */
export function workerEnvironment(entries: readonly EnvironmentEntry[], own = process.env): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = {};
  for (const { name, value } of entries) {
    const known = decoded(name);
    const given = value === undefined ? own[known] : decoded(value);
    if (given !== undefined) environment[known] ??= given;
  }
  for (const [name, value] of Object.entries(own)) if (kept.test(name)) environment[name] ??= value;
  return environment;
}

/** Makes this process's own environment that of a worker. */
export function limitEnvironment(entries: readonly EnvironmentEntry[]): void {
  const environment = workerEnvironment(entries);
  for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name];
  Object.assign(process.env, environment);
}
