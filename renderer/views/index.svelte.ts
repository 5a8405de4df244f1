/**
 * The view of each screen. The first one comes with the window; the others are read when it stands, or when one is asked for
 * before that, so that nobody waits for screens that nobody looks at. Until another is there the one before stays.
 */
import { untrack, type Component } from 'svelte'
import Overview from './Overview.svelte'
import type { ViewProps } from './view.ts'
import type { ScreenId } from '../text/screens.ts'

type View = Component<ViewProps>

const OTHERS: Record<Exclude<ScreenId, 'overview'>, () => Promise<{ readonly default: View }>> = {
  peers: () => import('./PeersView.svelte'),
  sync: () => import('./SyncView.svelte'),
  topics: () => import('./TopicsView.svelte'),
  blocks: () => import('./BlocksView.svelte'),
  metrics: () => import('./MetricsView.svelte'),
  keys: () => import('./KeysView.svelte'),
  logs: () => import('./LogsView.svelte'),
  settings: () => import('./SettingsView.svelte'),
  about: () => import('./AboutView.svelte'),
}

/** When the window stands: long enough after the first picture not to be in its way. */
const FETCH_AFTER_MS = 1_500

export class Views {
  readonly #onError: (error: unknown) => void
  readonly #loaded: Partial<Record<ScreenId, View>> = { overview: Overview }
  #shown = $state.raw<View>(Overview)
  #wanted: ScreenId = 'overview'

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError
  }

  get shown(): View {
    return this.#shown
  }

  show(screen: ScreenId): void {
    this.#wanted = screen
    const view = this.#loaded[screen]
    if (view !== undefined) untrack(() => (this.#shown = view))
    else this.#load(screen).catch(this.#onError)
  }

  /** Reads what was not read yet; the returned function calls it off. */
  fetchAll(): () => void {
    const timer = setTimeout(() => {
      for (const screen of Object.keys(OTHERS) as ScreenId[]) this.#load(screen).catch(this.#onError)
    }, FETCH_AFTER_MS)
    return () => clearTimeout(timer)
  }

  async #load(screen: ScreenId): Promise<void> {
    if (screen === 'overview' || this.#loaded[screen] !== undefined) return
    const { default: view } = await OTHERS[screen]()
    this.#loaded[screen] = view
    if (this.#wanted === screen) this.#shown = view
  }
}
