/** How the page looks: in light and dark, on a phone, and on paper. */
import { Markup } from './markup.js';

const light = `--page:#fff;--card:#f6f8fa;--ink:#1f2328;--soft:#57606a;--line:#d0d7de;--focus:#0550ae;
--read:#0969da;--write:#b45309;--sendfile:#1a7f37;--wait:#768390;--other:#8250df;--full:#cf222e;--unused:#afb8c1;
--good:#116329;--good-back:#dafbe1;--bad:#a40e26;--bad-back:#ffebe9;--warn:#7d4e00;--warn-back:#fff8c5;`;

const dark = `--page:#0d1117;--card:#161b22;--ink:#e6edf3;--soft:#9aa4af;--line:#30363d;--focus:#79c0ff;
--read:#58a6ff;--write:#e3912d;--sendfile:#3fb950;--wait:#6e7681;--other:#bc8cff;--full:#ff7b72;--unused:#484f58;
--good:#7ee787;--good-back:#12261e;--bad:#ffa198;--bad-back:#2d1417;--warn:#f0c653;--warn-back:#272115;`;

const base = `*{box-sizing:border-box}
body{margin:0 auto;max-width:76rem;padding:1.5rem 1.25rem 3rem;background:var(--page);color:var(--ink);
font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;overflow-wrap:anywhere}
h1{font-size:1.75rem;line-height:1.2;margin:.2rem 0 1rem}
h2{font-size:1.3rem;margin:2.75rem 0 .5rem;padding-top:.75rem;border-top:1px solid var(--line)}
h3{font-size:1.05rem;margin:1.5rem 0 .4rem}h4{font-size:.95rem;margin:.2rem 0 .3rem}
p{margin:.4rem 0;max-width:62rem}figure{margin:0 0 1rem}figcaption h3{margin-top:.9rem}
.kicker,dt,.amount-line,.axis{color:var(--soft)}.kicker{margin:0}.amount-line{font-size:.875rem}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.8125rem}
pre{margin:.4rem 0;padding:.6rem .75rem;background:var(--card);border:1px solid var(--line);border-radius:6px;
overflow:auto;max-height:38rem;line-height:1.45}
:focus-visible{outline:3px solid var(--focus);outline-offset:2px}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.verdict{border:1px solid var(--line);border-left:6px solid var(--soft);border-radius:6px;padding:.5rem 1rem;
background:var(--card);font-size:1.1rem}
.verdict.good{border-left-color:var(--good)}.verdict.bad{border-left-color:var(--bad)}
.glance{padding-left:1.2rem}dl{display:grid;gap:.2rem;font-size:.9rem;margin:1rem 0}
dl div{display:flex;gap:.75rem}dt{flex:0 0 6rem}dd{margin:0;min-width:0}`;

const tables = `table{border-collapse:collapse;font-size:.9rem}
th,td{padding:.3rem .75rem .3rem 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--line);font-weight:400}
thead th{font-weight:600}.scroll{overflow-x:auto}
.figures th,.figures td{overflow-wrap:normal}.figures td,.figures thead th:not(:first-child){text-align:right;white-space:nowrap;
padding-left:1rem;font-variant-numeric:tabular-nums}.figures tbody+tbody{border-top:2px solid var(--line)}
.differences td:first-child{white-space:nowrap}.differences td{overflow-wrap:break-word;min-width:6rem}
.beside{width:100%;table-layout:fixed;border-spacing:0}.beside td,.beside th{padding:.6rem 1rem .6rem 0}
.beside td+td,.beside th+th{padding:.6rem 0 .6rem 1rem}.beside .none{color:var(--soft)}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,26rem),1fr));gap:1rem 2rem}.pair>*{min-width:0}
.phases{list-style:none;padding:0}.phases>li{margin:1rem 0}
.checks{padding-left:0;list-style:none}.checks li{margin:.5rem 0}ol.checks{padding-left:1.6rem;list-style:decimal}
.checks li p{margin:.2rem 0}
.badge{display:inline-block;font-size:.8125rem;font-weight:600;border-radius:4px;padding:0 .45rem;border:1px solid currentColor}
.good.badge{color:var(--good);background:var(--good-back)}.bad.badge{color:var(--bad);background:var(--bad-back)}
.warn.badge{color:var(--warn);background:var(--warn-back)}.plain.badge{color:var(--soft)}`;

