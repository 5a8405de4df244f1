/**
 * A development network on a relay runtime of 2024 (Paseo's), with Alice as its authority: what moves to the epoch of the slot after a
 * gap, where the runtime of our own networks moves one epoch a block. Read from a folder beside the project; undefined where that is absent.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DEVELOPMENT_BALANCE, developmentAccounts, developmentAuthority } from './relay-authorities.ts'
import { developmentSpec } from './relay-spec.ts'
import { parseChainSpec } from '../../node-core/chain/spec/load.ts'
import type { ChainSpec } from '../../node-core/chain/spec/schema.ts'
import { devAccount, type DevAccountName } from '../../node-core/crypto/keys/dev-accounts.ts'

const PASEO = join(import.meta.dirname, '../../../shared/vectors/specs/paseo.json')

export const hasModernChain = existsSync(PASEO)

export function modernSpec(authorities: readonly DevAccountName[] = ['Alice']): ChainSpec {
  return developmentSpec(parseChainSpec(readFileSync(PASEO, 'utf8'), PASEO), {
    name: 'Modern',
    id: 'modern_dev',
    chainType: 'Development',
    authorities: authorities.map(developmentAuthority),
    sudo: devAccount('//Alice').sr25519.publicKey,
    endowments: developmentAccounts().map((account) => ({ account, free: DEVELOPMENT_BALANCE })),
  })
}
