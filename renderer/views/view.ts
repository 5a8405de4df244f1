/** What every screen is given. */
import type { NodeActions } from '../services/node-actions.svelte.ts'
import type { Dashboard } from '../state/dashboard.svelte.ts'
import type { LanguageSetting } from '../state/language.svelte.ts'
import type { Navigation } from '../state/screens.svelte.ts'
import type { Preferences } from '../state/preferences.svelte.ts'
import type { Setup } from '../state/setup.svelte.ts'
import type { ApiClient } from '../trpc/client.ts'
import type { BrowserSession } from '../trpc/session.ts'

export interface ViewProps {
  readonly dashboard: Dashboard
  readonly nodeActions: NodeActions
  readonly navigation: Navigation
  readonly client: ApiClient
  readonly preferences: Preferences
  readonly setup: Setup
  readonly language: LanguageSetting
  /** Of a page in a browser; undefined in the app's windows. */
  readonly browser: BrowserSession | undefined
}