const kinds = ['read', 'write', 'sendfile', 'wait', 'other', 'full'];

const drawings = `${kinds.map(kind => `rect.${kind}{fill:var(--${kind})}`).join('')}
.soft{fill-opacity:.45}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:.2rem 1.5rem;padding:0;font-size:.875rem}
.key{width:.8rem;height:.8rem;margin-right:.4rem;vertical-align:-.05rem}
.lane{display:grid;grid-template-columns:7rem 1fr;align-items:center;margin:.2rem 0;font-size:.875rem}
.lane svg{display:block;width:100%;height:1.9rem;background:var(--card);border-bottom:1px solid var(--line)}
.close .lane svg{height:1.5rem}
.axis{font-size:.8125rem;margin-left:7rem;border-top:1px solid var(--soft)}
.axis div{position:relative;height:1.4rem}.axis span{position:absolute;top:.15rem;white-space:nowrap;transform:translateX(-50%)}
.axis span::before{content:"";position:absolute;left:50%;top:-.15rem;height:.3rem;border-left:1px solid var(--soft)}
.axis .start,.axis .end{transform:none}.axis .start::before{left:0}.axis .end::before{left:100%}
.copies{display:flex;flex-direction:column;justify-content:space-between}.copies svg{display:block;width:100%;max-width:34rem}.copies text{font-size:14px;fill:var(--ink)}
.band{fill:none;stroke:var(--line)}.copies .band-name{fill:var(--soft);font-size:12.5px}
.box{fill:var(--card);stroke:var(--soft)}.copies .box-name,.copies .amount{font-weight:600}
.copies .idle,.copies .by{fill:var(--soft);font-size:13px}
.arrow{fill:none}${['read', 'write', 'sendfile', 'unused'].map(kind => `.arrow.${kind}{stroke:var(--${kind})}.head.${kind}{fill:var(--${kind})}`).join('')}
.arrow.device{stroke:var(--soft)}.head.device{fill:var(--soft)}
.bars{margin:.8rem 0}.bar{display:grid;grid-template-columns:minmax(8rem,30rem) 1fr;gap:.75rem;align-items:center;font-size:.875rem}
.bar svg{width:100%;height:.9rem;background:var(--card)}`;

const phone = `@media (max-width:44rem){body{padding:1rem .9rem 2rem}h1{font-size:1.4rem}
.lane{grid-template-columns:5.6rem 1fr;font-size:.8125rem}.axis{margin-left:5.6rem}.axis span:nth-child(even){display:none}
dl div{display:block}.bar{grid-template-columns:1fr;gap:0;margin-bottom:.3rem}
.beside,.beside tbody,.beside tr,.beside td{display:block;width:100%}.beside thead,.beside .none{display:none}
.beside td,.beside td+td{padding:.5rem 0;border:0}.beside tr{border-top:1px solid var(--line);padding:.3rem 0}
.beside td::before{content:attr(data-label);display:block;font-size:.8125rem;font-weight:600;color:var(--soft)}
.differences thead{position:absolute;clip-path:inset(50%)}.differences tr{display:block;border-bottom:1px solid var(--line);padding:.5rem 0}
.differences td,.differences tbody th{display:block;border:0;padding:.1rem 0}}`;

/** On paper: dark on white, nothing cut off, and no page break within what belongs together. */
const paper = `@media print{:root{${light}--page:#fff;--card:#fff}body{max-width:none;padding:0;font-size:9.5pt}
h2{margin-top:0;border:0}.checks li{margin:.25rem 0}.copied.pair{grid-template-columns:1fr 1fr}
pre,.scroll{overflow:visible;max-height:none}pre{white-space:pre-wrap;font-size:8pt}
.scroll table{table-layout:auto;width:100%}.figures td,.figures thead th{white-space:normal}
h1,h2,h3,h4{break-after:avoid}.lane,.timeline,.copies,.bars,tr,.checks li{break-inside:avoid}
.beside tr{break-inside:auto}section{break-before:page}section:first-child{break-before:auto}
.lane svg{border:1px solid var(--line)}}`;

/** The style sheet; print has its own colours, so that a dark page is not printed dark. */
export const style = new Markup(
  `:root{color-scheme:light dark;${light}}
@media screen and (prefers-color-scheme:dark){:root{${dark}}}
${base}
${tables}
${drawings}
${phone}
${paper}`,
);
