/** Small hands for the document. Texts come from clients as well, so whatever is shown goes in as text, never as markup. */

const svgSpace = 'http://www.w3.org/2000/svg';

/** The element of index.html with this id. @throws Error where there is none of this kind: index.html and the scripts do not fit */
export function byId<T extends Element>(id: string, kind: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`index.html has no ${kind.name} #${id}`);
  return found;
}

/** A new element with a class and a text; '' leaves either out. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className = '',
  text = '',
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (className !== '') element.className = className;
  if (text !== '') element.textContent = text;
  return element;
}

/** A new element of SVG. */
export function makeSvg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string | number>>,
): SVGElementTagNameMap[K] {
  const element = document.createElementNS(svgSpace, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, `${value}`);
  return element;
}

/** Changes a text only where it differs, so that a second without news costs the browser nothing. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

export function setAttribute(element: Element, name: string, value: string): void {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

export function setClass(element: Element, className: string): void {
  setAttribute(element, 'class', className);
}

/** The badge of a data path: its name in its colour. */
export function setBadge(element: Element, path: string, name: string): void {
  setClass(element, `badge path-${path}`);
  setText(element, name);
}

/** The cells of a new row of a table. */
export function cells(count: number, first: 'th' | 'td' = 'td'): HTMLTableCellElement[] {
  return Array.from({ length: count }, (_, at) => {
    const cell = make(at === 0 ? first : 'td');
    if (at === 0 && first === 'th') cell.scope = 'row';
    return cell;
  });
}

/** A row of these cells. */
export function rowOf(list: readonly HTMLTableCellElement[]): HTMLTableRowElement {
  const row = make('tr');
  row.append(...list);
  return row;
}
