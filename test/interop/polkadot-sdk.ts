/**
 * `npm run interop:sdk`: a real node of polkadot-sdk beside ours, both ways, on loopback.
 *
 *   full    it downloads and executes a chain of ours and follows its head and finality
 *   warp    with three of ours as peers it warps to the finalized head, downloads the state there, then the gap below
 *   follow  it authors, we follow
 *   join    a node of ours joins by proofs and state that three of it give, and follows their head through changes of the authorities
 *   joined  three of it do the same, and all they are given comes from nodes of ours that joined so themselves
 *
 * Its answers are not ours to write, so this shows what no stand-in can. It needs the program (`POLKADOT_SDK_NODE`, or
 * `polkadot` on the path), and for the first three a chain whose runtime it accepts: `--chain <spec.json>`; without the program it says
 * so and ends. The last two are on the runtime of our own networks, on which the authorities change in each epoch of six slots.
 * Blocks of the past are authored on a clock that the script turns; from then on that clock keeps pace with the computer's.
 */
import { parseArgs } from 'node:util'
import { mkdtemp, mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FakeClock } from '../../node-core/base/clock.ts'
import { loadChainSpec } from '../../node-core/chain/spec/load.ts'
import type { BlockRef } from '../../node-core/chain/scale/block.ts'
import type { ChainSpec } from '../../node-core/chain/spec/schema.ts'
import { ChangingChain, changingSpec } from '../helpers/changing-chain.ts'
import { DevNode } from '../helpers/dev-node.ts'
import { SdkNode } from '../helpers/sdk-node.ts'

const SCENARIOS = { full, warp, follow, join: joinFrom, joined: joinOurs } as const
/** These are on the chain that is given. */
const ON_GIVEN_CHAIN: readonly Scenario[] = ['full', 'warp', 'follow']
type Scenario = keyof typeof SCENARIOS

interface Lab {
  readonly program: string
  /** Path of the specification. */
  readonly chain: string
  readonly spec: ChainSpec
  readonly blocks: number
  readonly stops: (() => Promise<void>)[]
}

const PATIENCE_MS = 180_000
const SLOT_MS = 6000

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { chain: { type: 'string' }, blocks: { type: 'string', default: '300' }, log: { type: 'string' } },
})
const program = await SdkNode.find()
if (program === undefined) {
  process.stdout.write('no node of polkadot-sdk here: put `polkadot` on the path, or name it in POLKADOT_SDK_NODE\n')
} else {
  const given = values.chain
  const names = positionals.length === 0 ? (Object.keys(SCENARIOS) as Scenario[]).filter((name) => given !== undefined || !ON_GIVEN_CHAIN.includes(name)) : (positionals as Scenario[])
  for (const name of names) {
    const stops: (() => Promise<void>)[] = []
    const started = performance.now()
    try {
      const { chain, spec } = ON_GIVEN_CHAIN.includes(name) ? await givenChain(given) : await changingChain(stops)
      const report = await SCENARIOS[name]({ program, chain, spec, blocks: Number(values.blocks), stops })
      process.stdout.write(`passed  ${name}: ${report} (${((performance.now() - started) / 1000).toFixed(0)} s)\n`)
    } catch (error) {
      process.exitCode = 1
      process.stdout.write(`FAILED  ${name}: ${error instanceof Error ? error.message : String(error)}\n`)
    } finally {
      for (const stop of stops.reverse()) await stop()
    }
  }
}

async function givenChain(path: string | undefined): Promise<Pick<Lab, 'chain' | 'spec'>> {
  if (path === undefined) throw new Error('--chain <spec.json> names a chain whose runtime both nodes accept')
  return { chain: path, spec: await loadChainSpec(path, { chainsPath: '' }) }
}

/** The network whose authorities change all the time, in a file for the other program. */
async function changingChain(stops: Lab['stops']): Promise<Pick<Lab, 'chain' | 'spec'>> {
  const folder = await mkdtemp(join(tmpdir(), 'nodestead-sdk-chain-'))
  stops.push(() => rm(folder, { recursive: true, force: true }))
  const spec = changingSpec()
  const chain = join(folder, 'spec.json')
  await writeFile(chain, JSON.stringify(spec))
  return { chain, spec }
}

async function full(lab: Lab): Promise<string> {
  const author = await authorOf(lab)
  keepPace(lab, [author])
  const sdk = await startSdk(lab, ['--sync', 'full'], [author.address])
  await reach(sdk, 'full sync', async () => (await sdk.syncState()).finalized >= lab.blocks)
  return await sameChain(author, sdk)
}

