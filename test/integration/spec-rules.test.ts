/** What a chain specification says beside its genesis, in whole nodes: code that stands in, and the only right block of a height. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { toHex, type Hash } from '../../node-core/base/bytes.ts'
import { describeError } from '../../node-core/base/errors.ts'
import { decodeVersion } from '../../node-core/chain/runtime/api/version.ts'
import { readChainFile } from '../helpers/chain-files.ts'
import { DevNode } from '../helpers/dev-node.ts'
import { ORIGINAL_NAME, OTHER_NAME, renamedRuntime } from '../helpers/renamed-runtime.ts'

const spec = { ...readChainFile('dev'), codeSubstitutes: { '2': toHex(renamedRuntime()) } }

let author: DevNode

beforeAll(async () => {
  author = await DevNode.start({ spec })
  await author.slots(4)
}, 120_000)

afterAll(() => author.stop())

/** Imports the author's blocks, one after another; resolves with what became of each. */
async function follow(follower: DevNode): Promise<readonly unknown[]> {
  const { blocks } = author.node
  const outcomes: unknown[] = []
  for (const { hash } of blocks.route(blocks.genesisHash, blocks.best().hash)) {
    const header = blocks.header(hash)
    if (header === undefined) throw new Error(`${hash} is gone`)
    outcomes.push(await follower.node.core.importer.importBlock({ header, body: (await blocks.body(hash)) ?? [] }, 'sync'))
  }
  return outcomes
}

it('runs the code that stands in from the state of its block on, for calls and for blocks, authored and imported', async () => {
  const { blocks, runtime } = author.node
  const names = await Promise.all(
    [0, 1, 2, 3, 4].map(async (number) => {
      const root = blocks.header(blocks.hashByNumber(number) as Hash)?.stateRoot as Hash
      const called = decodeVersion(await runtime.call(root, 'Core_version', new Uint8Array(0)))
      return [(await runtime.version(root)).implName, called.implName]
    }),
  )
  expect(names).toEqual([ORIGINAL_NAME, ORIGINAL_NAME, OTHER_NAME, OTHER_NAME, OTHER_NAME].map((name) => [name, name]))
  const response = await fetch((author.node.rpcAddress as string).replace('ws:', 'http:'), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'state_getRuntimeVersion', params: [blocks.hashByNumber(2)] }),
  })
  expect(await response.json()).toMatchObject({ result: { implName: OTHER_NAME } })
  const follower = await DevNode.start({ spec, validator: false, clock: author.clock })
  try {
    expect(await follow(follower)).toEqual(Array(4).fill({ kind: 'imported', isBest: true }))
    expect(follower.node.blocks.best()).toEqual(blocks.best())
  } finally {
    await follower.stop()
  }
}, 120_000)

it('says which substitute is no runtime, before anything is opened', async () => {
  const broken = DevNode.start({ spec: { ...spec, codeSubstitutes: { '7': '0x0061736d' } } })
  expect(await broken.catch(describeError)).toMatch(/substitute runtime of .*Development from block 7 on \(codeSubstitutes in the chain specification\) is unusable/)
})

it('takes the fork that the specification names, and no block of the other', async () => {
  const { blocks } = author.node
  const right = blocks.hashByNumber(3) as Hash
  const same = await DevNode.start({ spec: { ...spec, forkBlocks: [[3, right]] }, validator: false, clock: author.clock })
  const other = await DevNode.start({ spec: { ...spec, forkBlocks: [[3, `0x${'11'.repeat(32)}`]] }, validator: false, clock: author.clock })
  try {
    expect((await follow(same)).at(-1)).toMatchObject({ kind: 'imported' })
    expect(await follow(other)).toMatchObject([{ kind: 'imported' }, { kind: 'imported' }, { kind: 'invalid', code: 'IMPORT_OTHER_FORK' }, { kind: 'unknown-parent' }])
    expect(other.node.blocks.best().number).toBe(2)
  } finally {
    await same.stop()
    await other.stop()
  }
}, 120_000)
