/** The screens there are and which one is shown. A new screen is a new entry here and a view in views/index.svelte.ts. */
import type { IconName } from '../components/icons.ts'

export const SCREENS = [
  { id: 'overview', icon: 'overview' },
  { id: 'peers', icon: 'peers' },
  { id: 'sync', icon: 'sync' },
  { id: 'topics', icon: 'topics' },
  { id: 'blocks', icon: 'blocks' },
  { id: 'metrics', icon: 'metrics' },
  { id: 'keys', icon: 'keys' },
  { id: 'logs', icon: 'logs' },
  { id: 'settings', icon: 'settings', atEnd: true },
  { id: 'about', icon: 'about', atEnd: true },
] as const satisfies readonly { readonly id: string; readonly icon: IconName; readonly atEnd?: boolean }[]

export type ScreenId = (typeof SCREENS)[number]['id']

export class Navigation {
  #current = $state<ScreenId>('overview')

  get current(): ScreenId {
    return this.#current
  }

  go(screen: ScreenId): void {
    this.#current = screen
  }

  /** For an address like `#/peers/1`, with which the app asks for a screen. */
  onHash(hash: string): void {
    const screen = SCREENS.find(({ id }) => hash.split('/')[1] === id)
    if (screen !== undefined) this.go(screen.id)
  }

  /** For a key press: `1` to `9` are the screens in their order. Not where the key is taken, nor with a modifier. */
  onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || isTaken(event.target)) return
    const screen = /^[1-9]$/.test(event.key) ? SCREENS[Number(event.key) - 1] : undefined
    if (screen !== undefined) this.go(screen.id)
  }
}

/** Whether a key belongs to a field that somebody types in, or to what lies on top of the screen. */
export function isTaken(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName) || target.closest('[role=dialog], [role=menu]') !== null)
  )
}
