/** When a validator makes blocks, and when it must not: slots claimed before, nobody connected, a record that cannot be written. */
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { slotOf } from '../../node-core/chain/core/engines/babe/digest.ts'
import { setDatabaseAside } from '../../node-core/manager/kinds/chain/set-aside.ts'
import type { Header } from '../../node-core/chain/scale/header.ts'
import { DevNode, type DevNodeOptions } from '../helpers/dev-node.ts'
import { SettableClock } from '../helpers/settable-clock.ts'

const SLOT_MS = 6000
const START_MS = 1_700_000_001_000

let basePath: string
const nodes: DevNode[] = []

async function start(options?: DevNodeOptions): Promise<DevNode> {
  const node = await DevNode.start(options)
  nodes.push(node)
  return node
}

beforeEach(async () => {
  basePath = await mkdtemp(join(tmpdir(), 'nodestead-authoring-'))
})
afterEach(async () => {
  await Promise.all(nodes.splice(0).map((node) => node.stop()))
  await rm(basePath, { recursive: true, force: true })
})

/** Slots of the best chain, lowest first. */
function slotsOf({ node: { blocks } }: DevNode): number[] {
  return blocks.route(blocks.genesisHash, blocks.best().hash).map(({ hash }) => slotOf(blocks.header(hash) as Header))
}

describe('a slot', () => {
  it('is claimed once, though timers fire early and the clock is set back', async () => {
    const clock = new SettableClock(START_MS)
    clock.earlyBy = 3
    const author = await start({ basePath, clock })
    await author.slots(3)
    expect(slotsOf(author).slice(0, 3)).toEqual([283333334, 283333335, 283333336])
    clock.set(-2 * SLOT_MS)
    await author.slots(4)
    const slots = slotsOf(author)
    expect(slots).toEqual([...new Set(slots)])
    expect(slots.at(-1)).toBeGreaterThanOrEqual(283333338)
    expect(author.logs.filter(({ message }) => message.includes('set back'))).toHaveLength(1)
  })

  it('is not claimed again by a node whose database is gone and whose clock is slow', async () => {
    const clock = new SettableClock(START_MS)
    const before = await start({ basePath, clock })
    await before.slots(4)
    const last = slotsOf(before).at(-1) as number
    await before.node.stop()
    await setDatabaseAside(before.node.dataPath, clock.now())
    clock.set(-3 * SLOT_MS)

    const after = await start({ basePath, clock })
    await after.slots(2)
    expect(slotsOf(after)).toEqual([])
    expect(after.node.core.authoringHold).toEqual({ kind: 'clock-behind', untilSlot: last + 1 })
    await after.slots(3)
    expect(slotsOf(after)[0]).toBe(last + 1)
  })

  it('stays empty while its claim cannot be written, and the node says why', async () => {
    const author = await start({ basePath })
    const folder = join(author.node.dataPath, 'signing-record')
    await writeFile(folder, 'in the way')
    await author.slots(2)
    expect(slotsOf(author)).toEqual([])
    expect(author.node.surroundings.authoringProblem()).toMatchObject({ code: 'SIGNING_RECORD_UNWRITABLE' })
    expect(author.node.surroundings.signingProblem()).toEqual({ kind: 'unwritable', path: folder })
    await rm(folder)
    await author.slots(2)
    expect(slotsOf(author)).toHaveLength(2)
    expect([author.node.surroundings.authoringProblem(), author.node.surroundings.signingProblem()]).toEqual([undefined, undefined])
    expect((await readdir(folder)).some((name) => name.includes('-babe-'))).toBe(true)
  })
})

describe('an authority of a network of four', () => {
  it('makes no block alone, and does when another node is connected', async () => {
    const alice = await start({ chain: 'local', account: 'alice' })
    await alice.slots(12)
    expect(alice.node.blocks.best().number).toBe(0)
    expect(alice.node.surroundings.authoringHold()).toEqual({ kind: 'alone', authorities: 4 })
    expect(alice.problems().filter((line) => line.includes('--force-authoring'))).toHaveLength(1)

    const address = alice.address
    await start({ chain: 'local', validator: false, clock: alice.clock, bootnodes: [address] })
    await alice.reach('blocks', () => alice.node.blocks.best().number >= 2)
    expect(alice.node.core.authoringHold).toBeUndefined()
  })

  it('makes its blocks alone where it is told to', async () => {
    const alice = await start({ chain: 'local', account: 'alice', forceAuthoring: true })
    await alice.slots(12)
    expect(alice.node.blocks.best().number).toBeGreaterThan(0)
  })
})
