/**
 * Which computer a text speaks of: this one, or, in the window of a node elsewhere, that node's. Texts that such a window shows take their word
 * from here, in the form that their sentence wants.
 */

/** The node elsewhere that this window shows. */
let elsewhere: string | undefined

/** Before the page is drawn; undefined for the app's own window. */
export function usePlace(name: string | undefined): void {
  elsewhere = name
}

function either(here: string, there: (name: string) => string): () => string {
  return () => (elsewhere === undefined ? here : there(elsewhere))
}

export const en = {
  computer: either('this computer', (name) => `${name}’s computer`),
  /** At the beginning of a sentence. */
  Computer: either('This computer', (name) => `${name}’s computer`),
}

/** By its cases, after the article. */
export const de = {
  der: either('dieser Computer', (name) => `der Computer von ${name}`),
  den: either('diesen Computer', (name) => `den Computer von ${name}`),
  dem: either('diesem Computer', (name) => `dem Computer von ${name}`),
  des: either('dieses Computers', (name) => `des Computers von ${name}`),
}

/** Bare, and with the prepositions that melt into the article. */
export const es = {
  el: either('este ordenador', (name) => `el ordenador de ${name}`),
  El: either('Este ordenador', (name) => `El ordenador de ${name}`),
  del: either('de este ordenador', (name) => `del ordenador de ${name}`),
  al: either('a este ordenador', (name) => `al ordenador de ${name}`),
}
