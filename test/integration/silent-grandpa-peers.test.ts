/**
 * Peers of another implementation that never send a neighbor packet: an authority, whose votes and ours make a supermajority
 * together, and a follower, which learns of finality by our commits alone.
 */
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { shippedRuntime } from '../../node-core/chain/spec/load.ts'
import { madeSpec } from '../../node-core/chain/spec/resolve.ts'
import { privateSpec } from '../../node-core/chain/spec/private.ts'
import { decodeGrandpaMessage } from '../../node-core/chain/core/engines/grandpa/messages.ts'
import type { TopicSender } from '../../node-core/network/contracts.ts'
import { DevNode, type DevNodeOptions } from '../helpers/dev-node.ts'
import { grandpaOf } from '../helpers/grandpa-of.ts'

const CHAINS = join(import.meta.dirname, '../../out/chains')

/** What a node sent on the topic, and what it keeps to itself. */
interface Silenced {
  readonly dev: DevNode
  readonly sent: string[]
}

/** A node whose neighbor packets reach nobody. */
async function startSilent(options: DevNodeOptions): Promise<Silenced> {
  const dev = await DevNode.start(options)
  const { topics } = dev.node
  const sent: string[] = []
  const send = topics.send.bind(topics)
  const filtered: TopicSender['send'] = (topic, message, to, kind) => {
    const type = topic === 'grandpa' ? decodeGrandpaMessage(message).type : ''
    if (type === 'neighbor') return
    if (type !== '') sent.push(type)
    send(topic, message, to, kind)
  }
  Object.assign(topics, { send: filtered })
  return { dev, sent }
}

it('an authority that never says where it is votes with us to finality, round after round, and a follower finalizes by our commits', async () => {
  const written = privateSpec(await shippedRuntime({ chainsPath: CHAINS }), { name: 'Two', authorities: [{ account: 'alice' }, { account: 'bob' }], balances: [] }, 'two')
  const spec = madeSpec(written, 'two')
  const alice = await DevNode.start({ spec, account: 'alice' })
  const stops = [() => alice.stop()]
  try {
    const { clock } = alice
    const address = alice.address
    const common = { spec, clock, bootnodes: [address] } as const
    const bob = await startSilent({ ...common, account: 'bob' })
    stops.push(() => bob.dev.stop())
    const follower = await startSilent({ ...common, validator: false })
    stops.push(() => follower.dev.stop())
    const nodes = [alice, bob.dev, follower.dev]
    const finalized = (): number[] => nodes.map(({ node }) => node.blocks.finalized().number)
    await alice.reach('finality of six blocks', () => Math.min(...finalized()) >= 6, 100)
    // Not by what the syncer asks for where finality lags: that would be late, and nobody asked.
    expect(follower.dev.node.sync.peers().flatMap(({ requests }) => requests).filter(({ kind }) => kind === 'finality')).toEqual([])
    expect(grandpaOf(alice.node).position.round).toBeGreaterThan(3)
    expect(grandpaOf(follower.dev.node).position.setId).toBe(0)
    expect(bob.sent).toContain('vote')
    expect(follower.sent).not.toContain('neighbor')
  } finally {
    for (const stop of stops.reverse()) await stop()
  }
}, 150_000)
