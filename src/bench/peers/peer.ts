import { userInfo } from 'node:os';
import { findProgram } from '../../tools/programs.js';
import type { PairPaths } from '../secured.js';

/** A kind of server that can be measured. Each is in a file of its own. */
export interface PeerKind {
  /** As --only takes it. */
  readonly name: string;
  /** What it is, for --list. */
  readonly about: string;
  /** What has to be installed for it, where that has another name. */
  readonly needs?: string;
  /** The program; undefined where it is not installed. */
  find(): string | undefined;
  /** @returns its version, '' where it does not say */
  version(program: string): Promise<string>;
  /** Makes no file and starts nothing: says what to write and what to start. */
  configure(place: PeerPlace, program: string): Launch;
  /** It is no server that anybody would use, and takes part only where it is named. */
  readonly isExperiment?: boolean;
  /** Whether its configuration can be one for HTTPS. */
  readonly canSecure?: boolean;
  /** What it was told, in a line. */
  readonly settings: string;
  /** Where it cannot be made equal to the others. */
  readonly notes: readonly string[];
}

/** Where a server runs. */
export interface PeerPlace {
  /** A folder of its own, with its slash. */
  readonly folder: string;
  /** The document root, without a slash at its end. */
  readonly root: string;
  /** A free port on 127.0.0.1. */
  readonly port: number;
  /** For HTTPS, at those that can. */
  readonly pair?: PairPaths;
}

export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  /** In addition to this process's own. */
  readonly env?: Readonly<Record<string, string>>;
  /** What its folder is to have in it, by name; a name with a slash at its end is a folder. */
  readonly files: Readonly<Record<string, string>>;
  /** What ends it; SIGTERM where nothing is said. */
  readonly stopSignal?: NodeJS.Signals;
  /** The file in its folder that it writes its errors to. */
  readonly errorLog: string;
}

/** What a server is to do beyond the usual. */
export interface Extras {
  /** A line for each request. */
  readonly accessLog?: boolean;
  /** Keeps files open, or what they are in mind. */
  readonly fileCache?: boolean;
}

/** Connections that a server is to take: more than any workload has. */
export const mostConnections = 12_000;
/** Where a server wants to know how many requests a connection may have. */
export const endless = 1_000_000_000;

export function finder(program: string): () => string | undefined {
  return () => findProgram(program);
}

/**
 * Whom a server that was started by root is to run as: root, for others may not see the temporary folder. Undefined for an ordinary
 * user, who cannot choose.
 */
export function rootUser(): string | undefined {
  return process.geteuid?.() === 0 ? userInfo().username : undefined;
}
