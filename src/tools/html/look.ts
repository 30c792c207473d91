/** What the pages of this program have in common: colours, letters, tables; in light and dark, on a phone, and on paper. */
import { Markup, markup, toAscii } from './markup.js';

/** Custom properties for a light page, which is also how paper is printed. */
export const light = `--page:#fff;--card:#f6f8fa;--ink:#1f2328;--soft:#57606a;--line:#d0d7de;--focus:#0550ae;
--read:#0969da;--write:#b45309;--sendfile:#1a7f37;--wait:#768390;--other:#8250df;--full:#cf222e;--unused:#afb8c1;
--good:#116329;--good-back:#dafbe1;--bad:#a40e26;--bad-back:#ffebe9;--warn:#7d4e00;--warn-back:#fff8c5;`;

/** The same for a dark one. */
export const dark = `--page:#0d1117;--card:#161b22;--ink:#e6edf3;--soft:#9aa4af;--line:#30363d;--focus:#79c0ff;
--read:#58a6ff;--write:#e3912d;--sendfile:#3fb950;--wait:#6e7681;--other:#bc8cff;--full:#ff7b72;--unused:#484f58;
--good:#7ee787;--good-back:#12261e;--bad:#ffa198;--bad-back:#2d1417;--warn:#f0c653;--warn-back:#272115;`;

const base = `*{box-sizing:border-box}
body{margin:0 auto;max-width:76rem;padding:1.5rem 1.25rem 3rem;background:var(--page);color:var(--ink);
font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;overflow-wrap:anywhere}
h1{font-size:1.75rem;line-height:1.2;margin:.2rem 0 1rem}
h2{font-size:1.3rem;margin:2.75rem 0 .5rem;padding-top:.75rem;border-top:1px solid var(--line)}
h3{font-size:1.05rem;margin:1.5rem 0 .4rem}h4{font-size:.95rem;margin:.2rem 0 .3rem}
p{margin:.4rem 0;max-width:62rem}figure{margin:0 0 1rem}figcaption h3{margin-top:.9rem}
.kicker,dt{color:var(--soft)}.kicker{margin:0}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.8125rem}
pre{margin:.4rem 0;padding:.6rem .75rem;background:var(--card);border:1px solid var(--line);border-radius:6px;
overflow:auto;max-height:38rem;line-height:1.45}
:focus-visible{outline:3px solid var(--focus);outline-offset:2px}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.verdict{border:1px solid var(--line);border-left:6px solid var(--soft);border-radius:6px;padding:.5rem 1rem;
background:var(--card);font-size:1.1rem}
.verdict.good{border-left-color:var(--good)}.verdict.bad{border-left-color:var(--bad)}
dl{display:grid;gap:.2rem;font-size:.9rem;margin:1rem 0}
dl div{display:flex;gap:.75rem}dt{flex:0 0 6rem}dd{margin:0;min-width:0}`;

const tables = `table{border-collapse:collapse;font-size:.9rem}
th,td{padding:.3rem .75rem .3rem 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--line);font-weight:400}
thead th{font-weight:600}.scroll{overflow-x:auto}
.figures th,.figures td{overflow-wrap:normal}.figures td,.figures thead th:not(:first-child){text-align:right;white-space:nowrap;
padding-left:1rem;font-variant-numeric:tabular-nums}.figures tbody+tbody{border-top:2px solid var(--line)}`;

const phone = `body{padding:1rem .9rem 2rem}h1{font-size:1.4rem}dl div{display:block}`;

/** On paper: dark on white, nothing cut off. */
const paper = `:root{${light}--page:#fff;--card:#fff}body{max-width:none;padding:0;font-size:9.5pt}
h2{margin-top:0;border:0}pre,.scroll{overflow:visible;max-height:none}pre{white-space:pre-wrap;font-size:8pt}
.scroll table{table-layout:auto;width:100%}.figures td,.figures thead th{white-space:normal}
h1,h2,h3,h4{break-after:avoid}tr{break-inside:avoid}`;

/** Rules of one page, in ASCII; they come after the common ones. */
export interface OwnRules {
  readonly rules: string;
  /** For a narrow window. */
  readonly phone: string;
  readonly paper: string;
}

/** A whole style sheet; print has its own colours, so that a dark page is not printed dark. */
export function styleSheet(own: OwnRules): Markup {
  return new Markup(`:root{color-scheme:light dark;${light}}
@media screen and (prefers-color-scheme:dark){:root{${dark}}}
${base}
${tables}
${own.rules}
@media (max-width:44rem){${phone}
${own.phone}}
@media print{${paper}
${own.paper}}`);
}

/**
 * A page that needs nothing else: no script, no font, no other file.
 * @returns the whole document, in ASCII; the policy in it lets no script run, whatever the page holds
 */
export function wholePage(title: string, style: Markup, body: Markup): string {
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${style}</style>
</head>
<body>
${body}
</body>
</html>
`;
  return toAscii(page.html);
}
