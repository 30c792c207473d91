/** How the page of experiments looks, beyond what all pages have in common. */
import { styleSheet } from '../../tools/html/look.js';
import { plotRules } from '../../tools/plots/style.js';

const own = `h2 small{font-size:.8125rem;font-weight:400;color:var(--soft);margin-left:.6rem}
dt{flex-basis:9rem}nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;list-style:none;padding:0;margin:.5rem 0}
a{color:var(--focus);text-underline-offset:.15em}
.result,.listings{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,30rem),1fr));gap:0 2.5rem;align-items:start}
.result>*,.listings>*{min-width:0}.plots figure{margin:.9rem 0 1.5rem;max-width:44rem}
.plots svg{display:block;width:100%;height:auto}.narrow{display:none}
.cells tbody th{padding-right:1rem}.cells td{vertical-align:top}.cells td b{font-weight:600;font-size:1.05rem}
.cells td div{line-height:1.35}.cells .other,.cells .none{color:var(--soft);font-size:.8125rem}
.cells .noise{color:var(--warn)}.ratios td b{font-weight:600}
caption{caption-side:top;text-align:left;font-weight:600;padding:.2rem 0 .3rem}
.scroll{margin:.75rem 0}thead tr:first-child th[colspan]{text-align:center;border-bottom-color:transparent}
.notes li{margin:.35rem 0;max-width:62rem}.notes{padding-left:1.2rem}
summary{cursor:pointer;padding:.3rem 0;color:var(--soft)}details{margin:.5rem 0}
.runs{font-size:.8125rem}`;

const phone = `h2 small{display:block;margin:0}.wide{display:none}.narrow{display:block}.figures td,.figures thead th:not(:first-child){padding-left:.7rem}
.cells tbody th{min-width:6.5rem}`;

/** What is folded on the screen is open on paper. */
const paper = `:root{font-size:9.5pt}nav{display:none}.result,.listings{grid-template-columns:1fr}
.plots figure{break-inside:avoid;max-width:34rem}.cells td{white-space:nowrap}.scroll .cells,.scroll .ratios{width:auto}
section{break-before:page}section:first-child{break-before:auto}summary{display:none}
details::details-content{content-visibility:visible;display:block;height:auto}.runs{font-size:7.5pt}`;

export const style = styleSheet({ rules: `${own}\n${plotRules}`, phone, paper });
