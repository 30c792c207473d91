const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
export const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/**
 * Texts of recent dates, by the low bits of the second: the Date of the current second and the Last-Modified of the files in
 * demand are asked for again and again.
 */
const CACHED = 64;
const cachedSeconds = new Float64Array(CACHED).fill(-1);
const cachedTexts = new Array<string>(CACHED).fill('');

/**
 * A date as HTTP sends it (RFC 9110 section 5.6.7): "Sun, 06 Nov 1994 08:49:37 GMT".
 * @param seconds since 1970; a fraction is dropped
 */
export function httpDate(seconds: number): string {
  const whole = Math.floor(seconds);
  const slot = ((whole % CACHED) + CACHED) % CACHED;
  if (cachedSeconds[slot] !== whole || whole < 0) {
    const date = new Date(whole * 1000);
    const day = `${DAYS[date.getUTCDay()]}, ${two(date.getUTCDate())} ${MONTHS[date.getUTCMonth()]}`;
    const year = String(date.getUTCFullYear()).padStart(4, '0');
    const time = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
    cachedTexts[slot] = `${day} ${year} ${time} GMT`;
    cachedSeconds[slot] = whole;
  }
  return cachedTexts[slot];
}

/** The last second that dates have four digits for the year in: of 9999. */
const LAST_SECOND = 253_402_300_799;

/**
 * A date as nginx has it in cookies: "Sun, 06-Nov-94 08:49:37 GMT". The year has four digits after 2037 alone, as the browsers that
 * know no others end there.
 * @param seconds since 1970
 */
export function cookieDate(seconds: number): string {
  const text = httpDate(Math.min(seconds, LAST_SECOND));
  const year = text.slice(12, 16);
  return `${text.slice(0, 7)}-${text.slice(8, 11)}-${Number(year) > 2037 ? year : year.slice(2)}${text.slice(16)}`;
}

/** The local texts of the second that was asked for last. */
let localSecond = Number.NaN;
let accessText = '';
let errorText = '';
let isoText = '';
let syslogText = '';

/** nginx's $time_local: "20/Nov/2026:10:44:29 +0000", in local time. @param ms milliseconds since 1970 */
export function accessLogDate(ms: number): string {
  if (Math.floor(ms / 1000) !== localSecond) refresh(ms);
  return accessText;
}

/** The error log's date: "2026/11/20 10:44:29", in local time. @param ms milliseconds since 1970 */
export function errorLogDate(ms: number): string {
  if (Math.floor(ms / 1000) !== localSecond) refresh(ms);
  return errorText;
}

/** nginx's $time_iso8601: "2026-11-20T10:44:29+00:00", in local time. @param ms milliseconds since 1970 */
export function iso8601Date(ms: number): string {
  if (Math.floor(ms / 1000) !== localSecond) refresh(ms);
  return isoText;
}

/** syslog's date (RFC 3164 section 4.1.2): "Nov  6 10:44:29", in local time. @param ms milliseconds since 1970 */
export function syslogDate(ms: number): string {
  if (Math.floor(ms / 1000) !== localSecond) refresh(ms);
  return syslogText;
}

function refresh(ms: number): void {
  localSecond = Math.floor(ms / 1000);
  const date = new Date(ms);
  const [year, month, day] = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())];
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  const offset = -date.getTimezoneOffset();
  const sign = offset < 0 ? '-' : '+';
  const hours = two(Math.floor(Math.abs(offset) / 60));
  const minutes = two(Math.abs(offset) % 60);
  accessText = `${day}/${MONTHS[date.getMonth()]}/${year}:${time} ${sign}${hours}${minutes}`;
  errorText = `${year}/${month}/${day} ${time}`;
  syslogText = `${MONTHS[date.getMonth()]} ${String(date.getDate()).padStart(2)} ${time}`;
  isoText = `${year}-${month}-${day}T${time}${sign}${hours}:${minutes}`;
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}

