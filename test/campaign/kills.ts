/**
 * Joining under kill -9: a node in a process of its own joins a chain with many changes of the authorities and a large state; at a random moment
 * of a random stage it is killed and started again on the same folder. When it comes to the end, it must have the right block, the
 * right root, and every key and value of the state.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { toHex, utf8, type Hex } from '../../node-core/base/bytes.ts'
import type { ChainSpec } from '../../node-core/chain/spec/schema.ts'
import { TrieStorageReader } from '../../node-core/chain/state/storage-reader.ts'
import { Random } from '../fuzz/random.ts'
import { ChangingChain, changingSpec } from '../helpers/changing-chain.ts'
import { ProvingPeer } from '../helpers/proving-peers.ts'
import { stateDigest, type Joined, type Step } from './joining-process.ts'

export interface KillOptions {
  /** How many; or in which stages one after the other, at a moment that is guessed, which need not be hit. */
  readonly kills: number | readonly Moment[]
  readonly seed: number
  /** Blocks of the chain. */
  readonly blocks: number
  /** Keys in the state beside the runtime's. */
  readonly keys: number
  /** Whether the node is to have all blocks at the end. */
  readonly gap: boolean
  readonly onLine?: (line: string) => void
}

export interface KillReport {
  readonly kills: Readonly<Partial<Record<Moment, number>>>
  /** Nodes that came to the end, after how many kills each. */
  readonly joined: readonly number[]
  readonly changes: number
  /** Milliseconds from the start of the process to the end, without a kill; undefined where that was not measured. */
  readonly undisturbedMs: number | undefined
}

/** `begin` is before the node has said anything. */
const STAGES = ['begin', 'proofs', 'state', 'assembling', 'anchor', 'gap'] as const
export type Moment = (typeof STAGES)[number]

/** A stage that is not seen: it is over sooner than one looks. Milliseconds. */
const UNSEEN_MS = 20
/** What stages last at least, on any machine. */
const GUESSED_MS = 40

const PROCESS = join(import.meta.dirname, 'joining-process.ts')