async function warp(lab: Lab): Promise<string> {
  const author = await authorOf(lab)
  const others: DevNode[] = []
  for (let i = 0; i < 2; i++) {
    const node = await DevNode.start({ spec: lab.spec, validator: false, clock: author.clock, bootnodes: [author.address] })
    lab.stops.push(() => node.stop())
    others.push(node)
  }
  keepPace(lab, [author])
  await reach(undefined, 'our followers', async () => others.every(({ node }) => node.blocks.finalized().number >= lab.blocks - 3))
  const sdk = await startSdk(lab, ['--sync', 'warp'], [author, ...others].map(({ address }) => address))
  await reach(sdk, 'warp sync', async () => (await sdk.syncState()).finalized >= lab.blocks)
  await reach(sdk, 'the gap below', async () => (await sdk.blockHash(1)) !== null)
  if (!sdk.log.some((line) => /[Ww]arp sync is complete|State sync is complete/.test(line))) throw new Error('it did not warp')
  return await sameChain(author, sdk)
}

async function follow(lab: Lab): Promise<string> {
  // It wants workers of its own for parachains, and starts without ever calling them.
  const workers = await mkdtemp(join(tmpdir(), 'nodestead-sdk-workers-'))
  lab.stops.push(() => rm(workers, { recursive: true, force: true }))
  await mkdir(workers, { recursive: true })
  await writeFile(join(workers, 'worker'), '#!/bin/sh\nexit 0\n', { mode: 0o755 })
  for (const name of ['polkadot-prepare-worker', 'polkadot-execute-worker']) await symlink(join(workers, 'worker'), join(workers, name))
  const sdk = await startSdk(lab, ['--alice', '--validator', '--force-authoring', '--insecure-validator-i-know-what-i-do', '--workers-path', workers, '--disable-worker-version-check'], [])
  await reach(sdk, 'its first blocks', async () => (await sdk.syncState()).best >= 3)
  const clock = new FakeClock(Date.now())
  const follower = await DevNode.start({ spec: lab.spec, validator: false, clock, bootnodes: [await sdk.multiaddress()] })
  lab.stops.push(() => follower.stop())
  keepPace(lab, [follower])
  await reach(sdk, 'following it', async () => follower.node.blocks.best().number >= (await sdk.syncState()).best && follower.node.blocks.best().number >= 6)
  return await sameChain(follower, sdk)
}

async function joinFrom(lab: Lab): Promise<string> {
  const chain = await changing(lab)
  const { author } = chain
  const theirs = await Promise.all([0, 1, 2].map(() => startSdk(lab, ['--sync', 'full', '--state-pruning', 'archive', '--blocks-pruning', 'archive'], [author.address])))
  // Slots of the authority that is not there stay empty: there are fewer blocks than slots.
  const target = author.node.blocks.finalized().number
  for (const sdk of theirs) await reach(sdk, 'full sync', async () => (await sdk.syncState()).finalized >= target)
  const addresses = await Promise.all(theirs.map((sdk) => sdk.multiaddress()))
  // What it gets it has of these three.
  const late = await DevNode.start({ spec: lab.spec, validator: false, clock: author.clock, sync: 'warp', reservedNodes: addresses })
  lab.stops.push(() => late.stop())
  const { node } = late
  await reach(theirs[0], 'joining', async () => node.blocks.best().number > 0 && node.joining.status() === undefined)
  const outcome = node.joining.outcome()
  if (outcome?.kind !== 'joined') throw new Error(`our node did not join: ${late.problems().join('; ')}`)
  await throughChanges(theirs, chain, late)
  await reach(theirs[0], 'the blocks behind', async () => node.blocks.gap() === undefined)
  for (const sdk of theirs) await sameChain(late, sdk)
  return `joined at #${outcome.block.number} by ${outcome.fragments} fragments and ${outcome.bytes ?? 0} bytes; ${await sameChain(late, theirs[0] as SdkNode)}`
}

