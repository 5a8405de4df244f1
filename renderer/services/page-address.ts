/** The address of a page in a browser names the screen, so that a reload, a bookmark and the browser's own Back lead to it. */
import type { Navigation } from '../state/screens.svelte.ts'

export function writeScreen({ current, all }: Pick<Navigation, 'current' | 'all'>): void {
  if (all) return
  const [, shown] = location.hash.split('/')
  if (shown === current) return
  // The page was opened without a screen: that is no step to go back to.
  history[shown === undefined ? 'replaceState' : 'pushState'](history.state, '', `#/${current}`)
}
