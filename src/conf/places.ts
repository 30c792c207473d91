/** The servers and locations of a configuration, and how settings of one of them are changed without its file. */
import type { Settings } from './settings.js';
import type { Node } from './syntax.js';
import type { Config, LocationConfig } from './tree.js';

export interface Place {
  /** "0" is the first server, "0/2" its third location, "0/2/0" the first one in that. */
  readonly id: string;
  readonly kind: 'server' | 'location';
  /** Names and addresses of a server; what stands between `location` and the brace. A byte string. */
  readonly name: string;
  /** Where its block is. */
  readonly file: string;
  readonly line: number;
  /** What holds there. */
  readonly settings: Settings;
}

/** By the id of a place: directives and their arguments, which hold there in the place of what the file says. */
export type Changes = ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;

/** All servers and locations in the order of the file, each server before its locations. */
export function placesOf(nodes: readonly Node[], config: Config): Place[] {
  const places: Place[] = [];
  for (const [index, node] of serversIn(nodes).entries()) {
    const { settings, locations } = config.servers[index];
    const listens = settings.listen.map(({ text }) => text).join(', ');
    const names = settings.serverName.map(({ text }) => text).join(' ');
    const name = names === '' ? listens : `${names} on ${listens}`;
    places.push({ id: `${index}`, kind: 'server', name, file: node.file, line: node.line, settings });
    addLocations(places, `${index}`, node, locations);
  }
  return places;
}

function addLocations(places: Place[], parent: string, block: Node, locations: readonly LocationConfig[]): void {
  for (const [index, node] of blocksIn(block, 'location').entries()) {
    const id = `${parent}/${index}`;
    const { settings, locations: inner } = locations[index];
    places.push({ id, kind: 'location', name: node.args.join(' '), file: node.file, line: node.line, settings });
    addLocations(places, id, node, inner);
  }
}

/** The same configuration with changes in it. What is not changed is not copied. */
export function withChanges(nodes: readonly Node[], changes: Changes): readonly Node[] {
  if (changes.size === 0) return nodes;
  return nodes.map(node => (node.name === 'http' ? changeBlocks(node, 'server', '', changes) : node));
}

function changeBlocks(block: Node, name: string, prefix: string, changes: Changes): Node {
  let index = 0;
  const children = block.children?.map(child => {
    if (child.name !== name) return child;
    const id = `${prefix}${index++}`;
    return changeBlocks(changeOne(child, changes.get(id)), 'location', `${id}/`, changes);
  });
  return { ...block, children: children ?? [] };
}

function changeOne(block: Node, own: ReadonlyMap<string, readonly string[]> | undefined): Node {
  if (own === undefined) return block;
  const kept = (block.children ?? []).filter(child => !own.has(child.name));
  const added = [...own].map(([name, args]) => ({ name, args, file: block.file, line: block.line }));
  return { ...block, children: [...added, ...kept] };
}

function serversIn(nodes: readonly Node[]): Node[] {
  return nodes.filter(node => node.name === 'http').flatMap(http => blocksIn(http, 'server'));
}

function blocksIn(block: Node, name: string): Node[] {
  return (block.children ?? []).filter(child => child.name === name);
}
