import { afterEach, describe, expect, it } from 'vitest'
import { concatBytes, toHex, utf8, type Hash } from '../../node-core/base/bytes.ts'
import { FakeClock } from '../../node-core/base/clock.ts'
import { blake2b256, twox128 } from '../../node-core/crypto/hashes/hashing.ts'
import { devAccount } from '../../node-core/crypto/keys/dev-accounts.ts'
import { sr25519Sign } from '../../node-core/crypto/sr25519/sr25519.ts'
import type { Block } from '../../node-core/chain/scale/block.ts'
import { encodeHeader, splitSeal, type DigestItem, type Header } from '../../node-core/chain/scale/header.ts'
import { DevNode, type DevNodeOptions } from '../helpers/dev-node.ts'
import { pass } from '../helpers/passing-time.ts'

const nodes: DevNode[] = []

async function start(options?: DevNodeOptions): Promise<DevNode> {
  const node = await DevNode.start(options)
  nodes.push(node)
  return node
}

afterEach(async () => {
  await Promise.all(nodes.splice(0).map((node) => node.stop()))
})

async function blockOf({ node }: DevNode, hash: Hash): Promise<Block> {
  const [header, body] = [node.blocks.header(hash), await node.blocks.body(hash)]
  if (header === undefined || body === undefined) throw new Error(`no block ${hash}`)
  return { header, body }
}

/** Imports the best chain of one node into another, from genesis on. */
async function follow(from: DevNode, to: DevNode): Promise<void> {
  for (const { hash } of from.node.blocks.route(from.node.blocks.genesisHash, from.node.blocks.best().hash)) {
    const outcome = await to.node.core.importer.importBlock(await blockOf(from, hash), 'sync')
    expect(outcome).toMatchObject({ kind: expect.stringMatching(/imported|known/) })
  }
}

/** Alice's seal over whatever the header says. */
function reseal(header: Header): Header {
  const unsealed = (splitSeal(header, 'BABE') as { unsealed: Header }).unsealed
  const data = sr25519Sign(devAccount('//Alice').sr25519.secret.reveal(), blake2b256(encodeHeader(unsealed)))
  return { ...unsealed, digest: [...unsealed.digest, { type: 'seal', engine: 'BABE', data }] }
}

const flip = (hash: Hash): Hash => `0x${hash[2] === '0' ? '1' : '0'}${hash.slice(3)}`

function withPreDigest(header: Header, change: (data: Uint8Array) => void): Header {
  const digest = header.digest.map((item): DigestItem => {
    if (item.type !== 'preRuntime') return item
    const data = item.data.slice()
    change(data)
    return { ...item, data }
  })
  return { ...header, digest }
}

const storageItem = (pallet: string, name: string) => concatBytes(twox128(utf8(pallet)), twox128(utf8(name)))

