/** The app's memory of its first run, as the API needs it. */
import { z } from 'zod'

/** A network that is there before the guide is over, and what the guide was told that belongs to it. No secrets. */
export const settledNetworkSchema = z.strictObject({
  network: z.string().max(64),
  way: z.enum(['dev', 'private', 'spec', 'public']),
  /** As it was typed; empty for the app's own place. */
  folder: z.string().max(4096),
  /** Development accounts that make the blocks of a private network. */
  authorities: z.array(z.string().max(16)).max(16),
  role: z.enum(['full', 'validator']),
  /** A development account, or `own`. */
  keys: z.string().max(16),
})

export type SettledNetwork = z.output<typeof settledNetworkSchema>

/** What the app knows of its first run. A node from the command line has none: its flags have said everything. */
export interface FirstRunKeeper {
  /** Nobody was led through the guide to its end, and nothing was run here before. */
  readonly needed: boolean
  /** What a guide that was left has added: the next one goes on with it. */
  readonly settled: SettledNetwork | undefined
  /** Until it is complete the guide comes again, whatever the network leaves on the disk. */
  settle(network: SettledNetwork): void
  /** From now on it comes only when it is asked for. */
  complete(): void
  /** Where networks get a folder whose place nobody chose. */
  readonly networksFolder: string
  /** The app can be opened by the system when the person logs in. */
  readonly canLaunchAtLogin: boolean
}
