/** Which faults are reported, on which states the runtime is asked, and what becomes of what it submits. */
import { describe, expect, it } from 'vitest'
import { concatBytes, fromHex, toHex, utf8, type Hash } from '../../../../node-core/base/bytes.ts'
import { createLogger, type LogRecord } from '../../../../node-core/base/logger.ts'
import { encodeBabeEquivocation } from '../../../../node-core/chain/core/engines/babe/equivocation.ts'
import type { Misconduct } from '../../../../node-core/chain/core/engines/engine.ts'
import { MisconductReports } from '../../../../node-core/chain/core/misconduct-reports.ts'
import { encodeGrandpaEquivocation } from '../../../../node-core/chain/core/engines/grandpa/rounds/equivocation.ts'
import type { Header } from '../../../../node-core/chain/scale/header.ts'
import { ScaleWriter } from '../../../../node-core/scale/writer.ts'

const hash = (digit: string): Hash => `0x${digit.repeat(64)}`
const OFFENDER = hash('f')
const [THEN, BEST] = [hash('1'), hash('2')]
const OWNERSHIP = utf8('whose key it was')
const MISCONDUCT: Misconduct = { api: 'BabeApi', keyType: 'babe', offender: OFFENDER, when: 7, at: THEN, proof: Uint8Array.of(1, 2, 3) }
const EXTRINSIC = fromHex('0x0c040506')

function header(stateRoot: Hash): Header {
  return { parentHash: hash('0'), number: 1, stateRoot, extrinsicsRoot: hash('0'), digest: [] }
}

/** A runtime that knows the offender at the given blocks. The state root of a block is its hash here. */
function lab({ knownAt = [THEN], syncing = false, own = false, refuses = false } = {}) {
  const logs: LogRecord[] = []
  const asked: string[] = []
  const submitted: string[] = []
  const reports = new MisconductReports({
    blocks: { best: () => ({ number: 9, hash: BEST }), header: (block) => header(block) },
    runtime: {
      call: async (root, method, args) => {
        asked.push(`${method} ${toHex(args)} at ${root.slice(0, 4)}`)
        return knownAt.includes(root) ? new ScaleWriter().option(OWNERSHIP, (w, bytes) => w.bytes(bytes)).finish() : Uint8Array.of(0)
      },
      callSubmitting: async (root, method, args) => {
        asked.push(`${method} ${toHex(args)} at ${root.slice(0, 4)}`)
        return { result: Uint8Array.of(1), submitted: [EXTRINSIC] }
      },
    },
    submit: async (extrinsic) => {
      if (refuses) throw new Error('known already')
      submitted.push(toHex(extrinsic))
    },
    isMajorSyncing: () => syncing,
    keystore: { publicKeys: (keyType) => (own && keyType === 'babe' ? [fromHex(OFFENDER)] : []) },
    logger: createLogger([(record) => logs.push(record)], { default: 'debug' }),
  })
  return { reports, asked, submitted, logs }
}

const KEY_ARGS = toHex(concatBytes(new ScaleWriter().u64(7).finish(), fromHex(OFFENDER)))
const REPORT_ARGS = toHex(concatBytes(MISCONDUCT.proof, new ScaleWriter().bytes(OWNERSHIP).finish()))

describe('an equivocation', () => {
  it('is proven where it happened, and reported on the best block', async () => {
    const { reports, asked, submitted } = lab()
    reports.report(MISCONDUCT)
    await reports.idle()
    expect(asked).toEqual([
      `BabeApi_generate_key_ownership_proof ${KEY_ARGS} at 0x11`,
      `BabeApi_submit_report_equivocation_unsigned_extrinsic ${REPORT_ARGS} at 0x22`,
    ])
    expect(submitted).toEqual([toHex(EXTRINSIC)])
  })

  it('is proven on the best block where the other does not know the key', async () => {
    const { reports, asked, submitted } = lab({ knownAt: [BEST] })
    reports.report(MISCONDUCT)
    await reports.idle()
    expect(asked.map((line) => line.slice(-4))).toEqual(['0x11', '0x22', '0x22'])
    expect(submitted).toHaveLength(1)
  })

  it('of who is no authority any more is not reported', async () => {
    const { reports, asked, submitted } = lab({ knownAt: [] })
    reports.report(MISCONDUCT)
    await reports.idle()
    expect([asked.length, submitted.length]).toEqual([2, 0])
  })

  it.each([['during a major sync', { syncing: true }], ['of a key of this node', { own: true }]])('%s is not reported', async (_, state) => {
    const { reports, asked } = lab(state)
    reports.report(MISCONDUCT)
    await reports.idle()
    expect(asked).toEqual([])
  })

  it('whose report fails is logged, and the next one is reported', async () => {
    const { reports, logs } = lab({ refuses: true })
    reports.report(MISCONDUCT)
    await reports.idle()
    reports.report(MISCONDUCT)
    await reports.idle()
    expect(logs.filter(({ fields }) => fields?.['reason'] !== undefined).map(({ fields }) => fields?.['reason'])).toEqual(['known already', 'known already'])
  })

  it('is written as the runtime reads it', () => {
    const first = header(hash('a'))
    const second = header(hash('b'))
    const proof = encodeBabeEquivocation({ slot: 7, author: OFFENDER, first, second })
    expect(toHex(proof)).toMatch(new RegExp(`^0x${'f'.repeat(64)}0700000000000000${'0'.repeat(64)}04${'a'.repeat(64)}${'0'.repeat(64)}00`))
    expect(proof.length).toBe(32 + 8 + 2 * (32 + 1 + 32 + 32 + 1))
    const vote = (target: Hash, byte: number) => ({ kind: 'precommit', target: { hash: target, number: 5 }, signature: new Uint8Array(64).fill(byte), authority: OFFENDER }) as const
    const votes = encodeGrandpaEquivocation({ round: 3, setId: 2, first: vote(hash('a'), 1), second: vote(hash('b'), 2) })
    expect(toHex(votes as Uint8Array)).toBe(
      `0x0200000000000000${'01'}0300000000000000${'f'.repeat(64)}${'a'.repeat(64)}05000000${'01'.repeat(64)}${'b'.repeat(64)}05000000${'02'.repeat(64)}`,
    )
    const proposal = { ...vote(hash('a'), 1), kind: 'propose' } as const
    expect(encodeGrandpaEquivocation({ round: 3, setId: 2, first: proposal, second: proposal })).toBeUndefined()
  })
})
