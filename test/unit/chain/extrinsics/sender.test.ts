/** What becomes of an extrinsic, by what the pool says of it. The metadata are a real runtime's; skipped where they are absent. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fromHex, toHex, utf8, type Hash } from '../../../../node-core/base/bytes.ts'
import { apiId } from '../../../../node-core/chain/runtime/api/by-version.ts'
import type { TransactionStatus } from '../../../../node-core/chain/core/types.ts'
import { senderRuntime } from '../../../../node-core/chain/node/own-extrinsics.ts'
import { ExtrinsicSender, type ExtrinsicProgress } from '../../../../node-core/chain/extrinsics/sender.ts'
import { ScaleWriter } from '../../../../node-core/scale/writer.ts'
import { fakeNode, VERSION, type FakeNode } from '../rpc/fakes.ts'

const FILE = join(import.meta.dirname, '../../../../node_modules/@polkadot/types-support/metadata/v15/substrate-hex.js')
const REMARK = { pallet: 'System', name: 'remark', args: { remark: '0x01' } }
const ALICE = { accountId: new Uint8Array(32).fill(1), scheme: 'sr25519', sign: () => new Uint8Array(64).fill(2) } as const

function nodeWithMetadata(): FakeNode {
  const bytes = Buffer.from(fromHex(/0x[0-9a-f]+/.exec(readFileSync(FILE, 'utf8'))?.[0] ?? '0x'))
  const metadata = Uint8Array.from(bytes.subarray(bytes.indexOf(utf8('meta'))))
  const node = fakeNode()
  node.runtime.version_ = { ...VERSION, apis: [[apiId('Metadata'), 1], [apiId('AccountNonceApi'), 1]] }
  node.runtime.answers.set('Metadata_metadata', async () => new ScaleWriter().bytes(metadata).finish())
  node.runtime.answers.set('AccountNonceApi_account_nonce', async () => Uint8Array.of(4, 0, 0, 0))
  return node
}

describe.skipIf(!existsSync(FILE))(`an extrinsic that was sent (skipped where ${FILE} is missing)`, () => {
  async function follow(statuses: (blocks: Hash[]) => TransactionStatus[]) {
    const node = nodeWithMetadata()
    const hashes = [node.blocks.import(), node.blocks.import(), node.blocks.import()]
    node.pool.statuses = async function* () {
      yield* statuses(hashes)
    }
    const steps: ExtrinsicProgress[] = []
    const sender = new ExtrinsicSender({ ...node, runtime: senderRuntime(node) })
    const end = sender.sendBare(REMARK, { signal: AbortSignal.timeout(10_000), onProgress: (step) => steps.push(step) })
    return { node, hashes, steps, end }
  }

  it('may move from one block to another before it is final', async () => {
    const { hashes, steps, end } = await follow(([a, b]) => [
      { kind: 'ready' }, { kind: 'broadcast', peers: ['x'] }, { kind: 'inBlock', block: a as Hash, index: 1 }, { kind: 'retracted', block: a as Hash },
      { kind: 'ready' }, { kind: 'inBlock', block: b as Hash, index: 2 }, { kind: 'finalized', block: b as Hash, index: 2 },
    ])
    expect(await end).toMatchObject({ block: { hash: hashes[1], number: 2 }, index: 2, events: [] })
    expect(steps).toMatchObject([{ kind: 'pooled' }, { kind: 'inBlock', block: { number: 1 } }, { kind: 'retracted' }, { kind: 'inBlock', block: { number: 2 } }])
  })

  it.each<[TransactionStatus, string]>([
    [{ kind: 'dropped' }, 'EXTRINSIC_LOST'],
    [{ kind: 'invalid' }, 'EXTRINSIC_LOST'],
    [{ kind: 'usurped', by: '0x00' }, 'EXTRINSIC_LOST'],
  ])('is lost where the pool says %j', async (status, code) => {
    const { end } = await follow(() => [{ kind: 'ready' }, status])
    await expect(end).rejects.toMatchObject({ code, data: { status: status.kind } })
  })

  it('may wait for finality too long, or not be watched to its end', async () => {
    const late = await follow(([a]) => [{ kind: 'inBlock', block: a as Hash, index: 1 }, { kind: 'finalityTimeout', block: a as Hash }])
    await expect(late.end).rejects.toMatchObject({ code: 'EXTRINSIC_NOT_FINALIZED', message: expect.stringContaining('block 1,') as string })
    const left = await follow(() => [{ kind: 'ready' }])
    await expect(left.end).rejects.toMatchObject({ code: 'EXTRINSIC_UNWATCHED' })
  })

  it('carries the nonce behind those that wait in the pool, and is signed for this chain and runtime alone', async () => {
    const node = nodeWithMetadata()
    const birth = node.blocks.import()
    node.blocks.finalize(birth)
    node.blocks.import()
    node.pool.transactions.push({ hash: birth, extrinsic: new Uint8Array(), provides: [toHex(Uint8Array.of(...ALICE.accountId, 4, 0, 0, 0))] })
    let signed = new Uint8Array()
    const signer = { ...ALICE, sign: (message: Uint8Array) => ((signed = Uint8Array.from(message)), new Uint8Array(64)) }
    const sender = new ExtrinsicSender({ ...node, runtime: senderRuntime(node) })
    await expect(sender.send(REMARK, signer, { signal: AbortSignal.timeout(10_000) })).rejects.toMatchObject({ code: 'EXTRINSIC_UNWATCHED' })
    const implicit = new ScaleWriter().u32(VERSION.specVersion).u32(VERSION.transactionVersion).hash(node.blocks.genesisHash).hash(birth).finish()
    // Period 64, born at block 1; nonce 5; no tip, no asset; no hash of the metadata: a byte that says so in front, one behind.
    expect(toHex(signed)).toBe(`${toHex(await sender.encode(REMARK))}150014000000${toHex(implicit).slice(2)}00`)
  })
})
