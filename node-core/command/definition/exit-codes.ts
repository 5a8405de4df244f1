/**
 * How the command ends: stable numbers, for scripts. What is not told apart here is 1.
 */
import { isNodeError } from '../../base/errors.ts'

export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  busy: 3,
  data: 4,
  refused: 5,
  notRunning: 6,
  declined: 7,
  interrupted: 130,
} as const
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** For help and manual. */
export const EXIT_MEANINGS: readonly (readonly [code: ExitCode, meaning: string])[] = [
  [EXIT.done, 'done; a node that was told to stop ends so too'],
  [EXIT.failed, 'failed for another reason, which is said'],
  [EXIT.usage, 'a command, flag, value or configuration file is wrong'],
  [EXIT.busy, 'the data folder or a port is in use by another process'],
  [EXIT.data, 'data or keys are not there, damaged, or of another version or network'],
  [EXIT.refused, 'what was read (a block, a state, a key, a transaction) is not valid'],
  [EXIT.notRunning, 'no node was found running, or it does not answer'],
  [EXIT.declined, 'a question was answered with no, or could not be asked'],
  [EXIT.interrupted, 'interrupted by Ctrl-C; what was done is kept'],
]

const BY_CODE: Readonly<Record<string, ExitCode>> = {
  OPTIONS_INVALID: EXIT.usage,
  CONFIG_UNREADABLE: EXIT.usage,
  GATEWAY_OPTION_INVALID: EXIT.usage,
  GATEWAY_TLS_MISSING: EXIT.usage,
  GATEWAY_METHOD_UNKNOWN: EXIT.usage,
  GATEWAY_METHOD_REFUSED: EXIT.usage,
  STATE_DB_LOCKED: EXIT.busy,
  SERVICE_CLIENTS_FILE_LOCKED: EXIT.busy,
  DATA_INVALID: EXIT.refused,
  NODE_NOT_FOUND: EXIT.notRunning,
  NODE_SILENT: EXIT.notRunning,
  API_NODE_NOT_RUNNING: EXIT.notRunning,
  RESTORED_STATE_INVALID: EXIT.refused,
  DECLINED: EXIT.declined,
  INTERRUPTED: EXIT.interrupted,
}

export function exitCodeOf(error: unknown): ExitCode {
  if (!isNodeError(error)) return EXIT.failed
  const known = BY_CODE[error.code]
  if (known !== undefined) return known
  if (/_(PORT_IN_USE|ADDRESS_IN_USE|IN_USE)$/.test(error.code)) return EXIT.busy
  if (/^(STATE|KEYSTORE|FOLDER|TLS|GATEWAY_KEYS_FILE)_/.test(error.code)) return EXIT.data
  if (/^(KEY|SS58|NODE_KEY|TX)_/.test(error.code)) return EXIT.refused
  return EXIT.failed
}
