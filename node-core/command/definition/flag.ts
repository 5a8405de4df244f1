/**
 * A flag as data: its name, what it takes, and its help. Parser, configuration file, environment, help, completion and manual are all made of
 * these, so a flag is written down once.
 *
 * Names are those of Substrate's nodes where these have one. A flag of one name takes the same thing in every command that has it.
 */

/** Parts of a command's help, in their order. */
export const FLAG_GROUPS = {
  chain: 'Network and data',
  role: 'Role and keys',
  sync: 'Synchronisation and storage',
  peers: 'Peers',
  rpc: 'JSON-RPC',
  programs: 'Programs on this computer',
  watching: 'Metrics and dashboard',
  gateway: 'Gateway',
  clients: 'Clients of the gateway',
  node: 'Which node',
  command: 'This command',
  general: 'General',
} as const
export type FlagGroup = keyof typeof FLAG_GROUPS

export interface Flag {
  /** A switch, or one that takes a value. */
  readonly type: 'boolean' | 'string'
  /** One letter. */
  readonly short?: string
  /** Takes all words up to the next flag, and may be repeated. */
  readonly multiple?: true
  /** What stands for the value in help: `dir`, `port`. */
  readonly value?: string
  /** One line of help, without a full stop. */
  readonly help: string
  /** What the manual adds: whole sentences. */
  readonly detail?: string
  readonly group: FlagGroup
  /** What holds where nothing is said, as help shows it. */
  readonly fallback?: string
  /** The words that it takes, where these are few; others may be taken too. */
  readonly choices?: readonly string[]
  /** What a shell completes it with; nothing where it is left out. */
  readonly completes?: 'file' | 'folder'
  /** Among the few that help shows first. */
  readonly common?: true
  /** Its value is shown nowhere. */
  readonly secret?: true
  /** Taken on the command line alone: it makes no sense in a file or the environment. */
  readonly lineOnly?: true
}

export type FlagTable = Readonly<Record<string, Flag>>

/** By flag: true where it is set, its value, or its values. */
export type FlagValues<Table extends FlagTable> = {
  readonly [Name in keyof Table]?: Table[Name] extends { readonly multiple: true } ? readonly string[] : Table[Name] extends { readonly type: 'boolean' } ? true : string
}

/** `NODESTEAD_BASE_PATH` for `base-path`. */
export function variableOf(flag: string): string {
  return `NODESTEAD_${flag.toUpperCase().replaceAll('-', '_')}`
}
