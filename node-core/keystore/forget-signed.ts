/**
 * Forgets what the keys of development accounts signed, for a chain whose every node here begins anew: without that, authorities that
 * have voted up to some round would wait for each other for ever. Keys that are somebody's own keep their record: what they signed
 * counts wherever the network goes on.
 */
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { toHex } from '../base/bytes.ts'
import { DEV_ACCOUNTS, devAccount } from '../crypto/keys/dev-accounts.ts'

/** As signing-record.ts names its files: genesis, type and public key. */
const PUBLIC_KEY = /^[0-9a-f]{16}-[a-z0-9_]{4}-(?<key>[0-9a-f]{64,66})(\.copy)?\.json$/

export async function forgetDevelopmentSigned(dataPath: string): Promise<void> {
  const folder = join(dataPath, 'signing-record')
  const known = new Set(DEV_ACCOUNTS.flatMap((name) => {
    const { sr25519, ed25519 } = devAccount(`//${name}`)
    return [sr25519, ed25519].map(({ publicKey }) => toHex(publicKey).slice(2))
  }))
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  for (const name of names) {
    const key = PUBLIC_KEY.exec(name)?.groups?.['key']
    if (key !== undefined && known.has(key)) await rm(join(folder, name), { force: true })
  }
}
