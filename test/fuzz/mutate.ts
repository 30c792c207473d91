/** Texts made from others by small changes, the same ones for the same seed. */

/** Numbers from 0 up to 1 (mulberry32). */
export type Random = () => number;

/** One to four cuts, doublings, replacements and insertions. @param pieces what matters to who reads it */
export function mutate(text: string, pieces: readonly string[], random: Random): string {
  let mutant = text;
  for (let left = 1 + below(4, random); left > 0; left--) {
    const at = below(mutant.length + 1, random);
    const length = below(5, random);
    const kind = below(5, random);
    let put = '';
    if (kind === 0) put = pick(pieces, random);
    else if (kind === 1) put = String.fromCharCode(below(256, random));
    else if (kind === 2) put = mutant.substring(at, at + length).repeat(2);
    else if (kind === 3) put = mutant.substring(at, at + below(60, random)).repeat(1 + below(8, random));
    mutant = mutant.substring(0, at) + put + mutant.substring(at + (kind === 0 ? 0 : length));
  }
  return mutant;
}

export function pick<T>(list: readonly T[], random: Random): T {
  return list[below(list.length, random)] as T;
}

export function below(limit: number, random: Random): number {
  return Math.floor(random() * limit);
}
