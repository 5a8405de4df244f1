/**
 * One key on two nodes, as happens where a folder is copied or an export is opened by somebody else: the second one is stopped before
 * it signs anything, and of two that start at the same moment each signs once and never again.
 */
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { FakeClock } from '../../node-core/base/clock.ts'
import { slotOf } from '../../node-core/chain/core/engines/babe/digest.ts'
import type { Header } from '../../node-core/chain/scale/header.ts'
import { DevNode, type DevNodeOptions } from '../helpers/dev-node.ts'
import { networkOfOne } from '../helpers/network-of-one.ts'
import { eventually } from '../helpers/network.ts'
import { pass, reach } from '../helpers/passing-time.ts'

const SLOT_MS = 6000
const START_MS = 1_700_000_001_000

let clock: FakeClock
let basePath: string
let running: DevNode[]

beforeEach(async () => {
  clock = new FakeClock(START_MS)
  basePath = await mkdtemp(join(tmpdir(), 'nodestead-sole-'))
  running = []
})
afterEach(async () => {
  for (const node of running.reverse()) await node.stop()
  await rm(basePath, { recursive: true, force: true })
})

async function start(options: DevNodeOptions): Promise<DevNode> {
  const node = await DevNode.start({ clock, spec: networkOfOne(), ...options })
  running.push(node)
  return node
}

const connected = ({ node }: DevNode): Promise<void> => eventually(() => node.network.peers().length > 0, 'a connection')

/** Time goes on for all of them, a second at a time. */
function until(what: string, done: () => boolean): Promise<void> {
  return reach(clock, what, done, 1000)
}

const made = (node: DevNode): number => node.logs.filter(({ message }) => message === 'authored a block').length
/** What keys signed here, by key type. */
async function signedTypes({ node }: DevNode): Promise<string[]> {
  const names = await readdir(join(node.dataPath, 'signing-record')).catch(() => [])
  return [...new Set(names.flatMap((name) => /-(babe|gran)-/.exec(name)?.[1] ?? []))]
}

it('a second node with the key of one that runs signs nothing, says why, and keeps to it over a restart until a person says otherwise', async () => {
  const first = await start({})
  await until('blocks', () => made(first) >= 3)
  // It was alone, and gave others time to be found.
  const firstSlot = slotOf(first.node.blocks.header(first.node.blocks.hashByNumber(1) as `0x${string}`) as Header)
  expect(firstSlot - Math.floor(START_MS / SLOT_MS)).toBe(4)

  const options = { basePath, bootnodes: [first.address] }
  let second = await start(options)
  await connected(second)
  await until('the stop', () => second.node.surroundings.signedElsewhere() !== undefined)
  expect(second.node.surroundings.signedElsewhere()).toMatchObject({ keyType: expect.stringMatching(/babe|gran/) })
  const before = first.node.blocks.best().number
  await until('more blocks of the first', () => first.node.blocks.best().number > before + 4)
  expect([await signedTypes(second), made(second), second.node.core.authoringHold]).toEqual([[], 0, { kind: 'signed-elsewhere' }])
  expect(first.node.surroundings.signedElsewhere()).toBeUndefined()
  expect(second.problems().filter((line) => line.includes('stopped signing'))).toHaveLength(1)
  // It follows the chain all the same.
  await until('the second follows', () => second.node.blocks.best().number >= before)

  await second.node.stop()
  await first.node.stop()
  running.length = 0
  second = await start(options)
  await second.slots(12)
  expect([made(second), second.node.core.authoringHold]).toEqual([0, { kind: 'signed-elsewhere' }])

  await second.node.surroundings.confirmSoleSigner()
  expect(second.node.surroundings.signedElsewhere()).toBeUndefined()
  const { number } = second.node.blocks.best()
  await until('its own blocks', () => made(second) >= 2)
  expect(second.node.blocks.best().number).toBeGreaterThan(number)
  await until('its own votes', () => second.node.blocks.finalized().number > number)
  expect((await signedTypes(second)).sort()).toEqual(['babe', 'gran'])
}, 120_000)

/** What others made takes its time until it is heard here, as over a network: until the returned function is called. */
function holdImports({ node }: DevNode): () => void {
  const { importer } = node.core
  const importBlock = importer.importBlock.bind(importer)
  const { promise: arrival, resolve } = Promise.withResolvers<void>()
  importer.importBlock = async (...block) => {
    await arrival
    return importBlock(...block)
  }
  return resolve
}

it('two that start at the same moment are both stopped by the first block of the other, before a second signature', async () => {
  const one = await start({})
  const other = await start({ bootnodes: [one.address] })
  await connected(other)
  const arrive = [one, other].map(holdImports)
  await until('the first block of each', () => made(one) > 0 && made(other) > 0)
  expect([made(one), made(other)]).toEqual([1, 1])
  // No time passes: each hears the other before the next slot.
  for (const release of arrive) release()
  await eventually(() => [one, other].every(({ node }) => node.surroundings.signedElsewhere() !== undefined), 'both stops')
  for (let second = 0; second < 60; second++) await pass(clock, 1000)
  expect([made(one), made(other)]).toEqual([1, 1])
  expect([await signedTypes(one), await signedTypes(other)]).toEqual([['babe'], ['babe']])
}, 120_000)

it('of two that chance lets listen for different times, the one that begins later signs nothing', async () => {
  const one = await start({})
  const other = await start({ bootnodes: [one.address], random: () => 0.99 })
  await connected(other)
  await until('blocks and finality of one', () => one.node.blocks.finalized().number > 2)
  await eventually(() => other.node.surroundings.signedElsewhere() !== undefined, 'the stop')
  expect([made(other), await signedTypes(other)]).toEqual([0, []])
  expect(one.node.surroundings.signedElsewhere()).toBeUndefined()
}, 120_000)

it('a restart costs no slot', async () => {
  const first = await start({ basePath })
  await until('blocks', () => made(first) >= 2)
  await first.node.stop()
  running.length = 0
  const again = await start({ basePath })
  const blocks = again.node.blocks.best().number
  await again.slots(2)
  expect(again.node.blocks.best().number).toBe(blocks + 2)
}, 120_000)
