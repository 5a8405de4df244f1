/** A validator's record over a restart, and what it says when its keys are locked. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { DevNode, type DevNodeOptions } from '../helpers/dev-node.ts'

let basePath: string
let node: DevNode
beforeEach(async () => {
  basePath = await mkdtemp(join(tmpdir(), 'nodestead-record-'))
})
afterEach(async () => {
  await node.stop()
  await rm(basePath, { recursive: true, force: true })
})

async function start(options: DevNodeOptions = {}): Promise<void> {
  node = await DevNode.start({ basePath, ...options })
}

it('goes on where it stopped', async () => {
  await start()
  await node.slots(5)
  const [before] = node.node.record.days(1)
  expect(before).toMatchObject({ day: '2023-11-14', blocks: 5, missed: 0 })
  expect(before?.votes).toBeGreaterThan(1)
  await node.node.stop()

  await start({ clock: node.clock })
  expect(node.node.record.days(1)).toEqual([before])
  await node.slots(3)
  expect(node.node.record.days(1)).toMatchObject([{ blocks: 8, missed: 0 }])
}, 60_000)

it('of a validator whose keys are locked says so after three turns', async () => {
  await start({ account: 'bob' })
  const { keys, record } = node.node
  await keys.setUp('correct horse battery', false)
  await keys.import({ keyType: 'babe', scheme: 'sr25519' }, '//Alice')
  await node.slots(10)
  expect(node.node.blocks.best().number).toBeGreaterThan(2)
  expect(record.silence()).toBeUndefined()
  await keys.keystore.lock()
  await node.slots(6)
  await record.idle()
  expect(record.silence()).toMatchObject({ locked: true })
  expect(record.days(1)[0]?.missed).toBeGreaterThanOrEqual(3)
  await keys.unlock('correct horse battery', false)
  await node.slots(2)
  expect(record.silence()).toBeUndefined()
}, 60_000)
