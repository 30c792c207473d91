import { Ends } from '../ends.js';

/** Both ends in a folder of their own, gone afterwards. */
export async function withEnds(use: (ends: Ends) => Promise<void>): Promise<void> {
  const ends = new Ends();
  try {
    await use(ends);
  } finally {
    await ends.clean();
  }
}
