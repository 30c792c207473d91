/** How the page of a trace looks, beyond what all pages have in common. */
import { styleSheet } from '../../tools/html/look.js';

const own = `.amount-line,.axis{color:var(--soft)}.amount-line{font-size:.875rem}.glance{padding-left:1.2rem}
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

const phone = `.lane{grid-template-columns:5.6rem 1fr;font-size:.8125rem}.axis{margin-left:5.6rem}.axis span:nth-child(even){display:none}
.bar{grid-template-columns:1fr;gap:0;margin-bottom:.3rem}
.beside,.beside tbody,.beside tr,.beside td{display:block;width:100%}.beside thead,.beside .none{display:none}
.beside td,.beside td+td{padding:.5rem 0;border:0}.beside tr{border-top:1px solid var(--line);padding:.3rem 0}
.beside td::before{content:attr(data-label);display:block;font-size:.8125rem;font-weight:600;color:var(--soft)}
.differences thead{position:absolute;clip-path:inset(50%)}.differences tr{display:block;border-bottom:1px solid var(--line);padding:.5rem 0}
.differences td,.differences tbody th{display:block;border:0;padding:.1rem 0}`;

/** No page break within what belongs together. */
const paper = `.checks li{margin:.25rem 0}.copied.pair{grid-template-columns:1fr 1fr}
.lane,.timeline,.copies,.bars,.checks li{break-inside:avoid}
.beside tr{break-inside:auto}section{break-before:page}section:first-child{break-before:auto}
.lane svg{border:1px solid var(--line)}`;

export const style = styleSheet({ rules: `${own}\n${drawings}`, phone, paper });