/** Where the parts of a date stand in a text, for each of the three forms. */
interface Form {
  length: number;
  /** Characters that must be where they are; "?" marks the places of the parts. */
  pattern: string;
  day: number;
  month: number;
  year: number;
  yearDigits: 2 | 4;
  time: number;
}

/** From after the weekday's name. */
const IMF: Form = {
  length: 26,
  pattern: ', ?? ??? ???? ??:??:?? GMT',
  day: 2,
  month: 5,
  year: 9,
  yearDigits: 4,
  time: 14,
};
const RFC850: Form = {
  length: 24,
  pattern: ', ??-???-?? ??:??:?? GMT',
  day: 2,
  month: 5,
  year: 9,
  yearDigits: 2,
  time: 12,
};
const ASCTIME: Form = {
  length: 21,
  pattern: ' ??? ?? ??:??:?? ????',
  day: 5,
  month: 1,
  year: 17,
  yearDigits: 4,
  time: 8,
};

/**
 * Reads a date in one of HTTP's three forms (RFC 9110 section 5.6.7), strictly. The weekday must be a weekday, but need not
 * be the date's. Years of two digits are 1970 to 2069.
 * @returns seconds since 1970, or -1 for anything else and for dates before 1970
 */
export function parseHttpDate(text: string): number {
  if (text !== lastText) {
    lastSeconds = parse(text);
    lastText = text;
  }
  return lastSeconds;
}

/** Many ask with the same date: that of a file that many have. */
let lastText = '';
let lastSeconds = -1;

function parse(text: string): number {
  const rest = text.length - IMF.length;
  if (rest === 3 && DAYS.includes(text.substring(0, 3))) return parseForm(text, 3, IMF);
  if (text.length === ASCTIME.length + 3 && DAYS.includes(text.substring(0, 3))) return parseForm(text, 3, ASCTIME);
  const comma = text.indexOf(',');
  return isLongDay(text.substring(0, comma)) ? parseForm(text, comma, RFC850) : -1;
}

function isLongDay(name: string): boolean {
  switch (name) {
    case 'Sunday':
    case 'Monday':
    case 'Tuesday':
    case 'Wednesday':
    case 'Thursday':
    case 'Friday':
    case 'Saturday':
      return true;
    default:
      return false;
  }
}

function parseForm(text: string, from: number, form: Form): number {
  if (text.length - from !== form.length) return -1;
  for (let i = 0; i < form.length; i++) {
    const wanted = form.pattern.charCodeAt(i);
    if (wanted !== 0x3f && text.charCodeAt(from + i) !== wanted) return -1;
  }
  const month = MONTHS.indexOf(text.substring(from + form.month, from + form.month + 3));
  const dayAt = from + form.day;
  const padded = form === ASCTIME && text.charCodeAt(dayAt) === 0x20;
  const day = padded ? number(text, dayAt + 1, 1) : number(text, dayAt, 2);
  let year = number(text, from + form.year, form.yearDigits);
  if (form.yearDigits === 2 && year >= 0) year += year < 70 ? 2000 : 1900;
  const hours = number(text, from + form.time, 2);
  const minutes = number(text, from + form.time + 3, 2);
  const seconds = number(text, from + form.time + 6, 2);
  if (month < 0 || day < 1 || year < 1970 || hours < 0 || minutes < 0 || seconds < 0) return -1;
  if (day > daysIn(month, year) || hours > 23 || minutes > 59 || seconds > 59) return -1;
  return Date.UTC(year, month, day, hours, minutes, seconds) / 1000;
}

/** The number that `digits` digits spell, or -1. */
function number(text: string, at: number, digits: number): number {
  let value = 0;
  for (let i = at; i < at + digits; i++) {
    const digit = text.charCodeAt(i) - 0x30;
    if (!(digit >= 0 && digit <= 9)) return -1;
    value = value * 10 + digit;
  }
  return value;
}

function daysIn(month: number, year: number): number {
  if (month !== 1) return month === 3 || month === 5 || month === 8 || month === 10 ? 30 : 31;
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
}
