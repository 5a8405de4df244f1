/** The download of a state on a real database, in its thread; and a process that is killed on the way, again and again. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { EMPTY, toHex } from '../../node-core/base/bytes.ts'
import { systemClock } from '../../node-core/base/clock.ts'
import { silentLogger } from '../../node-core/base/logger.ts'
import type { PeerFault } from '../../node-core/network/contracts.ts'
import { StateDownload } from '../../node-core/chain/joining/state/state-download.ts'
import { StateThread } from '../../node-core/chain/joining/state/state-thread.ts'
import { DEFAULT_RANGES_OPTIONS, type AssembledState } from '../../node-core/chain/joining/state/types.ts'
import { BUCKET, nodeKey } from '../../node-core/chain/state/buckets.ts'
import { createLevel, recordSource, type Level } from '../../node-core/chain/state/trie-source.ts'
import { NodeStore } from '../../node-core/chain/trie/nodes/node-store.ts'
import { Trie } from '../../node-core/chain/trie/trie.ts'
import { childRootKey } from '../../node-core/chain/trie/child.ts'
import { fromHex } from '../../node-core/base/bytes.ts'
import { LIES, serving, servingLittle, type Answer } from '../unit/chain/joining/state/peers.ts'
import { BLOCK, below, makeState, random, type MadeState } from '../unit/chain/joining/state/states.ts'
import { makeService, temporaryFolder } from '../unit/chain/state/service-fixture.ts'

/** Reads the whole state out of the database by its records. */
function expectStored(level: Level, { root, main, children }: MadeState, made: AssembledState): void {
  const store = new NodeStore(recordSource(level))
  const trie = new Trie(store, { hash: root, id: made.root })
  const expected = new Map(main.map(([key, value]) => [toHex(key), toHex(value)]))
  let count = 0
  trie.forEach(EMPTY, (key, value) => {
    expect(expected.get(toHex(key))).toBe(toHex(value))
    count++
    return true
  })
  expect(count).toBe(expected.size)
  for (const [name, entries] of children) {
    const child = new Trie(store, trie.childRoot(childRootKey(fromHex(name))))
    for (const [key, value] of entries) expect(toHex(child.get(key) ?? expect.fail())).toBe(toHex(value))
  }
}

async function recordsBehind(level: Level, id: number): Promise<number> {
  return (await level.keys({ gte: nodeKey(id), lt: Uint8Array.of(BUCKET.node + 1) }).all()).length
}

async function openLevel(dataPath: string): Promise<Level> {
  const level = createLevel(dataPath)
  await level.open()
  onTestFinished(() => level.close())
  return level
}

describe('the download of a state into the database', () => {
  it('stores every record, removes what it took on the way, and bans who lies', async () => {
    const dataPath = await temporaryFolder()
    const service = makeService(dataPath)
    await service.start()
    const state = makeState(31, { entries: 8000, children: 6, versions: [0, 1], largest: 40_000 })
    const other = makeState(32)
    const faults: [string, PeerFault][] = []
    const peers: Record<string, Answer> = {
      a: serving(state), b: serving(state), c: serving(state),
      liar: LIES['changes one value']?.(servingLittle(state, () => 400), state, other) ?? expect.fail(),
    }
    const work = new StateThread({ logger: silentLogger }, { dataPath })
    onTestFinished(() => work.close())
    const download = new StateDownload(
      {
        request: (peer, bytes, signal) => (peers[peer] as Answer)(bytes, signal), peers: () => Object.keys(peers), judge: { report: (peer, fault) => void faults.push([peer, fault]) },
        work, clock: systemClock, logger: silentLogger,
      },
      { ...DEFAULT_RANGES_OPTIONS, leastSplitBytes: 500_000 },
    )
    const target = { hash: BLOCK, number: 5, stateRoot: toHex(state.root) }
    const made = await download.run(target, new AbortController().signal)
    expect(faults.map(([peer, { ban }]) => [peer, ban])).toEqual([['liar', true]])
    const level = await openLevel(dataPath)
    expectStored(level, state, made)
    expect(await recordsBehind(level, made.first)).toBe(made.next - made.first)
    // A byte of what it was put together from is another, and the state itself is not whole any more: both are had once more.
    await level.del(nodeKey(made.root))
    const [[name, run] = expect.fail('no run')] = await level.iterator({ gte: Uint8Array.of(BUCKET.joining, 1), lt: Uint8Array.of(BUCKET.joining, 2), limit: 1 }).all()
    await level.put(name, run.map((byte, i) => (i === run.length - 1 ? byte ^ 1 : byte)))
    const again = await download.run(target, new AbortController().signal)
    expect(again).toEqual(made)
    expectStored(level, state, again)
    expect(await recordsBehind(level, made.first)).toBe(made.next - made.first)
    await work.clear(false)
    expect(await level.keys({ gte: Uint8Array.of(BUCKET.joining), lt: Uint8Array.of(BUCKET.joining + 1) }).all()).toEqual([])
    expectStored(level, state, made)
    await work.clear(true)
    expect(await recordsBehind(level, made.first)).toBe(0)
  })

  it('fails with the thread, and goes on in another', async () => {
    const dataPath = await temporaryFolder()
    const service = makeService(dataPath)
    await service.start()
    const work = new StateThread({ logger: silentLogger }, { dataPath, workerUrl: new URL('data:text/javascript,process.exit(3)') })
    await expect(work.open(`0x${'00'.repeat(32)}`)).rejects.toMatchObject({ code: 'JOIN_STATE_FAILED' })
    await work.close()
    await expect(work.open(`0x${'00'.repeat(32)}`)).rejects.toMatchObject({ code: 'JOIN_STATE_FAILED' })
  })
})

describe('a node that is killed while it downloads a state', () => {
  it('goes on at its next start, and ends with the same state', async () => {
    const dataPath = await temporaryFolder()
    const seed = 77
    const next = random(seed)
    const script = join(import.meta.dirname, 'joining-state-process.ts')
    let steps = 0
    /** Runs the process and kills it at a line; undefined lets it come to its end. Returns what it said last. */
    const run = async (isEnd?: (line: string) => boolean): Promise<string> => {
      const child = spawn(process.execPath, [script, dataPath, String(seed)], { stdio: ['ignore', 'pipe', 'inherit'] })
      const gone = new Promise((resolve) => child.once('exit', resolve))
      let last = ''
      for await (const line of createInterface(child.stdout)) {
        last = line
        if (line === 'step') steps++
        if (isEnd?.(line) === true) child.kill('SIGKILL')
      }
      await gone
      expect(child.signalCode).toBe(isEnd === undefined ? null : 'SIGKILL')
      return last
    }
    for (let kill = 0; kill < 5; kill++) {
      let left = 3 + below(next, 12)
      await run((line) => line === 'step' && --left === 0)
    }
    // All of it is there; what an assembly leaves that is cut off is in the way of nobody.
    await run((line) => line === 'assembling')
    const before = steps
    await run((line) => line === 'assembling')
    expect(steps).toBe(before)
    const made = JSON.parse(await run()) as AssembledState & { readonly entries: number }
    expect(steps).toBe(before)
    const state = makeState(seed, { entries: 6000, children: 5, versions: [0, 1], largest: 5000 })
    const level = await openLevel(dataPath)
    expectStored(level, state, made)
    expect(await recordsBehind(level, made.first)).toBe(made.next - made.first)
    // Each start went on: what was asked for a second time was on its way when the process was killed.
    expect(steps).toBeLessThan(1.5 * Math.ceil(made.entries / 150) + 7 * 6)
  })
})
