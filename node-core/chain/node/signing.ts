/** The part of the composition root that remembers what keys signed, here and elsewhere, and says which of them anybody may have. */
import { join } from 'node:path'
import { toHex, type Hash } from '../../base/bytes.ts'
import type { Logger } from '../../base/logger.ts'
import type { MemoryKeystore } from '../../crypto/keys/keystore.ts'
import { SigningRecord } from '../../keystore/signing-record.ts'
import { SigningStop } from '../../keystore/signing-stop.ts'
import type { ChainSpec } from '../spec/schema.ts'

const FOLDER = 'signing-record'

export function createSigning(dependencies: { readonly logger: Logger; readonly genesisHash: () => Hash }, dataPath: string): { readonly signed: SigningRecord; readonly signingState: SigningStop } {
  const options = { folder: join(dataPath, FOLDER) }
  return { signed: new SigningRecord(dependencies, options), signingState: new SigningStop(dependencies, options) }
}

/** Keys, as `babe:0x…`, that need not be listened for alone: everybody knows those of development accounts, and such a network is one computer's own. */
export function exemptKeys({ chainType }: Pick<ChainSpec, 'chainType'>, development: MemoryKeystore): ReadonlySet<string> {
  return new Set(chainType === 'Development' ? development.entries().map(({ keyType, publicKey }) => `${keyType}:${toHex(publicKey)}`) : [])
}
