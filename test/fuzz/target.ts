import { seeded } from '../http/parse-helpers.js';
import { mutate, pick, type Random } from './mutate.js';

/** Something that reads what others have written. */
export interface Target {
  readonly name: string;
  /** What mutants are made from. */
  readonly seeds: readonly string[];
  /** What is put into them. */
  readonly pieces: readonly string[];
  /** Has a text read, and checks what came of it: whether it was accepted. @throws Error where something is not as it has to be */
  try(text: string, random: Random): boolean;
}

/** What came of the texts that one target was given. */
export interface Outcome {
  accepted: number;
  refused: number;
  /** Of one text, in milliseconds, and the text. */
  longest: number;
  slowest: string;
}

/** A text, once found to break a target, with what was wrong. */
export class Broken extends Error {
  constructor(
    readonly text: string,
    cause: unknown,
  ) {
    super(`${JSON.stringify(text)}: ${(cause as Error).message}`, { cause });
  }
}

/**
 * Gives mutants to a target.
 * @param onProgress told of the number of texts so far, now and then
 * @throws Broken at the first text that the target does not bear
 */
export function fuzz(target: Target, count: number, seed: number, onProgress?: (done: number) => void): Outcome {
  const random = seeded(seed);
  const outcome: Outcome = { accepted: 0, refused: 0, longest: 0, slowest: '' };
  for (let done = 0; done < count; done++) {
    const text = mutate(pick(target.seeds, random), target.pieces, random);
    const begun = performance.now();
    try {
      if (target.try(text, random)) outcome.accepted += 1;
      else outcome.refused += 1;
    } catch (error) {
      throw new Broken(text, error);
    }
    const took = performance.now() - begun;
    if (took > outcome.longest) Object.assign(outcome, { longest: took, slowest: text });
    if (done % 10_000 === 0) onProgress?.(done);
  }
  return outcome;
}
