/**
 * Typed calls on real runtimes from 2019 to 2024. Paseo and the Westend development chain are read from the folder beside the project,
 * and skipped where it is absent.
 */
import { describe, expect, test } from 'vitest'
import { concatBytes, type Hash } from '../../../node-core/base/bytes.ts'
import { devAccount } from '../../../node-core/crypto/keys/dev-accounts.ts'
import { babeConfiguration } from '../../../node-core/chain/core/engines/babe/runtime-api.ts'
import type { ApiCaller } from '../../../node-core/chain/runtime/api/by-version.ts'
import { metadataAtVersion } from '../../../node-core/chain/runtime/api/metadata.ts'
import { PaymentQueries } from '../../../node-core/chain/runtime/api/payment.ts'
import { validateTransaction } from '../../../node-core/chain/runtime/api/validity.ts'
import { decodeVersion } from '../../../node-core/chain/runtime/api/version.ts'
import { ScaleWriter } from '../../../node-core/scale/writer.ts'
import { GENESIS_FORMS, signedRemark } from '../../helpers/old-extrinsics.ts'
import { genesisRunner, specRunner, type GenesisRunner } from '../../helpers/runtime-state.ts'
import { hasVector, vectorSpec } from '../../helpers/vectors.ts'

interface Expected {
  readonly name: keyof typeof GENESIS_FORMS
  readonly secondarySlots: string
  readonly weight: unknown
  readonly metadata: number
}

const struct = { refTime: expect.any(Number) as number, proofSize: expect.any(Number) as number }
const RUNTIMES: readonly Expected[] = [
  { name: 'kusama', secondarySlots: 'plain', weight: expect.any(Number), metadata: 9 },
  { name: 'westend', secondarySlots: 'plain', weight: expect.any(Number), metadata: 11 },
  { name: 'polkadot', secondarySlots: 'vrf', weight: expect.any(Number), metadata: 11 },
  { name: 'westend-dev', secondarySlots: 'vrf', weight: struct, metadata: 14 },
  { name: 'paseo', secondarySlots: 'vrf', weight: struct, metadata: 15 },
]
const BESIDE = ['paseo', 'westend-dev']
const isAbsent = (name: string): boolean => BESIDE.includes(name) && !hasVector(`specs/${name}.json`)

function open(name: keyof typeof GENESIS_FORMS): GenesisRunner {
  return name === 'paseo' || name === 'westend-dev' ? specRunner(vectorSpec(name)) : genesisRunner(name)
}

function callerOf({ runner }: GenesisRunner): ApiCaller {
  return {
    call: async (root: Hash, method, args, options) => runner.call(root, method, args, false, options?.begin),
    version: async (root) => decodeVersion(runner.version(root)),
  }
}

describe.each(RUNTIMES)('the genesis runtime of $name', ({ name, secondarySlots, weight, metadata }) => {
  test.skipIf(isAbsent(name))('checks a mortal transaction, says what it costs, and describes itself', async () => {
    const network = open(name)
    const caller = callerOf(network)
    const poor = devAccount('//Nobody at all').sr25519
    const extrinsic = signedRemark(poor, GENESIS_FORMS[name], network.genesis.hash)
    const block = { hash: network.genesis.hash, number: 0 }
    // Whoever signs for the wrong block has a bad signature; this one has a good one, and no money.
    expect(await validateTransaction(caller, network.root, block, 'external', extrinsic)).toMatchObject({ kind: 'invalid', reason: 'Payment' })
    const broken = extrinsic.slice()
    broken[60]! ^= 1
    expect(await validateTransaction(caller, network.root, block, 'external', broken)).toMatchObject({ kind: 'invalid', reason: 'BadProof' })

    const queries = new PaymentQueries(caller)
    const args = concatBytes(extrinsic, new ScaleWriter().u32(extrinsic.length).finish())
    const info = await queries.info(network.root, args)
    expect(info).toMatchObject({ weight, class: 'normal' })
    expect(info.partialFee).toBeGreaterThan(0n)

    expect(await babeConfiguration(caller, network.root)).toMatchObject({ secondarySlots })
    expect((await metadataAtVersion(caller, network.root, [16, 15, 14]))[4]).toBe(metadata)
  })
})
