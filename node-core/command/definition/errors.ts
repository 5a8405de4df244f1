/** What the command itself has to say when it cannot go on. */
import { NodeError } from '../../base/errors.ts'

export type CommandErrorCode =
  /** A flag, a value or a command is wrong, or they contradict each other. */
  | 'OPTIONS_INVALID'
  /** The configuration file is not there, or is no TOML. */
  | 'CONFIG_UNREADABLE'
  /** A file that was to be read holds something else. */
  | 'DATA_INVALID'
  /** No node runs where it was looked for. */
  | 'NODE_NOT_FOUND'
  /** A node was there, and is not, or does not answer. */
  | 'NODE_SILENT'
  /** A transaction was not finalized. */
  | 'TX_NOT_FINALIZED'
  /** A transaction is final, and was not carried out. */
  | 'TX_FAILED'
  /** A file could not be written. */
  | 'FILE_UNWRITABLE'
  /** A question was answered with no, or nobody could be asked. */
  | 'DECLINED'
  | 'INTERRUPTED'

export class CommandError extends NodeError<CommandErrorCode> {}

/** `flag`: the one that is wrong, so that it can be told where its value comes from. */
export function invalid(message: string, flag?: string): CommandError {
  return new CommandError('OPTIONS_INVALID', message, { hint: 'See --help for what there is.', ...(flag === undefined ? {} : { data: { flag } }) })
}
