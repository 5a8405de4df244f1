/** What `purge-chain` does. */
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock } from '../base/clock.ts'
import { isNodeError } from '../base/errors.ts'
import { Database } from '../chain/state/database.ts'
import { databasePath } from '../chain/state/trie-source.ts'
import { MARKER_FILE } from '../manager/folders/seen-data.ts'
import { chainFolder, type ChainValues } from './chain-folder.ts'
import type { Installation } from './definition/command.ts'
import { CommandError } from './definition/errors.ts'
import type { Terminal } from './terminal/terminal.ts'

/** Throws STATE_DB_LOCKED where a node uses them, DECLINED where the answer is no. */
export async function purge(values: ChainValues & { readonly yes?: true }, installation: Installation, terminal: Terminal): Promise<undefined> {
  const { name, dataPath } = await chainFolder(values, installation)
  const path = databasePath(dataPath)
  if (!existsSync(path)) {
    terminal.result({ path, purged: false }, `There is nothing to delete in ${dataPath}.`)
    return undefined
  }
  if (values.yes !== true && !(await terminal.confirm(`Delete all blocks and states of ${name} in ${path}?`))) throw new CommandError('DECLINED', 'Nothing was deleted.')
  await requireUnused(dataPath)
  await rm(path, { recursive: true, force: true, maxRetries: 3 })
  // How far the data had come: a node would refuse to begin again below it.
  await rm(join(dataPath, MARKER_FILE), { force: true })
  terminal.result({ path, purged: true }, `Deleted ${path}.`)
  return undefined
}

/** What is damaged may be deleted; what is in use may not. */
async function requireUnused(dataPath: string): Promise<void> {
  const database = new Database(dataPath, systemClock)
  try {
    await database.open()
  } catch (error) {
    if (isNodeError(error) && error.code === 'STATE_DB_LOCKED') throw error
  } finally {
    await database.close()
  }
}
