/** What an action of the command palette is, and what such actions work on. */
import type { NodeActions } from './node-actions.svelte.ts'
import type { Dashboard } from '../state/dashboard.svelte.ts'
import type { LanguageSetting } from '../state/language.svelte.ts'
import type { Preferences } from '../state/preferences.svelte.ts'
import type { Navigation } from '../state/screens.svelte.ts'
import type { Setup } from '../state/setup.svelte.ts'
import type { ApiClient } from '../trpc/client.ts'
import type { BrowserSession } from '../trpc/session.ts'

export interface Command {
  readonly id: string
  readonly name: string
  /** The key that does the same, where there is one. */
  readonly key?: string
  readonly run: () => void
}

export interface CommandTargets {
  readonly dashboard: Dashboard
  readonly nodeActions: NodeActions
  readonly navigation: Navigation
  readonly language: LanguageSetting
  readonly setup: Setup
  readonly preferences: Preferences
  readonly client: ApiClient
  /** Of a page in a browser. */
  readonly browser?: BrowserSession | undefined
  readonly showKeys: () => void
}
