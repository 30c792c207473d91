/** `modern_browser` and `ancient_browser`: what is modern, what is ancient, and what is MSIE. */
import { type Case, differential, get } from './harness.js';

const locations: Readonly<Record<string, string>> = {
  none: '',
  opera: 'modern_browser opera 9.0;',
  msie: 'modern_browser msie 5.5;',
  gecko: 'modern_browser Gecko 1.5.0.3;',
  safari: 'modern_browser safari 413;',
  konqueror: 'modern_browser konqueror 3.;',
  twice: 'modern_browser msie 7; modern_browser msie 5;',
  all: 'modern_browser konqueror 3; modern_browser safari 413; modern_browser gecko 1.0.0; modern_browser msie 5.5; modern_browser opera 9;',
  unlisted: 'modern_browser unlisted; ancient_browser Links Lynx; ancient_browser netscape4;',
  both: 'modern_browser msie 5.5; modern_browser unlisted; ancient_browser Links;',
  empty: 'modern_browser msie ""; modern_browser unlisted; ancient_browser "" Mozilla;',
  ancient: 'ancient_browser Links;',
  values:
    'modern_browser unlisted; modern_browser_value a; modern_browser_value "new $uri"; ancient_browser_value old;',
};

const http = `
ancient_browser Opera;
server { listen 127.0.0.1:{port}; modern_browser msie 8;
  ${Object.entries(locations)
    .map(([name, text]) => `location /${name} { ${text} return 200 "[$modern_browser][$ancient_browser][$msie]"; }\n`)
    .join('')}
}`;

const agents = [
  'Mozilla/5.0 (X11; U; FreeBSD i386; en-US; rv:1.5.0.3) Gecko/20060426',
  'Mozilla/5.0 (X11; U; rv:1.4) Gecko/20020610',
  'Mozilla/5.0 (X11; U; rv:1.5.0.2',
  'Mozilla/5.0 (X11; U; rv:',
  'rv:9.9 Gecko/2020',
  'Mozilla/5.0 (Mac) AppleWebKit/125 (KHTML, like Gecko) Safari/413',
  'Mozilla/5.0 (Mac) AppleWebKit/500 (KHTML, like Gecko) Safari/412.99',
  'Safari/500',
  'Opera/9.50 (X11; Linux)',
  'Opera 8.99',
  'Opera',
  'Mozilla/4.0 (compatible; MSIE 6.0; X11) Opera 9.50 [en]',
  'Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1)',
  'Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 5.1)',
  'Mozilla/4.0 (compatible; MSIE 5.4; X)',
  'Mozilla/4.0 (compatible; MSIE 7',
  'Mozilla/4.0 (compatible; MSIE 5.5',
  'Mozilla/4.0 (compatible; MSIE ',
  'Mozilla/4.0 (compatible; MSIE 99999999999.0)',
  'MSIE 9.0',
  'Mozilla/5.0 (compatible; Konqueror/3.1; Linux)',
  'Mozilla/5.0 (compatible; Konqueror/2.9)',
  'Mozilla/4.79 [en] (X11)',
  'Mozilla/4.72 x',
  'Mozilla/4.72 ',
  'Links (2.1)',
  'Links',
  'curl/8',
];

differential('browser', { http }, [
  ...Object.keys(locations).flatMap((name): Case[] => [
    get(`/${name}`),
    get(`/${name}`, 'User-Agent: '),
    ...agents.map(agent => get(`/${name}`, `User-Agent: ${agent}`)),
  ]),
]);

differential(
  'browser at http level',
  { http: 'modern_browser msie 5.5; server { listen 127.0.0.1:{port}; return 200 "[$modern_browser]"; }' },
  [get('/', 'User-Agent: Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1)'), get('/', 'User-Agent: curl/8')],
);
