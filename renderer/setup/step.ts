/** What every step of the guide is given. */
import type { Dashboard } from '../state/dashboard.svelte.ts'
import type { LanguageSetting } from '../state/language.svelte.ts'
import type { Setup } from '../state/setup.svelte.ts'
import type { ApiClient } from '../trpc/client.ts'

export interface StepProps {
  readonly setup: Setup
  readonly client: ApiClient
  readonly dashboard: Dashboard
  readonly language: LanguageSetting
}
