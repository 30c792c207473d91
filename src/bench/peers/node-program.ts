import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { PeerKind } from './peer.js';

/** What the servers that are programs of this package have in common: arguments are the port and the document root. */
export function nodeProgram(kind: Pick<PeerKind, 'name' | 'about' | 'settings' | 'notes'> & NodeProgram): PeerKind {
  const { file, packageName, ...rest } = kind;
  const program = fileURLToPath(new URL(file, import.meta.url));
  return {
    ...rest,
    find: () => process.execPath,
    version: async () => versionOf(packageName),
    configure: ({ root, port }, node) => ({
      command: node,
      args: [program, String(port), root],
      env: { NODE_ENV: 'production' },
      files: {},
      errorLog: 'error.log',
    }),
  };
}

interface NodeProgram {
  /** Beside this one. */
  readonly file: string;
  /** Whose version is told. */
  readonly packageName: string;
}

function versionOf(name: string): string {
  try {
    return (createRequire(import.meta.url)(`${name}/package.json`) as { version: string }).version;
  } catch {
    return '';
  }
}
