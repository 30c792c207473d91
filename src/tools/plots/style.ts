import { families } from './looks.js';

/** How plots look, in light and dark, within a page and as files of their own. */

interface Theme {
  readonly page: string;
  readonly ink: string;
  readonly soft: string;
  readonly line: string;
  readonly name: 'light' | 'dark';
}

/** As src/tools/html/look.ts has them. */
export const themes: readonly Theme[] = [
  { name: 'light', page: '#fff', ink: '#1f2328', soft: '#57606a', line: '#d0d7de' },
  { name: 'dark', page: '#0d1117', ink: '#e6edf3', soft: '#9aa4af', line: '#30363d' },
];

const [light, dark] = themes;

/** No custom properties: viewers that are not browsers do not know them. */
function colours({ name, page, ink, soft, line }: Theme): string {
  const series = Object.entries(families).flatMap(([family, { [name]: shades }]) =>
    shades.map((shade, nth) => {
      const scope = `.plot .${family}-${nth}`;
      return `${scope} .f{fill:${shade}}${scope} .s{stroke:${shade}}`;
    }),
  );
  return `.plot .back,.plot .hollow{fill:${page}}.plot text{fill:${ink}}.plot .faint{fill:${soft}}
.plot .grid{stroke:${line}}.plot .axis{stroke:${soft}}
${series.join('\n')}`;
}

/** A page is printed light, whatever it is on the screen. */
export const plotRules = `.plot{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
.plot .title{font-weight:600}.plot .grid,.plot .axis{fill:none;stroke-width:1}
.plot .line{fill:none;stroke-width:2.25;stroke-linejoin:round;stroke-linecap:round}
.plot .dashed{stroke-dasharray:6 4;stroke-linecap:butt}.plot .thin{fill:none;stroke-width:1.5}
.plot .hollow,.plot .edge{stroke-width:1.6}.plot .bar.hollow{stroke-dasharray:5 3}.plot .tint{fill-opacity:.16}
${colours(light)}
@media screen and (prefers-color-scheme:dark){${colours(dark)}}`;
