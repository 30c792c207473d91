/** Cookies of `userid`, of which a process and a counter are part: told by what two servers have to agree on. */

const SOON = 60;

/** Which version an identifier is that was made just now, by where its second stands; or that it was not. */
function madeNow(bytes: Buffer): 'v1' | 'v2' | null {
  const now = Date.now() / 1000;
  const near = (seconds: number) => Math.abs(seconds - now) < SOON;
  if (near(bytes.readUInt32LE(4))) return 'v1';
  return near(bytes.readUInt32BE(4)) ? 'v2' : null;
}

/** Base64 and a mark, as it is or as what an identifier that was made just now is made of. */
function cookieText(text: string): string {
  const bytes = Buffer.from(text.slice(0, 22), 'base64');
  const version = madeNow(bytes);
  if (version === null) return text;
  const last = version === 'v1' ? bytes.readUInt8(12) : bytes.readUInt8(15) % 2;
  return `a new ${version} of ${bytes.toString('hex', 0, 4)}, ending in ${last}, and "${text.slice(22)}"`;
}

/** A field of a response. @param date of the response, in ms */
export function neutralCookie(field: string, date: number): string {
  return field
    .replace(/^(Set-Cookie: \w+=)([\w+/]{22}.{2})(?=;)/, (_, name, text) => name + cookieText(text))
    .replace(
      /; expires=(\w{3}), (\d\d)-(\w{3})-(\d\d|\d{4}) (\d\d:\d\d:\d\d GMT)/,
      (whole, ...[, day, month, year, time]) => {
        const full = year.length === 2 ? `20${year}` : year;
        const seconds = (Date.parse(`${day} ${month} ${full} ${time}`) - date) / 1000;
        return whole.includes('31-Dec-37') ? whole : `; expires=DATE and ${seconds} s, in ${year.length} digits`;
      },
    );
}

/** A line of a log that has identifiers as hexadecimal numbers. */
export function neutralIdentifiers(line: string): string {
  return line.replace(/(?<==)[0-9A-F]{32}\b/g, digits => {
    const bytes = Buffer.from(digits, 'hex');
    for (let i = 0; i < bytes.length; i += 4) bytes.subarray(i, i + 4).reverse();
    return madeNow(bytes) === null ? digits : 'NEW';
  });
}
