/** Whether a client takes a response that is compressed, by its Accept-Encoding (RFC 9110 section 12.5.3). */

const name = 'gzip';
const digits = /^[01](?:\.\d{0,3})?$/;

/**
 * Whether gzip is among the codings and has a weight above 0. As nginx: "*" does not stand for it, and a weight that is none
 * counts as 0.
 */
export function acceptsGzip(value: string | undefined): boolean {
  if (value === undefined) return false;
  if (value.startsWith('gzip,')) return true;
  const coding = value
    .toLowerCase()
    .split(',')
    .find(each => each.trim().split(/[\s;]/).includes(name));
  if (coding === undefined) return false;
  const weight = /;\s*q=(.*)$/.exec(coding)?.[1]?.trim();
  if (weight === undefined) return !coding.includes(';');
  return digits.test(weight) && Number(weight) > 0 && Number(weight) <= 1;
}
