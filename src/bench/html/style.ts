/** How the pages of the load tests look, beyond what all pages have in common. */
import { styleSheet } from '../../tools/html/look.js';
import { plotRules } from '../../tools/plots/style.js';

const own = `h2 small{font-size:.8125rem;font-weight:400;color:var(--soft);margin-left:.6rem}
dt{flex-basis:8rem}.note{color:var(--warn)}main{margin-top:1.5rem}
.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,28rem),1fr));gap:0 2.5rem;align-items:start}
.plots>*{min-width:0}figure{margin:.9rem 0 1.5rem;max-width:44rem}
figure svg{display:block;width:100%;height:auto}.narrow{display:none}
.scroll{margin:.75rem 0}.noise{color:var(--warn)}.other{color:var(--soft);font-size:.8125rem}
.wrong td{color:var(--bad);text-align:left}.ours th{font-weight:600}
.notes li{margin:.35rem 0;max-width:62rem}.notes{padding-left:1.2rem}`;

const phone = `h2 small{display:block;margin:0}.wide{display:none}.narrow{display:block}`;

const paper = `.plots{grid-template-columns:1fr}figure{break-inside:avoid;max-width:34rem}`;

export const style = styleSheet({ rules: `${own}\n${plotRules}`, phone, paper });
