/**
 * A network of our own nodes over libp2p on loopback: an authority, three full nodes that follow it, and a node that joins
 * late, among peers of which one serves slowly, one serves garbage and one stops answering.
 *
 * `NODESTEAD_BLOCKS=2000` makes the chain longer; `npm run bench -- sync` measures the speed between processes.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { expect, it } from 'vitest'
import { BadPeer, garbage, slow, stopsAnswering, type Behaviour } from '../helpers/bad-peers.ts'
import { DevNode } from '../helpers/dev-node.ts'

const BLOCKS = Number(process.env['NODESTEAD_BLOCKS'] ?? 400)
/** So far ahead the full nodes start; what follows they see as it is built. */
const LIVE_BLOCKS = 5
/** More than anybody has: the bad peers are asked until they are banned. */
const MADE_UP = 300

it('a node that joins late catches up beside bad peers, which are banned', async () => {
  const stops: (() => Promise<void>)[] = []
  const folder = await mkdtemp(join(tmpdir(), 'nodestead-bad-peers-'))
  try {
    const author = await DevNode.start()
    stops.push(() => author.stop())
    const { clock } = author
    await author.leaps(BLOCKS - LIVE_BLOCKS, 2)
    const follower = async (bootnodes: readonly string[]): Promise<DevNode> => {
      const node = await DevNode.start({ validator: false, clock, bootnodes })
      stops.push(() => node.stop())
      return node
    }
    const fullNodes = [await follower([author.address]), await follower([author.address]), await follower([author.address])]
    const reach = (what: string, done: () => boolean, msPerTurn: number): Promise<void> => author.reach(what, done, msPerTurn)
    const has = (number: number) => ({ node }: DevNode): boolean => node.blocks.best().number >= number
    await reach('the full nodes follow', () => fullNodes.every(has(BLOCKS)), 50)

    const claims = { number: author.node.blocks.best().number + MADE_UP, hash: `0x${'ab'.repeat(32)}` } as const
    const behaviours: Readonly<Record<string, Behaviour>> = { slow: slow(12_000), garbage, silent: stopsAnswering }
    const bad = new Map<string, BadPeer>()
    for (const [name, behaviour] of Object.entries(behaviours)) {
      const isSlow = name === 'slow'
      const peer = await BadPeer.start({
        behaviour, claims: isSlow ? author.node.blocks.best() : claims, blocks: author.node.blocks, clock, dataPath: join(folder, name),
      })
      stops.push(() => peer.stop())
      bad.set(name, peer)
    }

    const delay = monitorEventLoopDelay({ resolution: 1 })
    delay.enable()
    const started = performance.now()
    const late = await follower([...fullNodes.map(({ address }) => address), ...[...bad.values()].map(({ address }) => address)])
    await reach('catching up', () => has(BLOCKS)(late), 50)
    const seconds = (performance.now() - started) / 1000
    delay.disable()
    process.stdout.write(`  ${BLOCKS} blocks in ${seconds.toFixed(1)} s: ${(BLOCKS / seconds).toFixed(0)} blocks/s, event-loop delay p99 ${(delay.percentile(99) / 1e6).toFixed(1)} ms with five nodes in the process\n`)

    const banned = (): (string | undefined)[] => {
      const ids = new Set(late.logs.filter(({ message }) => message === 'a peer is banned').map(({ fields }) => fields?.['peer']))
      return [...bad].filter(([, { id }]) => ids.has(id)).map(([name]) => name)
    }
    await reach('the bans', () => banned().length >= 2, 250)
    expect(banned()).toEqual(['garbage', 'silent'])
    // Who is slow does no wrong; it is asked less than those who are fast.
    expect(bad.get('slow')?.requests).toBeLessThan(BLOCKS / 64)
    // What goes on is followed, and final.
    const top = author.node.blocks.best().number
    await reach('following', () => has(top + 2)(late) && late.node.blocks.finalized().number >= BLOCKS, 100)
    expect(author.node.blocks.isAncestor(late.node.blocks.finalized().hash, author.node.blocks.best().hash)).toBe(true)
    await reach('the end of the sync', () => late.node.sync.status()?.state !== 'major-sync', 50)
  } finally {
    for (const stop of stops.reverse()) await stop()
    await rm(folder, { recursive: true, force: true })
  }
}, 600_000)
