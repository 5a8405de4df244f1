/** Three authorities of whom one never comes: the table says who is there, what each did, and that finality waits for the third. */
import { afterEach, expect, it } from 'vitest'
import { FakeClock } from '../../node-core/base/clock.ts'
import type { AuthorityReport } from '../../node-core/chain/authorities/types.ts'
import type { ChainSpec } from '../../node-core/chain/spec/schema.ts'
import { devAccount } from '../../node-core/crypto/keys/dev-accounts.ts'
import { encodeSs58 } from '../../node-core/crypto/keys/ss58.ts'
import { waitingSentence } from '../../renderer/text/authorities.ts'
import { DevNode, type DevNodeOptions } from '../helpers/dev-node.ts'
import { ownSpec } from '../helpers/own-spec.ts'
import { reach } from '../helpers/passing-time.ts'

const clock = new FakeClock(1_700_000_001_000)
const nodes: DevNode[] = []
afterEach(async () => {
  for (const node of nodes.splice(0).reverse()) await node.stop()
})

function networkOfThree(): ChainSpec {
  const people = ['Alice', 'Bob', 'Charlie'].map((name) => {
    const { sr25519, ed25519 } = devAccount(`//${name}`)
    const account = encodeSs58(devAccount(`//${name}//stash`).sr25519.publicKey)
    return { account, keys: { babe: encodeSs58(sr25519.publicKey), grandpa: encodeSs58(ed25519.publicKey) } }
  })
  return ownSpec({ chainType: 'Local', patch: { authorities: { accounts: people.map(({ account }) => account) }, session: { keys: people.map(({ account, keys }) => [account, account, keys]) } } })
}

async function start(options: DevNodeOptions): Promise<DevNode> {
  const node = await DevNode.start({ clock, spec: networkOfThree(), ...options })
  nodes.push(node)
  return node
}

function until(what: string, done: () => boolean | Promise<boolean>): Promise<void> {
  return reach(clock, what, done, 1000)
}

async function report({ node }: DevNode): Promise<AuthorityReport> {
  await node.authorities.refresh()
  return node.authorities.report() as AuthorityReport
}

it('names the one who is missing, and counts the slots that were its turn', async () => {
  const alice = await start({ account: 'alice' })
  const address = alice.address
  await start({ account: 'bob', bootnodes: [address] })
  expect((await report(alice)).rows.map(({ name, presence }) => [name, presence])).toEqual([['Alice', 'self'], ['Bob', 'unknown'], ['Charlie', 'unknown']])
  await until('missed slots of Charlie', async () => {
    const { rows } = await report(alice)
    return (rows[2]?.missed ?? 0) >= 2 && rows[2]?.presence === 'away' && rows[1]?.lastVote !== undefined && rows[0]?.lastBlock !== undefined
  })
  const told = await report(alice)
  expect(waitingSentence(told)).toBe("2 of 3 authorities are here; Charlie's computer is missing; finality waits.")
  expect(told.rows[0]?.lastBlock?.number).toBeGreaterThan(0)
  expect(told.rows[1]?.lastVote?.round).toBeGreaterThan(0)
  expect(told.rows[2]).toMatchObject({ lastBlock: undefined, lastVote: undefined, address: encodeSs58(devAccount('//Charlie//stash').sr25519.publicKey) })

  await start({ account: 'charlie', bootnodes: [address] })
  await until('finality', () => alice.node.blocks.finalized().number > 0)
  const all = await report(alice)
  expect([all.rows.map(({ presence }) => presence), waitingSentence(all)]).toEqual([['self', 'here', 'here'], undefined])
}, 120_000)
