/**
 * Settings of the app itself, as opposed to those of a network. The desktop app keeps them (electron/settings.ts); a node
 * that was started from the command line has none, and says what its flags were.
 */
import { z } from 'zod'
import type { EventSource } from '../../base/events.ts'

export const appSettingsSchema = z.strictObject({
  /** `system` follows the computer. */
  language: z.enum(['system', 'en', 'de', 'es']).default('system'),
  theme: z.enum(['system', 'light', 'dark']).default('system'),
  reduceMotion: z.enum(['system', 'always']).default('system'),
  /** Open the app when the person logs in. */
  launchAtLogin: z.boolean().default(false),
  /** What the system's notifications tell: nothing, what needs attention, or more. */
  notifications: z.enum(['none', 'problems', 'all']).default('problems'),
  updateChannel: z.enum(['stable', 'preview']).default('stable'),
})

export type AppSettings = z.output<typeof appSettingsSchema>

/** Ids of hints that a person dismissed. Plain strings: an older version keeps what it does not know. */
export const dismissedHintsSchema = z.array(z.string().min(1).max(32)).max(64)

export interface AppSettingsKeeper {
  readonly events: EventSource<{ changed: AppSettings }>
  settings(): AppSettings
  /** Keeps the change and puts it into effect. */
  change(change: Partial<AppSettings>): AppSettings
  /** Ids of the hints that were dismissed. */
  dismissedHints(): readonly string[]
  /** Keeps these in place of the former. */
  keepDismissedHints(hints: readonly string[]): void
}
