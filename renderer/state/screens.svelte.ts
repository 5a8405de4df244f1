/** Which screen is shown, among those that the network has. */
import { untrack } from 'svelte'
import { offeredScreens, SCREENS, type Screen, type ScreenId } from '../text/screens.ts'
import type { Hash } from '../../node-core/base/bytes.ts'

/** What of a screen is asked for. */
export type Target =
  | { readonly kind: 'block'; readonly hash: Hash }
  /** The dialog that connects to a peer, the list of bans, the data of the network, its invitation, the reset of its chain, the form for one more. */
  | { readonly kind: 'connect' }
  | { readonly kind: 'bans' }
  | { readonly kind: 'data' }
  | { readonly kind: 'share' }
  | { readonly kind: 'reset' }
  | { readonly kind: 'add-network' }

export class Navigation {
  #wanted = $state<ScreenId>('overview')
  #ofKind = $state.raw<readonly string[] | undefined>()
  #all = $state(false)
  #target = $state.raw<Target | undefined>()
  readonly #screens = $derived(offeredScreens(this.#ofKind))
  /** What was asked for comes when a network has it again. */
  readonly #current = $derived(this.#screens.some(({ id }) => id === this.#wanted) ? this.#wanted : 'overview')

  /** In the order of the rail. */
  get screens(): readonly Screen[] {
    return this.#screens
  }

  /** All networks at once are looked at, and not a screen of one. */
  get all(): boolean {
    return this.#all
  }

  showAll(): void {
    this.#all = true
    this.#target = undefined
  }

  get current(): ScreenId {
    return this.#current
  }

  /** The network on screen has these of the screens that not every kind of node has; undefined while there is no network. */
  offer(ofKind: readonly string[] | undefined): void {
    this.#ofKind = ofKind
  }

  /** `target` is what the screen then shows of itself. */
  go(screen: ScreenId, target?: Target): void {
    this.#wanted = screen
    this.#all = false
    this.#target = target
  }

  /** For the screen: what is asked of it, once. */
  take<Kind extends Target['kind']>(kind: Kind): Extract<Target, { readonly kind: Kind }> | undefined {
    const target = this.#target
    if (target?.kind !== kind) return undefined
    untrack(() => (this.#target = undefined))
    return target as Extract<Target, { readonly kind: Kind }>
  }

  /** For an address like `#/peers/1`, with which the app asks for a screen. */
  onHash(hash: string): void {
    const screen = SCREENS.find(({ id }) => hash.split('/')[1] === id)
    if (screen !== undefined) this.go(screen.id)
  }

  /** For a key press: `1` to `9` are the screens in their order. Not where the key is taken, nor with a modifier. */
  onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || isTaken(event.target)) return
    const screen = /^[1-9]$/.test(event.key) ? this.#screens[Number(event.key) - 1] : undefined
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
