/** The screens there are and which one is shown. A new screen is a new entry here and a view in App.svelte. */
import type { IconName } from '../components/icons.ts'

export type ScreenId = 'overview' | 'logs'

export interface Screen {
  readonly id: ScreenId
  readonly title: string
  readonly icon: IconName
}

export const SCREENS: readonly Screen[] = [
  { id: 'overview', title: 'Overview', icon: 'overview' },
  { id: 'logs', title: 'Logs', icon: 'logs' },
]

export class Navigation {
  #current = $state<ScreenId>('overview')

  get current(): ScreenId {
    return this.#current
  }

  go(screen: ScreenId): void {
    this.#current = screen
  }

  /** For a key press: `1` to `9` are the screens in their order. Not while somebody types, nor with a modifier. */
  onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
    const screen = /^[1-9]$/.test(event.key) ? SCREENS[Number(event.key) - 1] : undefined
    if (screen !== undefined) this.go(screen.id)
  }
}

export function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName))
}
