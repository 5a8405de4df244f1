/** Real blocks of the development chain, decoded by the metadata of their own runtime. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fromHex, toHex, utf8 } from '../../../../node-core/base/bytes.ts'
import { devAccount } from '../../../../node-core/crypto/keys/dev-accounts.ts'
import { blake2Hash } from '../../../../node-core/crypto/hashes/hashing.ts'
import { encodeSs58 } from '../../../../node-core/crypto/keys/ss58.ts'
import type { BlockDetails, ExtrinsicDetails } from '../../../../node-core/chain/explorer/types.ts'
import { asRootCall, remarkCall, signedExtrinsic, transferCall } from '../../../helpers/dev-extrinsic.ts'
import { DevNode } from '../../../helpers/dev-node.ts'

const alice = devAccount('//Alice').sr25519
const bob = devAccount('//Bob').sr25519
const UNIT = 1_000_000_000_000n

let dev: DevNode
let transfer: Uint8Array
let block: BlockDetails

beforeAll(async () => {
  dev = await DevNode.start()
  await dev.slots(1)
  const { node } = dev
  const head = node.blocks.header(node.blocks.best().hash)
  const version = await node.runtime.version(head?.stateRoot ?? '0x')
  const chain = { genesisHash: node.blocks.genesisHash, version }
  transfer = signedExtrinsic(alice, transferCall(bob.publicKey, 3n * UNIT), 0, chain)
  for (const extrinsic of [
    transfer,
    signedExtrinsic(bob, asRootCall(remarkCall(utf8('I am not root'))), 0, chain),
    signedExtrinsic(alice, remarkCall(utf8('hello, chain')), 1, chain),
  ]) await node.core.pool.submit(extrinsic, 'local')
  await dev.slots(3)
  const found = await node.explorer.search(blake2Hash(transfer))
  expect(found.kind).toBe('extrinsic')
  if (found.kind !== 'extrinsic') return
  const described = await node.explorer.block(found.block.hash)
  expect(described).toBeDefined()
  block = described as BlockDetails
}, 60_000)

afterAll(async () => {
  await dev.stop()
})

const called = (call: string, at = 0): ExtrinsicDetails =>
  block.extrinsics.filter((extrinsic) => `${extrinsic.call?.pallet}.${extrinsic.call?.name}` === call)[at] as ExtrinsicDetails

describe('a block of the development chain', () => {
  it('names its runtime, author, slot and place', () => {
    expect(block.undecodable).toBeUndefined()
    expect(block.eventsProblem).toBeUndefined()
    expect(block.runtime).toEqual({ name: 'nodestead', version: 1 })
    expect(block.author?.name).toBe('Alice')
    expect(['final', 'best']).toContain(block.place)
    expect(block.token).toEqual({ symbol: 'UNIT', decimals: 12 })
    expect(block.digest[0]).toMatchObject({ kind: 'slot', authorityIndex: 0 })
    expect(block.slotTime).toBe((block.digest[0] as { slot: number }).slot * 6000)
    expect(block.digest.at(-1)).toMatchObject({ kind: 'seal', engine: 'BABE' })
  })

  it('decodes a transfer with its amount, both accounts, nonce, tip and era', () => {
    const extrinsic = called('Balances.transfer_keep_alive')
    expect(extrinsic.problem).toBeUndefined()
    expect(extrinsic.call?.args).toEqual([
      { name: 'dest', value: { kind: 'account', account: { address: encodeSs58(bob.publicKey), publicKey: toHex(bob.publicKey), name: 'Bob' } } },
      { name: 'value', value: { kind: 'balance', text: String(3n * UNIT) } },
    ])
    expect(extrinsic.signed).toMatchObject({ account: { account: { name: 'Alice' } }, nonce: '0', tip: '0', mortality: undefined })
    expect(extrinsic.succeeded).toBe(true)
    expect(extrinsic.hash).toBe(blake2Hash(transfer))
    const event = extrinsic.events.find(({ name }) => name === 'Transfer')
    expect(event).toMatchObject({ pallet: 'Balances', fields: [{ name: 'from' }, { name: 'to' }, { name: 'amount', value: { kind: 'balance' } }] })
  })

  it('says by its name why a call failed', () => {
    const extrinsic = called('Sudo.sudo')
    expect(extrinsic.succeeded).toBe(false)
    expect(extrinsic.failure).toEqual({ pallet: 'Sudo', name: 'RequireSudo', docs: 'Sender must be the Sudo account.' })
    const failed = extrinsic.events.find(({ name }) => name === 'ExtrinsicFailed')
    expect(failed?.fields[0]?.value).toEqual({ kind: 'error', error: extrinsic.failure })
  })

  it('shows bytes that read as text as text, and inherents without a signer', () => {
    expect(called('System.remark').call?.args[0]?.value).toEqual({ kind: 'bytes', hex: toHex(utf8('hello, chain')), size: 12, text: 'hello, chain' })
    expect(called('Timestamp.set').signed).toBeUndefined()
    expect(called('Timestamp.set').call?.args[0]?.value.kind).toBe('number')
    expect(block.extrinsics.every(({ problem }) => problem === undefined)).toBe(true)
  })

  it('tells who voted for a final block', async () => {
    const head = dev.node.blocks.finalized()
    const details = await dev.node.explorer.block(head.hash)
    expect(details?.justifications[0]).toMatchObject({ kind: 'votes', target: head, votes: 1, voters: ['Alice'] })
  })

  it('describes the genesis block, and knows what it does not have', async () => {
    const genesis = await dev.node.explorer.block(dev.node.blocks.genesisHash)
    expect(genesis).toMatchObject({ number: 0, extrinsics: [], author: undefined, slotTime: undefined, place: 'final' })
    expect(await dev.node.explorer.block(`0x${'ab'.repeat(32)}`)).toBeUndefined()
  })
})

describe('search', () => {
  it('finds blocks by number and hash', async () => {
    const { explorer } = dev.node
    expect(await explorer.search('#1')).toMatchObject({ kind: 'block', block: { number: 1 } })
    expect(await explorer.search(` ${block.hash} `)).toEqual({ kind: 'block', block: { hash: block.hash, number: block.number } })
    expect(await explorer.search('99,999')).toMatchObject({ kind: 'nothing', reason: 'noSuchBlock' })
    expect(await explorer.search(`0x${'ab'.repeat(32)}`)).toMatchObject({ kind: 'nothing', reason: 'unknownHash' })
    expect(await explorer.search('no such thing')).toMatchObject({ kind: 'nothing', reason: 'notUnderstood' })
  })

  it.each([encodeSs58(bob.publicKey), encodeSs58(bob.publicKey, 0), toHex(bob.publicKey)])('finds an account by %s', async (text) => {
    const found = await dev.node.explorer.search(text)
    expect(found.kind).toBe('account')
    if (found.kind !== 'account') return
    const { account } = found
    expect(account).toMatchObject({ name: 'Bob', exists: true, undecodable: undefined })
    const data = account.fields.find(({ name }) => name === 'data')?.value
    const free = data?.kind === 'fields' ? data.fields.find(({ name }) => name === 'free')?.value : undefined
    expect(free?.kind).toBe('balance')
    expect(account.activity.find(({ call }) => call === 'Balances.transfer_keep_alive' )).toBeDefined()
    expect(account.activity.some(({ events }) => events.includes('Balances.Transfer'))).toBe(true)
  })

  it('says that an account does not exist', async () => {
    const found = await dev.node.explorer.search(encodeSs58(fromHex(`0x${'07'.repeat(32)}`)))
    expect(found).toMatchObject({ kind: 'account', account: { exists: false, fields: [], activity: [] } })
  })
})

describe('the recent chain', () => {
  it('is told once, then what is new', async () => {
    const { explorer, blocks } = dev.node
    const part = await explorer.chain()
    expect(part.best).toEqual(blocks.best())
    expect(part.blocks.map(({ number }) => number)).toContain(0)
    expect(part.blocks.at(-1)).toMatchObject({ hash: blocks.best().hash, author: 'Alice' })
    await dev.slots(1)
    const news = await explorer.chain(part.cursor)
    expect(news.blocks.map(({ hash }) => hash)).toEqual([blocks.best().hash])
    expect(news.blocks[0]?.extrinsics).toBeGreaterThan(0)
  })
})
