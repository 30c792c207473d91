import { writeFileSync } from 'node:fs';
import { banner, findProgram } from '../tools/programs.js';
import { javaClass, javaSource } from './java-source.js';
import type { Lab } from './lab.js';
import { ExperimentError, finish, kill, listeningPort, startOwn, startProgram } from './program.js';

/** IBM's comparison in Java, where there is one. */

const startLimit = 120_000;
const sendLimit = 600_000;

export type JavaMode = 'copy' | 'transferTo';

export interface JavaTask {
  readonly bytes: number;
  readonly mode: JavaMode;
}

export interface JavaTime extends JavaTask {
  readonly milliseconds: number;
}

/** Java, and the words that start our program with it. */
export interface Java {
  readonly program: string;
  readonly words: readonly string[];
  /** `openjdk version "17.0.15"`. */
  readonly version: string;
}

/** @returns or why there is none, as a sentence */
export async function findJava(lab: Lab, path?: string): Promise<Java | { readonly missing: string }> {
  const program = findProgram('java', path);
  if (program === undefined)
    return { missing: "java is not installed, so IBM's own comparison (FileChannel.transferTo) is left out." };
  const file = `${javaClass}.java`;
  writeFileSync(lab.place.file(file), javaSource);
  lab.progress('compiling the Java program');
  try {
    const words = await prepare(lab, program, file, findProgram('javac', path));
    const version = (await banner(program, '-version')).split('\n', 1)[0].trim();
    return { program, words, version };
  } catch (error) {
    if (!(error instanceof ExperimentError)) throw error;
    return { missing: `The Java program cannot be run (${error.message}), so IBM's own comparison is left out.` };
  }
}

/** With javac it is compiled once; a JDK's java takes a single source file as well (JEP 330). */
async function prepare(lab: Lab, java: string, file: string, javac: string | undefined): Promise<string[]> {
  const { cwd } = lab.place;
  if (javac !== undefined) {
    await finish(startProgram(javac, [file], cwd), startLimit);
    return ['-cp', '.', javaClass];
  }
  // without tasks it ends at once: this tells whether there is a compiler in this java
  await finish(startProgram(java, [file, '127.0.0.1', '1', '/dev/null', '1'], cwd), startLimit);
  return [file];
}

/**
 * Sends a file of the workplace to a receiver that drops it, once for each task.
 * @throws ExperimentError
 */
export async function runJava(
  lab: Lab,
  java: Java,
  file: string,
  blockSize: number,
  tasks: readonly JavaTask[],
): Promise<JavaTime[]> {
  const { cwd } = lab.place;
  const receiver = startOwn('drain', [], cwd);
  try {
    const port = await listeningPort(receiver);
    const given = [
      '127.0.0.1',
      String(port),
      file,
      String(blockSize),
      ...tasks.map(({ bytes, mode }) => `${bytes}:${mode}`),
    ];
    const sender = startProgram(java.program, [...java.words, ...given], cwd);
    const times = parseJavaTimes(await finish(sender, sendLimit));
    if (times.length !== tasks.length)
      throw new ExperimentError(`${sender.command}: ${times.length} times for ${tasks.length} tasks`);
    return times;
  } finally {
    await kill(receiver);
  }
}

/** Reads the lines BYTES MODE MILLISECONDS. */
export function parseJavaTimes(text: string): JavaTime[] {
  return [...text.matchAll(/^(\d+) (copy|transferTo) (\d+\.\d+)$/gm)].map(([, bytes, mode, milliseconds]) => ({
    bytes: Number(bytes),
    mode: mode === 'copy' ? 'copy' : 'transferTo',
    milliseconds: Number(milliseconds),
  }));
}
