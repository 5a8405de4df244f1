/** The commands of `tx`: what is said of a transaction, and how a command ends by what becomes of it. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { NodeError } from '../../../../node-core/base/errors.ts'
import { toHex } from '../../../../node-core/base/bytes.ts'
import { blake2Hash } from '../../../../node-core/crypto/hashes/hashing.ts'
import type { TransactionStatus } from '../../../../node-core/chain/queries/types.ts'
import { AskedNode, eventually } from '../../../helpers/asked-node.ts'
import { fakeHash } from '../../../helpers/fake-manager.ts'
import type { FakeQueries } from '../../../helpers/fake-queries.ts'

const TX = new Uint8Array([4, 1, 2, 3])
const HASH = blake2Hash(TX)
const BLOCK = fakeHash(9)

let node: AskedNode
let queries: FakeQueries
beforeEach(async () => {
  node = await AskedNode.start()
  await node.manager.start('dev')
  queries = node.manager.node('dev')?.queries as FakeQueries
})
afterEach(() => node.stop())

const becomes = (...statuses: TransactionStatus[]): void => void (queries.statuses = statuses)

it('a transaction is parsed and priced, from a word or from standard input', async () => {
  const parsed = await node.run(['tx', 'parse'], { input: `${toHex(TX)}\n` })
  expect(parsed).toMatchObject({ code: 0, out: `hash\t${HASH}\nbytes\t4\ncall\t-\nsigner\t-\nnonce\t-\ntip\t-\nproblem\t-\n` })
  expect(JSON.parse((await node.run(['tx', 'parse', '04010203'], { reader: 'program' })).out)).toMatchObject({ transaction: { hash: HASH, size: 4 } })
  expect((await node.run(['tx', 'fee', toHex(TX)])).out).toMatch(/^fee\t3\nclass\tnormal\nref time\t1\nproof size\t2\nat block\t0 0x0+\n$/)
  expect((await node.run(['tx', 'fee', toHex(TX)], { reader: 'terminal', env: { NO_COLOR: '1' } })).out).toContain('fee         3 in the smallest unit, without the tip')
  for (const word of ['0x123', '', 'moon']) expect(await node.run(['tx', 'fee', word])).toMatchObject({ code: 5, error: { code: 'DATA_INVALID' } })
})

describe('tx submit', () => {
  it('says the hash of what is in the pool, and what the pool refuses with', async () => {
    expect(await node.run(['tx', 'submit', toHex(TX)])).toMatchObject({ code: 0, out: `${HASH}\n` })
    expect(queries.pool).toEqual([TX])
    queries.refusal = new NodeError('TX_INVALID', 'The transaction is not valid: Stale.', { hint: 'Sign it with the next nonce.' })
    expect(await node.run(['tx', 'submit', toHex(TX)])).toMatchObject({ code: 5, out: '', error: { code: 'TX_INVALID', hint: 'Sign it with the next nonce.' } })
  })

  it('--watch ends with 0 when it is final, and says where it is', async () => {
    becomes({ kind: 'ready' }, { kind: 'broadcast', peers: ['a', 'b'] }, { kind: 'inBlock', block: BLOCK, index: 1 }, { kind: 'finalized', block: BLOCK, index: 1 })
    const { code, out } = await node.run(['tx', 'submit', '--watch', toHex(TX)])
    expect([code, out.split('\n')]).toEqual([0, [HASH, 'in the pool', 'sent to 2 peers', `in block ${BLOCK}`, `final in block ${BLOCK}`, expect.stringContaining(`${BLOCK}, extrinsic 1`), '']])
    const lines = (await node.run(['tx', 'watch', HASH], { reader: 'program' })).out.trimEnd().split('\n').map((line) => JSON.parse(line) as { state?: string; finalized?: object })
    expect(lines.map(({ state }) => state)).toEqual(['TRANSACTION_STATE_READY', 'TRANSACTION_STATE_BROADCAST', 'TRANSACTION_STATE_IN_BLOCK', 'TRANSACTION_STATE_FINALIZED', undefined])
    expect(lines.at(-1)).toMatchObject({ hash: HASH, finalized: { hash: BLOCK, index: 1 } })
  })

  it.each<[string, TransactionStatus]>([
    ['Another transaction of the same account', { kind: 'usurped', by: fakeHash(3) }],
    ['The pool dropped it', { kind: 'dropped' }],
    ['It is not valid any more', { kind: 'invalid' }],
    ['not finalized for a long time', { kind: 'finalityTimeout', block: BLOCK }],
  ])('--watch ends with 5 where it is lost: %s', async (reason, status) => {
    becomes({ kind: 'ready' }, status)
    expect(await node.run(['tx', 'submit', '--watch', toHex(TX)])).toMatchObject({ code: 5, error: { code: 'TX_NOT_FINALIZED', message: expect.stringContaining(reason) } })
  })

  it('--watch ends with an error where the node stops watching, and by Ctrl-C, with what to do', async () => {
    becomes({ kind: 'ready' })
    expect(await node.run(['tx', 'submit', '--watch', toHex(TX)])).toMatchObject({ code: 1, error: { code: 'SERVICE_TRANSACTION_UNWATCHED' } })
    expect(await node.run(['tx', 'watch', fakeHash(1)])).toMatchObject({ code: 1, error: { code: 'SERVICE_TRANSACTION_UNKNOWN' } })
    expect(await node.run(['tx', 'watch', '0x12'])).toMatchObject({ code: 5 })
    queries.submit = async () => ({ hash: HASH, statuses: (async function* () { yield { kind: 'ready' } as const; await new Promise(() => undefined) })() })
    const watching = node.begin(['tx', 'submit', '--watch', toHex(TX)])
    await eventually(() => expect(watching.out()).toContain('in the pool'))
    expect(await watching.interrupt()).toMatchObject({ code: 130, error: { code: 'INTERRUPTED', hint: `Follow it again: tx watch ${HASH}` } })
  })
})