/** Throws where a node ends with anything but the state of the chain, or by itself. */
export async function killCampaign({ kills, seed, blocks, keys, gap, onLine = () => undefined }: KillOptions): Promise<KillReport> {
  const folder = await mkdtemp(join(tmpdir(), 'nodestead-kills-'))
  const spec = largeSpec(keys)
  const chain = await ChangingChain.start(spec)
  const servers: ProvingPeer[] = []
  const { author } = chain
  const random = new Random(seed)
  const fraction = (): number => random.u32() / 2 ** 32
  let pace: NodeJS.Timeout | undefined
  try {
    await chain.blocks(blocks)
    const { storage } = author.node
    if (!(storage instanceof TrieStorageReader)) throw new Error('the node proves nothing of its state')
    for (const name of ['a', 'b']) servers.push(await ProvingPeer.start({ blocks: author.node.blocks, proofs: storage, clock: author.clock, dataPath: join(folder, name) }))
    pace = keepPace(author.clock)
    const specPath = join(folder, 'spec.json')
    await writeFile(specPath, JSON.stringify(spec))
    const addresses = [author.address, ...servers.map(({ address }) => address)]
    const run = (home: string, plan?: Plan): Promise<Run> => runOnce([specPath, home, gap ? '1' : '0', ...addresses], plan)

    const digests = new Map<string, string>()
    const check = ({ hash, number, stateRoot, digest }: Joined): void => {
      if (author.node.blocks.hashByNumber(number) !== hash) throw new Error(`block ${number} ${hash} is not of the chain`)
      if (author.node.blocks.header(hash)?.stateRoot !== stateRoot) throw new Error(`block ${number} has another state root`)
      let expected = digests.get(stateRoot)
      if (expected === undefined) digests.set(stateRoot, (expected = stateDigest(storage, stateRoot)))
      if (digest !== expected) throw new Error(`the state of block ${number} is not what it should be`)
    }

    const undisturbed = typeof kills === 'number' ? await run(join(folder, 'undisturbed')) : undefined
    if (undisturbed !== undefined) {
      if (undisturbed.joined === undefined) throw new Error(`it did not join: ${undisturbed.errors}`)
      check(undisturbed.joined)
      onLine(`undisturbed: ${undisturbed.tookMs.toFixed(0)} ms; ${STAGES.map((stage) => `${stage} ${(undisturbed.durations.get(stage) ?? 0).toFixed(0)}`).join(', ')} ms`)
    }

    const killed: Partial<Record<Moment, number>> = {}
    const joined: number[] = []
    let homes = 0
    const count = typeof kills === 'number' ? kills : kills.length
    for (let done = 0, here = 0; done < count || here > 0; ) {
      const home = join(folder, `home-${homes}`)
      // A stage that this folder has behind it does not come: the node gets to the end, and the next one is killed.
      const stage = (typeof kills === 'number' ? STAGES[random.below(STAGES.length)] : kills[done]) as Moment
      const lasts = undisturbed === undefined ? GUESSED_MS : Math.max(undisturbed.durations.get(stage) ?? 0, UNSEEN_MS)
      const plan = done < count ? { stage, afterMs: fraction() * lasts } : undefined
      // What was only guessed is tried once.
      if (undisturbed === undefined) done++
      const result = await run(home, plan)
      if (result.killedIn !== undefined) {
        killed[result.killedIn] = (killed[result.killedIn] ?? 0) + 1
        if (undisturbed !== undefined) done++
        here++
        onLine(`kill ${done}: ${result.killedIn} after ${plan?.afterMs.toFixed(0)} ms, at ${result.last === undefined ? 'nothing' : `${result.last.stage} ${result.last.progress.toFixed(2)}`}`)
        continue
      }
      if (result.joined === undefined) throw new Error(`it ended by itself: ${result.errors}`)
      check(result.joined)
      joined.push(here)
      onLine(`joined at ${result.joined.number} after ${here} kills`)
      await rm(home, { recursive: true, force: true })
      homes++
      here = 0
    }
    return { kills: killed, joined, changes: chain.changes().length, undisturbedMs: undisturbed?.tookMs }
  } finally {
    clearInterval(pace)
    for (const server of servers) await server.stop()
    await chain.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

interface Plan {
  readonly stage: Moment
  /** After it was entered. */
  readonly afterMs: number
}

interface Run {
  readonly joined: Joined | undefined
  readonly killedIn: Moment | undefined
  readonly last: Step | undefined
  readonly durations: ReadonlyMap<Moment, number>
  readonly tookMs: number
  readonly errors: string
}

async function runOnce(args: readonly string[], plan?: Plan): Promise<Run> {
  const child = spawn(process.execPath, [...process.execArgv.filter((flag) => flag.startsWith('--no-')), PROCESS, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const gone = once(child, 'exit')
  const started = performance.now()
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
  let joined: Joined | undefined
  let last: Step | undefined
  let now: Moment = 'begin'
  let since = started
  const durations = new Map<Moment, number>()
  let killedIn: Moment | undefined
  let timer: NodeJS.Timeout | undefined
  const enter = (stage: Moment): void => {
    const at = performance.now()
    durations.set(now, (durations.get(now) ?? 0) + at - since)
    now = stage
    since = at
    if (plan?.stage !== stage || timer !== undefined) return
    timer = setTimeout(() => {
      if (child.exitCode === null && joined === undefined) killedIn = child.kill('SIGKILL') ? now : undefined
    }, plan.afterMs)
  }
  enter('begin')
  for await (const line of createInterface(child.stdout)) {
    const told = JSON.parse(line) as Step | Joined
    if ('digest' in told) {
      joined = told
      continue
    }
    last = told
    const stage: Moment = told.stage === 'peers' ? 'begin' : told.stage === 'starting' ? 'anchor' : told.stage
    if (stage !== now) enter(stage)
  }
  await gone
  clearTimeout(timer)
  enter('begin')
  return { joined, killedIn: child.signalCode === 'SIGKILL' ? killedIn : undefined, last, durations, tookMs: performance.now() - started, errors: errors.slice(-2000) }
}

/** The changing chain with so many values of its own, and a child trie. */
function largeSpec(keys: number): ChainSpec {
  const value = (i: number): Hex => toHex(createHash('sha512').update(`value ${i}`).digest().subarray(0, 20 + (i % 44)))
  const key = (i: number): Hex => toHex(createHash('sha256').update(`key ${i}`).digest())
  const spec = changingSpec({ extra: Array.from({ length: keys }, (_, i) => [key(i), value(i)] as const) })
  if (!('raw' in spec.genesis)) throw new Error('the specification has no state')
  const children = Object.fromEntries(Array.from({ length: Math.ceil(keys / 10) }, (_, i) => [key(i), value(i + 1)]))
  return { ...spec, genesis: { raw: { ...spec.genesis.raw, childrenDefault: { [toHex(utf8('campaign'))]: children } } } }
}

function keepPace(clock: { now(): number; advance(ms: number): void }): NodeJS.Timeout {
  let last = performance.now()
  return setInterval(() => {
    const now = performance.now()
    clock.advance(Math.min(1000, now - last))
    last = now
  }, 100)
}
