/**
 * What the guide leaves on the disk, all of it at its end: the file of a passphrase, keys, the configuration file. Where one of them cannot
 * be written, or Ctrl-C comes meanwhile, what was made goes again: files, then the folders that were made for them.
 */
import { mkdir, open, readdir, rm, rmdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { stringify } from 'smol-toml'
import { errorMessage } from '../../base/errors.ts'
import { writeWhole } from '../../base/whole-file.ts'
import type { KeyRecord } from '../../keystore/key-files.ts'
import type { ScryptCost } from '../../keystore/seal.ts'
import { CommandError } from '../definition/errors.ts'
import type { NodeFlagValues } from '../flags.ts'
import { interrupted } from '../terminal/line-input.ts'
import type { Answers } from './answers.ts'
import { keysIn } from './keys-step.ts'

export interface ConfigFile {
  readonly path: string
  readonly values: NodeFlagValues
  /** A start without flags takes it. */
  readonly isRemembered: boolean
}

/** Resolves with the public halves of the keys that were written. Throws INTERRUPTED, or why it failed: nothing is left then. */
export async function writeAll(answers: Answers, config: ConfigFile | undefined, cost?: ScryptCost): Promise<readonly KeyRecord[]> {
  const undo: (() => Promise<unknown>)[] = []
  let isInterrupted = false
  const interrupt = (): void => void (isInterrupted = true)
  process.on('SIGINT', interrupt)
  try {
    await writePassphrase(answers, undo)
    const records = await writeKeys(answers, cost, undo)
    if (config !== undefined) await writeConfig(config, undo)
    if (isInterrupted) throw interrupted()
    return records
  } catch (error) {
    for (const step of undo.reverse()) await step().catch(() => undefined)
    throw error
  } finally {
    process.off('SIGINT', interrupt)
  }
}

async function writePassphrase({ passphrase }: Answers, undo: (() => Promise<unknown>)[]): Promise<void> {
  if (passphrase?.file?.isNew !== true) return
  const { path } = passphrase.file
  await makeFolder(dirname(path), undo)
  await writing(path, async () => {
    const file = await open(path, 'wx', 0o600)
    undo.push(() => rm(path, { force: true }))
    try {
      await file.writeFile(`${passphrase.text}\n`)
      await file.sync()
    } finally {
      await file.close()
    }
  })
}

async function writeKeys({ network, folder, keys: source, passphrase }: Answers, cost: ScryptCost | undefined, undo: (() => Promise<unknown>)[]): Promise<readonly KeyRecord[]> {
  if (source?.from !== 'phrase' || passphrase === undefined || folder === undefined) return []
  const keys = keysIn({ network, folder, cost })
  const path = join(keys.dataPath, 'keystore')
  await makeFolder(path, undo)
  const before = await readdir(path)
  undo.push(async () => {
    for (const name of await readdir(path)) if (!before.includes(name)) await rm(join(path, name), { force: true })
  })
  try {
    await keys.open()
    if (keys.keystore.lockState === 'new') await keys.keystore.setUp(passphrase.text)
    else await keys.keystore.unlock(passphrase.text)
    return await keys.importSession(network.keys, source.uri)
  } finally {
    await keys.keystore.lock()
  }
}

async function writeConfig({ path, values, isRemembered }: ConfigFile, undo: (() => Promise<unknown>)[]): Promise<void> {
  await makeFolder(dirname(path), undo)
  undo.push(() => rm(path, { force: true }))
  await writing(path, () => writeWhole(dirname(path), basename(path), `# nodestead${isRemembered ? '' : ` --config ${basename(path).replaceAll(/\p{Cc}/gu, '?')}`}\n${stringify(values).trimEnd()}`))
}

async function writing(path: string, write: () => Promise<void>): Promise<void> {
  try {
    await write()
  } catch (error) {
    throw new CommandError('DATA_INVALID', `The file ${path} cannot be written: ${errorMessage(error)}.`, { hint: 'Start again and name another one. Nothing was kept.' })
  }
}

/** For its owner alone; those that were not there are removed again while they are empty. */
async function makeFolder(path: string, undo: (() => Promise<unknown>)[]): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: 0o700 })
  if (first === undefined) return
  undo.push(async () => {
    for (let at = path; at.length >= first.length; at = dirname(at)) await rmdir(at)
  })
}
