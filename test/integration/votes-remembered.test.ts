/** Votes outlive the database: a node whose database was set aside contradicts none of them, and finality goes on. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Hash } from '../../node-core/base/bytes.ts'
import { setDatabaseAside } from '../../node-core/manager/kinds/chain/set-aside.ts'
import { DevNode } from '../helpers/dev-node.ts'
import { grandpaOf } from '../helpers/grandpa-of.ts'

let basePath: string
let node: DevNode | undefined
/** What was said by kind, round and set. */
let said: Map<string, Hash>
let contradictions: string[]

beforeEach(async () => {
  basePath = await mkdtemp(join(tmpdir(), 'nodestead-votes-'))
  said = new Map()
  contradictions = []
})
afterEach(async () => {
  await node?.stop()
  await rm(basePath, { recursive: true, force: true })
})

async function start(clock?: DevNode['clock']): Promise<DevNode> {
  node = await DevNode.start({ basePath, ...(clock === undefined ? {} : { clock }) })
  grandpaOf(node.node).gossip.on('message', ({ message }) => {
    if (message.type !== 'vote') return
    const { vote: { kind, target, authority }, setId, round } = message
    const name = `${authority} ${setId}/${round} ${kind}`
    if ((said.get(name) ?? target.hash) !== target.hash) contradictions.push(name)
    said.set(name, target.hash)
  })
  return node
}

const roundsSaid = (): number[] => [...said.keys()].map((name) => Number(/\/(\d+) /.exec(name)?.[1]))

it('are contradicted neither on the new chain of a network of one authority nor after a restart', async () => {
  const first = await start()
  await first.slots(6)
  expect(first.node.blocks.finalized().number).toBeGreaterThan(2)
  const last = Math.max(...roundsSaid())
  await first.node.stop()
  await setDatabaseAside(first.node.dataPath, first.clock.now())

  const second = await start(first.clock)
  await second.slots(6)
  expect(second.node.blocks.finalized().number).toBeGreaterThan(2)
  expect(grandpaOf(second.node).position.round).toBeGreaterThan(last)
  await second.node.stop()

  const third = await start(first.clock)
  const finalized = third.node.blocks.finalized().number
  await third.slots(4)
  expect(third.node.blocks.finalized().number).toBeGreaterThan(finalized)
  expect(contradictions).toEqual([])
  expect([...second.problems(), ...third.problems()]).toEqual([])
}, 60_000)

it('of a data folder of the version before are taken over into the record beside the keys', async () => {
  const before = await start()
  await before.slots(5)
  await before.node.stop()
  // What that version left: the votes of its round in the database alone.
  await rm(join(before.node.dataPath, 'signing-record'), { recursive: true })

  const after = await start(before.clock)
  await after.node.core.idle()
  await after.node.stop()
  await setDatabaseAside(after.node.dataPath, after.clock.now())
  const anew = await start(before.clock)
  await anew.slots(5)
  expect(anew.node.blocks.finalized().number).toBeGreaterThan(0)
  expect(contradictions).toEqual([])
}, 60_000)
