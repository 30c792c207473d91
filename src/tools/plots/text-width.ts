/** How much room a text takes. Nobody can measure it before a browser does, so that these are the widths of a wide sans serif. */

const narrowLetters = /[ijl.,:;'|!I()[\] ]/;
const wideLetters = /[mwMW@%]/;
const capitals = /[A-Z+=<>&×±]/;

/** Pixels at a letter size, rather too many than too few. */
export function textWidth(text: string, size: number): number {
  let width = 0;
  for (const letter of text) width += letterWidth(letter);
  return width * size;
}

/** In parts of the letter size. */
function letterWidth(letter: string): number {
  if (narrowLetters.test(letter)) return 0.34;
  if (wideLetters.test(letter)) return 0.92;
  if (capitals.test(letter)) return 0.72;
  return (letter.codePointAt(0) ?? 0) < 0x1100 ? 0.6 : 1;
}

/** Breaks a text at blanks, so that each line has no more than so many pixels; a single word may have more. */
export function wrapText(text: string, size: number, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const joined = lines.length === 0 ? word : `${lines[lines.length - 1]} ${word}`;
    if (lines.length > 0 && textWidth(joined, size) <= width) lines[lines.length - 1] = joined;
    else lines.push(word);
  }
  return lines;
}
