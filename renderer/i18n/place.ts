/**
 * Which computer a text speaks of: this one in the app's own window; that of the node in the window of a node elsewhere, and in a browser, which may
 * be at the end of a tunnel. Texts that such a page shows take their word from here, in the form that their sentence wants. Both of these pages
 * show nodes from the command line: what the app's Settings change is changed there by a flag ({@link byFlag}).
 */

export type Place = 'here' | 'browser' | { readonly name: string }

let place: Place = 'here'

/** Before the page is drawn. */
export function usePlace(shown: Place): void {
  place = shown
}

function either(here: string, node: string, named: (name: string) => string): () => string {
  return () => (place === 'here' ? here : place === 'browser' ? node : named(place.name))
}

/** What is to be done about a setting: in the Settings, or by a flag where the node comes from the command line. */
export function byFlag(inSettings: string, flag: string): string {
  return place === 'here' ? inSettings : flag
}

export const en = {
  computer: either('this computer', 'the node’s computer', (name) => `${name}’s computer`),
  /** At the beginning of a sentence. */
  Computer: either('This computer', 'The node’s computer', (name) => `${name}’s computer`),
}

/** By its cases, after the article. */
export const de = {
  der: either('dieser Computer', 'der Computer des Nodes', (name) => `der Computer von ${name}`),
  den: either('diesen Computer', 'den Computer des Nodes', (name) => `den Computer von ${name}`),
  dem: either('diesem Computer', 'dem Computer des Nodes', (name) => `dem Computer von ${name}`),
  des: either('dieses Computers', 'des Computers des Nodes', (name) => `des Computers von ${name}`),
}

/** Bare, and with the prepositions that melt into the article. */
export const es = {
  el: either('este ordenador', 'el ordenador del nodo', (name) => `el ordenador de ${name}`),
  El: either('Este ordenador', 'El ordenador del nodo', (name) => `El ordenador de ${name}`),
  del: either('de este ordenador', 'del ordenador del nodo', (name) => `del ordenador de ${name}`),
  al: either('a este ordenador', 'al ordenador del nodo', (name) => `al ordenador de ${name}`),
}