describe('the development chain', () => {
  it('runs through three epochs, and another node accepts every block of it', async () => {
    const author = await start()
    // An epoch has 600 slots; every twentieth is authored in.
    await author.leaps(100, 20)
    const { blocks } = author.node
    expect(blocks.best().number).toBe(100)
    const announcing = blocks
      .route(blocks.genesisHash, blocks.best().hash)
      .filter(({ hash }) => blocks.header(hash)?.digest.some((item) => item.type === 'consensus' && item.engine === 'BABE' && item.data[0] === 1))
    expect(announcing.map(({ number }) => number)).toEqual([1, 31, 61, 91])

    const follower = await start({ validator: false, clock: author.clock })
    await follow(author, follower)
    expect(follower.node.blocks.best()).toEqual(blocks.best())
    expect([...author.problems(), ...follower.problems()]).toEqual([])
  })

  it('finalizes behind its best block with justifications that prove it', async () => {
    const author = await start()
    await author.slots(12)
    const { blocks } = author.node
    const { hash, number } = blocks.finalized()
    expect(number).toBeGreaterThanOrEqual(blocks.best().number - 3)
    expect(number).toBeLessThan(blocks.best().number)
    const justifications = await blocks.justifications(hash)
    expect(justifications?.[0]?.engine).toBe('FRNK')

    const follower = await start({ validator: false, clock: author.clock })
    await follow(author, follower)
    expect(follower.node.blocks.finalized().number).toBe(0)
    const justification = justifications?.[0] as { engine: string; data: Uint8Array }
    const forged = { ...justification, data: justification.data.map((byte, index) => (index === 90 ? byte ^ 1 : byte)) }
    expect(await follower.node.core.importer.importJustification({ hash, number }, forged)).toMatchObject({ kind: 'invalid', code: 'IMPORT_BAD_JUSTIFICATION' })
    expect(follower.node.blocks.finalized().number).toBe(0)
    expect(await follower.node.core.importer.importJustification({ hash, number }, justification)).toMatchObject({ kind: 'imported' })
    expect(follower.node.blocks.finalized()).toEqual({ hash, number })
  })

  it('goes on after a restart where it stopped', async () => {
    const first = await start()
    await first.slots(8)
    const { best, finalized } = { best: first.node.blocks.best(), finalized: first.node.blocks.finalized() }
    await first.node.stop()
    const second = await start({ basePath: first.basePath, clock: first.clock })
    expect(second.node.blocks.best()).toEqual(best)
    expect(second.node.blocks.finalized()).toEqual(finalized)
    await second.slots(6)
    expect(second.node.blocks.best().number).toBe(best.number + 6)
    expect(second.node.blocks.finalized().number).toBeGreaterThan(finalized.number)
    expect(second.problems()).toEqual([])
    await second.node.stop()
  })
})

describe('import', () => {
  it('refuses a block for what is wrong with it, and takes the right one afterwards', async () => {
    const author = await start()
    await author.slots(3)
    const [, second, third] = author.node.blocks.route(author.node.blocks.genesisHash, author.node.blocks.best().hash)
    const follower = await start({ validator: false, clock: author.clock })
    const { importer } = follower.node.core
    const submit = (block: Block) => importer.importBlock(block, 'announced')
    const good = await blockOf(author, (second as { hash: Hash }).hash)
    const { header, body } = good

    expect(await submit(good)).toEqual({ kind: 'unknown-parent' })
    expect(await submit(await blockOf(author, header.parentHash))).toMatchObject({ kind: 'imported', isBest: true })

    const cases: [code: string, block: Block][] = [
      ['IMPORT_WRONG_NUMBER', { header: reseal({ ...header, number: 7 }), body }],
      ['IMPORT_WRONG_EXTRINSICS_ROOT', { header: reseal({ ...header, extrinsicsRoot: flip(header.extrinsicsRoot) }), body }],
      ['IMPORT_WRONG_EXTRINSICS_ROOT', { header, body: body.slice(1) }],
      ['BABE_BAD_SEAL', { header: { ...header, stateRoot: flip(header.stateRoot) }, body }],
      ['BABE_NO_SEAL', { header: { ...header, digest: header.digest.slice(0, -1) }, body }],
      ['BABE_NO_PRE_DIGEST', { header: reseal({ ...header, digest: header.digest.slice(1) }), body }],
      // The slot is four bytes behind kind and authority index; the VRF's proof is at the end.
      ['BABE_SLOT_NOT_AFTER_PARENT', { header: reseal(withPreDigest(header, (data) => data.fill(0, 5, 13))), body }],
      ['BABE_SLOT_IN_FUTURE', { header: reseal(withPreDigest(header, (data) => data.fill(1, 8, 10))), body }],
      ['BABE_BAD_VRF', { header: reseal(withPreDigest(header, (data) => void (data[data.length - 40] = (data[data.length - 40] as number) ^ 1))), body }],
      ['BABE_UNKNOWN_AUTHORITY', { header: reseal(withPreDigest(header, (data) => void (data[1] = 9))), body }],
      ['RUNTIME_', { header: reseal({ ...header, stateRoot: flip(header.stateRoot) }), body }],
    ]
    for (const [code, block] of cases) expect(await submit(block), code).toMatchObject({ kind: 'invalid', code: expect.stringContaining(code) })
    expect(follower.node.blocks.best().number).toBe(1)

    expect(await submit(good)).toEqual({ kind: 'imported', isBest: true })
    expect(await submit(good)).toEqual({ kind: 'known' })
    expect(await submit(await blockOf(author, (third as { hash: Hash }).hash))).toMatchObject({ kind: 'imported' })
  })

  it('moves to the chain with more weight behind it', async () => {
    const clock = new FakeClock(1_700_000_001_000)
    // Each on its own: they never hear of each other.
    const alice = await start({ chain: 'local', account: 'alice', clock, forceAuthoring: true })
    const bob = await start({ chain: 'local', account: 'bob', clock, forceAuthoring: true })
    for (let slot = 0; slot < 24; slot++) {
      await pass(clock, 6000)
    }
    const [a, b] = [alice.node.blocks.best(), bob.node.blocks.best()]
    expect(a.hash).not.toBe(b.hash)
    const ownBefore = alice.node.blocks.hashByNumber(1)
    await follow(bob, alice)
    // Whichever is heavier: Bob, told of both chains, comes to the same conclusion.
    for (const leaf of alice.node.blocks.leaves()) {
      for (const { hash } of alice.node.blocks.route(alice.node.blocks.genesisHash, leaf.hash)) await bob.node.core.importer.importBlock(await blockOf(alice, hash), 'sync')
    }
    expect(bob.node.blocks.best()).toEqual(alice.node.blocks.best())
    expect([a.hash, b.hash]).toContain(alice.node.blocks.best().hash)
    expect(alice.node.blocks.hashByNumber(1) === ownBefore).toBe(alice.node.blocks.best().hash === a.hash)
    // One of four voters finalizes nothing.
    expect(alice.node.blocks.finalized().number).toBe(0)
  })
})

