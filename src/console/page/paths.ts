/**
 * The data paths as the page shows them. A new one is a line here and its colour in style.css (`--path-NAME`, `.path-NAME`); where its bytes
 * take a way of their own, that is a route in picture-layouts.ts.
 */
import type { DataPath } from '../snapshot.js';

export interface PathLook {
  /** On badges, in legends. */
  readonly name: string;
  /** One clause that says what happens to the bytes. */
  readonly means: string;
  /** Whether the bytes are a file's: such a path is worth a word when it changes. */
  readonly isOfFiles: boolean;
  /** Its area in the plot is striped: told from the others without colours as well. */
  readonly isStriped: boolean;
}

/** In the order in which they are stacked and listed: that of `dataPaths`. */
export const pathLooks: Readonly<Record<DataPath, PathLook>> = {
  sendfile: {
    name: 'sendfile',
    means: 'inside the kernel, no copy through user space',
    isOfFiles: true,
    isStriped: false,
  },
  buffers: {
    name: 'output buffers',
    means: 'copied up by pread64, and down again by writev',
    isOfFiles: true,
    isStriped: true,
  },
  ktls: { name: 'kTLS', means: 'encrypted inside the kernel, over HTTPS', isOfFiles: true, isStriped: false },
  tls: {
    name: 'TLS',
    means: 'copied up by pread64, encrypted by the worker, and copied down again',
    isOfFiles: true,
    isStriped: true,
  },
  memory: { name: 'memory', means: 'heads, and answers that no file holds', isOfFiles: false, isStriped: false },
};

export const paths = Object.keys(pathLooks) as readonly DataPath[];

/** Bytes of all paths together. */
export function sum(bytes: Readonly<Record<DataPath, number>>): number {
  return paths.reduce((all, path) => all + (bytes[path] ?? 0), 0);
}
