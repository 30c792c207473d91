/**
 * The order in which requests come, and what is found out for them: what was seen in the file system after a request had come is true
 * for it, and nobody has to look again.
 */
let arrived = 0;

/** Something has come from a client now. @returns its number: later ones are larger */
export function noteArrival(): number {
  arrived += 1;
  return arrived;
}

/** The number of what has come last. */
export function lastArrival(): number {
  return arrived;
}
