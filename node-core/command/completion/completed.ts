/** What a script completes: commands and flags, without what it does not need of their definitions. */
import type { Flag } from '../definition/flag.ts'

export interface CompletedFlag {
  readonly name: string
  readonly short: string | undefined
  readonly help: string
  readonly takesValue: boolean
  readonly multiple: boolean
  readonly choices: readonly string[]
  readonly completes: Flag['completes']
}

export interface CompletedCommand {
  /** `key generate` has two. */
  readonly words: readonly string[]
  readonly summary: string
  readonly flags: readonly CompletedFlag[]
  /** What stands behind it. */
  readonly completes: 'file' | 'folder' | undefined
  readonly choices: readonly string[]
}

/** Second words of the commands that begin with `first`. */
export function membersOf(first: string, commands: readonly CompletedCommand[]): string[] {
  return commands.flatMap(({ words: [own, second] }) => (own === first && second !== undefined ? [second] : []))
}
