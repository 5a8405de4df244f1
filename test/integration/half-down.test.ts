/**
 * Four authorities, and two of their computers are off: blocks go on, finality waits (two of four are no more than two thirds), and
 * catches up when they are back, also where they were away for longer than an epoch.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { FakeClock } from '../../node-core/base/clock.ts'
import { DevNode } from '../helpers/dev-node.ts'
import { ownSpec } from '../helpers/own-spec.ts'
import { reach as passUntil } from '../helpers/passing-time.ts'

const PEOPLE = ['alice', 'bob', 'charlie', 'dave'] as const
type Person = (typeof PEOPLE)[number]

const running = new Map<Person, DevNode>()
const folders: string[] = []

afterEach(async () => {
  for (const node of running.values()) await node.stop()
  running.clear()
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true })
})

it('blocks go on while two of four authorities are down, and finality catches up when they are back', async () => {
  const spec = ownSpec({ preset: 'local_testnet', patch: { settings: { epochLength: 20 } }, chainType: 'Local' })
  const clock = new FakeClock(1_700_000_001_000)
  const homes = new Map<Person, string>()
  for (const person of PEOPLE) {
    const folder = await mkdtemp(join(tmpdir(), `nodestead-${person}-`))
    folders.push(folder)
    homes.set(person, folder)
  }
  const start = async (person: Person): Promise<void> => {
    const bootnodes = [...running.values()].map(({ address }) => address)
    running.set(person, await DevNode.start({ spec, account: person, clock, basePath: homes.get(person) as string, bootnodes }))
  }
  const stop = async (person: Person): Promise<void> => {
    await running.get(person)?.stop()
    running.delete(person)
  }
  const heights = (kind: 'best' | 'finalized'): number[] => [...running.values()].map(({ node }) => node.blocks[kind]().number)
  const reach = (what: string, done: () => boolean): Promise<void> => passUntil(clock, what, done, 100)

  for (const person of PEOPLE) await start(person)
  await reach('finality with all four', () => Math.min(...heights('finalized')) >= 3)

  await stop('charlie')
  await stop('dave')
  const finalized = Math.max(...heights('finalized'))
  const best = Math.max(...heights('best'))
  // Longer than an epoch of twenty slots: the first block of the next one is there, made by who is left.
  await reach('blocks of the other two', () => Math.min(...heights('best')) >= best + 15)
  // What the four had voted when two of them went may still count.
  expect(Math.max(...heights('finalized'))).toBeLessThanOrEqual(best)
  expect(Math.max(...heights('finalized'))).toBeGreaterThanOrEqual(finalized)
  expect(Math.min(...heights('best')) - Math.max(...heights('finalized'))).toBeGreaterThanOrEqual(15)

  await start('charlie')
  await start('dave')
  const missed = Math.max(...heights('best'))
  await reach('finality of what was made meanwhile', () => Math.min(...heights('finalized')) >= missed)
  expect(new Set([...running.values()].map(({ node }) => node.blocks.hashByNumber(missed))).size).toBe(1)
  for (const [person, node] of running) expect(node.problems(), person).toEqual([])
})