async function joinOurs(lab: Lab): Promise<string> {
  const chain = await changing(lab)
  const { author } = chain
  const ours: DevNode[] = []
  for (let i = 0; i < 3; i++) {
    const node = await DevNode.start({ spec: lab.spec, validator: false, clock: author.clock, bootnodes: [author.address], sync: 'warp' })
    lab.stops.push(() => node.stop())
    ours.push(node)
  }
  await reach(undefined, 'joining of ours', async () => ours.every(({ node }) => node.blocks.best().number > 0 && node.joining.status() === undefined))
  if (ours.some(({ node }) => node.joining.outcome()?.kind !== 'joined')) throw new Error('ours did not join')
  const reserved = ours.flatMap(({ address }) => ['--reserved-nodes', address])
  const theirs = await Promise.all([0, 1, 2].map(() => startSdk(lab, ['--sync', 'warp', '--reserved-only', ...reserved], [])))
  const target = author.node.blocks.finalized().number
  for (const sdk of theirs) await reach(sdk, 'warp sync', async () => (await sdk.syncState()).finalized >= target)
  for (const sdk of theirs) if (!sdk.log.some((line) => /[Ww]arp sync is complete|State sync is complete/.test(line))) throw new Error('it did not warp')
  await throughChanges(theirs, chain, ours[0] as DevNode)
  for (const sdk of theirs) await sameChain(ours[0] as DevNode, sdk)
  return await sameChain(ours[0] as DevNode, theirs[0] as SdkNode)
}

/** A chain of many sets that ends now and goes on with the computer's time. */
async function changing(lab: Lab): Promise<ChangingChain> {
  const chain = await ChangingChain.start(lab.spec, new FakeClock(Date.now() - (lab.blocks + 2) * SLOT_MS))
  lab.stops.push(() => chain.stop())
  await chain.blocks(lab.blocks)
  keepPace(lab, [chain.author])
  return chain
}

/** Two further changes of the authorities are final with everybody. */
async function throughChanges(theirs: readonly SdkNode[], chain: ChangingChain, { node }: DevNode): Promise<void> {
  const before = chain.changes().length
  await reach(theirs[0], 'two changes of the authorities', async () => {
    await chain.changeWhereDue()
    return chain.changes().length >= before + 2
  })
  const height = (chain.changes().at(-1) as BlockRef).number
  await reach(theirs[0], 'finality behind them', async () => node.blocks.finalized().number >= height && (await Promise.all(theirs.map((sdk) => sdk.syncState()))).every(({ finalized }) => finalized >= height))
}

/** An authority whose chain ends now. */
async function authorOf({ spec, blocks, stops }: Lab): Promise<DevNode> {
  const author = await DevNode.start({ spec, clock: new FakeClock(Date.now() - (blocks + 2) * SLOT_MS) })
  stops.push(() => author.stop())
  await author.slots(blocks)
  if (author.node.blocks.best().number < blocks - 2) throw new Error(`only ${author.node.blocks.best().number} of ${blocks} blocks were authored: ${author.problems().slice(0, 3).join('; ')}`)
  return author
}

async function startSdk({ program: path, chain, stops }: Lab, flags: readonly string[], bootnodes: readonly string[]): Promise<SdkNode> {
  const sdk = await SdkNode.start({ program: path, chain, flags, bootnodes })
  stops.push(async () => {
    if (values.log !== undefined) await writeFile(values.log, sdk.log.join('\n'))
    await sdk.stop()
  })
  return sdk
}

/** Turns a node's clock with the computer's, in small steps, until the scenario ends. */
function keepPace({ stops }: Lab, nodes: readonly DevNode[]): void {
  const timer = setInterval(() => {
    for (const { clock } of nodes) {
      const behind = Date.now() - clock.now()
      if (behind > 0) clock.advance(Math.min(behind, 1000))
    }
  }, 100)
  stops.push(() => Promise.resolve(clearInterval(timer)))
}

async function reach(sdk: SdkNode | undefined, what: string, done: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + PATIENCE_MS
  while (!(await done().catch(() => false))) {
    if (sdk?.exited === true) throw new Error(`it ended before ${what}:\n${sdk.log.slice(-5).join('\n')}`)
    if (Date.now() > end) throw new Error(`${what} did not come true: ${JSON.stringify(await sdk?.syncState().catch(String))}\n${sdk?.log.slice(-8).join('\n') ?? ''}`)
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
}

/** Both hold the same finalized block, and neither holds anything against the other. */
async function sameChain(ours: DevNode, sdk: SdkNode): Promise<string> {
  const state = await sdk.syncState()
  const common = Math.min(state.best, ours.node.blocks.best().number)
  if ((await sdk.blockHash(common)) !== ours.node.blocks.hashByNumber(common)) throw new Error(`#${common} differs`)
  const complaints = sdk.complaints()
  if (complaints.length > 0) throw new Error(`it complains: ${complaints.slice(0, 5).join('\n')}`)
  if (ours.node.network.bans().length > 0) throw new Error('we banned it')
  return `best #${state.best}, finalized #${state.finalized}, ${state.peers} peers`
}
