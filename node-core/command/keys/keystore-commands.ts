/** What `key insert` and `key list` do with the keystore of a network's data folder. */
import { systemClock } from '../../base/clock.ts'
import { silentLogger } from '../../base/logger.ts'
import { addressOf } from '../../keystore/addresses.ts'
import { NetworkKeys } from '../../keystore/network-keys.ts'
import { keyPairFromUri } from '../../crypto/keys/secret-uri.ts'
import { chainFolder, type ChainValues } from '../chain-folder.ts'
import type { Installation } from '../definition/command.ts'
import { CommandError, invalid } from '../definition/errors.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { schemeOf } from './key-flags.ts'
import { readSecretUri } from './secret-input.ts'

interface Place {
  readonly installation: Installation
  readonly terminal: Terminal
}

interface InsertValues extends ChainValues {
  readonly suri?: string
  readonly 'key-type'?: string
  readonly scheme?: string
  readonly 'keystore-passphrase-file'?: string
}

const KEY_TYPE = /^[a-z0-9_]{4}$/

export async function insertKey(values: InsertValues, { installation, terminal }: Place): Promise<undefined> {
  const keyType = values['key-type']
  if (keyType === undefined || !KEY_TYPE.test(keyType)) throw invalid('--key-type takes four letters, such as babe or gran.', 'key-type')
  const scheme = schemeOf(values.scheme, keyType === 'gran' ? 'ed25519' : 'sr25519')
  const { dataPath } = await chainFolder(values, installation)
  const passphraseFile = values['keystore-passphrase-file']
  const keys = new NetworkKeys({ dataPath, logger: silentLogger, clock: systemClock }, { passphraseFile })
  const pair = keyPairFromUri(scheme, await readSecretUri(values.suri, terminal))
  try {
    await keys.open()
    if (keys.keystore.lockState !== 'unlocked') await unlock(keys, terminal)
    const record = await keys.keystore.add(keyType, pair)
    terminal.result({ ...record, dataPath }, `${record.publicKey}  ${keyType}, ${scheme}, in ${dataPath}`)
  } finally {
    await keys.keystore.lock()
  }
  return undefined
}

async function unlock(keys: NetworkKeys, terminal: Terminal): Promise<void> {
  if (!terminal.isInteractive) throw new CommandError('DECLINED', 'The keys are locked, and nobody can be asked for their passphrase.', { hint: 'Name a file with it by --keystore-passphrase-file.' })
  const isNew = keys.keystore.lockState === 'new'
  const passphrase = await terminal.askSecret(isNew ? 'Choose a passphrase for the keys:' : 'Passphrase of the keys:')
  if (!isNew) return keys.keystore.unlock(passphrase)
  if ((await terminal.askSecret('Once more:')) !== passphrase) throw new CommandError('DECLINED', 'The two passphrases differ.', { hint: 'Begin again.' })
  return keys.keystore.setUp(passphrase)
}

export async function listKeys(values: ChainValues, { installation, terminal }: Place): Promise<undefined> {
  const { dataPath, prefix } = await chainFolder(values, installation)
  const keys = new NetworkKeys({ dataPath, logger: silentLogger, clock: systemClock })
  await keys.open()
  const entries = keys.keystore.entries().map(({ keyType, scheme, publicKey, label }) => ({ keyType, scheme, publicKey, address: addressOf(publicKey, prefix), label }))
  for (const entry of entries) terminal.result(entry, `${entry.keyType} ${entry.scheme.padEnd(7)} ${entry.publicKey}${entry.label === '' ? '' : ` ${entry.label}`}`)
  if (entries.length === 0) terminal.note(`There are no keys in ${dataPath}.`)
  return undefined
}