describe('state', () => {
  it('is what the runtime says it is', async () => {
    const author = await start()
    await author.slots(2)
    const { node } = author
    const stateRoot = node.blocks.header(node.blocks.best().hash)?.stateRoot as Hash
    const number = node.storage.get(stateRoot, storageItem('System', 'Number'))
    expect(toHex(number ?? new Uint8Array(0))).toBe('0x02000000')
  })
})

describe('many blocks at once', () => {
  it('are checked and executed side by side, and a bad one takes its descendants with it', async () => {
    const author = await start()
    await author.leaps(40, 20)
    const { blocks } = author.node
    const follower = await start({ validator: false, clock: author.clock })
    const chain = await Promise.all(blocks.route(blocks.genesisHash, blocks.best().hash).map(({ hash }) => blockOf(author, hash)))
    const spoilt = chain.map((block, index) => (index === 24 ? { ...block, header: reseal({ ...block.header, stateRoot: flip(block.header.stateRoot) }) } : block))
    const outcomes = await Promise.all(spoilt.map((block) => follower.node.core.importer.importBlock(block, 'sync')))
    expect(outcomes.slice(0, 24).every(({ kind }) => kind === 'imported')).toBe(true)
    expect(outcomes[24]).toMatchObject({ kind: 'invalid', code: expect.stringContaining('RUNTIME_') })
    expect(outcomes.slice(25).every(({ kind }) => kind === 'unknown-parent')).toBe(true)
    expect(follower.node.blocks.best().number).toBe(24)

    const rest = await Promise.all(chain.slice(24).map((block) => follower.node.core.importer.importBlock(block, 'sync')))
    expect(rest.every(({ kind }) => kind === 'imported')).toBe(true)
    expect(follower.node.blocks.best()).toEqual(blocks.best())
  })
})
