/**
 * Two nodes with the key of one authority, as happens where a data folder is copied: both make a block in its slot and vote in its name.
 * Whoever sees that reports it, and the chain takes the authority's place away. The two stop signing as soon as they hear each other; the new
 * voters need the old ones once more, so a person has to say which of the two it is.
 */
import { afterEach, describe, expect, it } from 'vitest'
import { toHex } from '../../node-core/base/bytes.ts'
import { FakeClock } from '../../node-core/base/clock.ts'
import { devAccount } from '../../node-core/crypto/keys/dev-accounts.ts'
import { encodeSs58 } from '../../node-core/crypto/keys/ss58.ts'
import { ScaleReader } from '../../node-core/scale/reader.ts'
import { DevNode, type DevNodeOptions } from '../helpers/dev-node.ts'
import { itemKey } from '../helpers/own-chain.ts'
import { ownSpec } from '../helpers/own-spec.ts'
import { reach as passUntil } from '../helpers/passing-time.ts'

const nodes: DevNode[] = []
const clock = new FakeClock(1_700_000_001_000)

async function start(options: DevNodeOptions): Promise<DevNode> {
  const node = await DevNode.start({ clock, ...options })
  nodes.push(node)
  return node
}

afterEach(async () => {
  for (const node of nodes.splice(0).reverse()) await node.stop()
})

const account = (name: string): string => encodeSs58(devAccount(`//${name}`).sr25519.publicKey)

/** Alice and Bob; an epoch is ten slots. */
function twoAuthorities() {
  const people = ['Alice', 'Bob'].map((name) => {
    const { sr25519, ed25519 } = devAccount(`//${name}`)
    return { account: account(name), keys: { babe: encodeSs58(sr25519.publicKey), grandpa: encodeSs58(ed25519.publicKey) } }
  })
  return ownSpec({
    patch: {
      settings: { epochLength: 10 },
      authorities: { accounts: people.map((person) => person.account) },
      session: { keys: people.map(({ account: who, keys }) => [who, who, keys]) },
    },
  })
}

function authorities({ node }: DevNode): string[] {
  const root = node.blocks.header(node.blocks.best().hash)?.stateRoot
  const value = root === undefined ? undefined : node.storage.get(root, itemKey('Authorities', 'Accounts'))
  return value === undefined ? [] : new ScaleReader(value).vec((reader) => encodeSs58(reader.raw(32)), 32)
}

async function grandpaVoters({ node }: DevNode): Promise<string[]> {
  const root = node.blocks.header(node.blocks.best().hash)?.stateRoot as `0x${string}`
  return new ScaleReader(await node.runtime.call(root, 'GrandpaApi_grandpa_authorities', new Uint8Array())).vec((reader) => [toHex(reader.raw(32)), reader.u64Number()] as const, 40).map(([key]) => key)
}

describe('an authority whose key is on two computers', () => {
  it('is reported by who sees both blocks and both votes, loses its place, and the chain goes on without it', async () => {
    const spec = twoAuthorities()
    const alice = await start({ spec })
    // Neither knows of the other: each makes Bob's blocks alone.
    const twins = [await start({ spec, account: 'bob', forceAuthoring: true }), await start({ spec, account: 'bob', forceAuthoring: true })]
    await passUntil(clock, 'a block of each twin', () => twins.every(({ node }) => node.blocks.best().number > 0), 1000)
    expect(new Set(twins.map(({ node }) => node.blocks.hashByNumber(1))).size).toBe(2)
    for (const twin of twins) alice.node.peerActions.addReserved(twin.address)

    const reach = (what: string, done: () => boolean | Promise<boolean>): Promise<void> => passUntil(clock, what, done, 100)
    await reach('the report in a block', () => !authorities(alice).includes(account('Bob')))
    expect(authorities(alice)).toEqual([account('Alice')])
    const reported = alice.logs.filter(({ message }) => message === 'reported an equivocation to the chain')
    expect(reported.map(({ fields }) => fields?.['offender'])).toContain(toHex(devAccount('//Bob').sr25519.publicKey))
    // The twins would accuse their own key: they do not.
    for (const twin of twins) expect(twin.logs.some(({ message }) => message === 'reported an equivocation to the chain')).toBe(false)

    // Each is stopped that has heard the other: at least the one whose block the other two did not choose.
    const stopped = (): DevNode[] => twins.filter(({ node }) => node.surroundings.signedElsewhere() !== undefined)
    await reach('a stop', () => stopped().length > 0)
    const [kept, other] = stopped().length === 2 ? twins : [twins.find((twin) => !stopped().includes(twin)), stopped()[0]]
    if (kept === undefined || other === undefined) return expect.fail('there are two of them')
    await other.stop()
    nodes.splice(nodes.indexOf(other), 1)
    await kept.node.surroundings.confirmSoleSigner()

    await reach('the next set of voters', async () => (await grandpaVoters(alice)).length === 1)
    expect(await grandpaVoters(alice)).toEqual([toHex(devAccount('//Alice').ed25519.publicKey)])
    const { number } = alice.node.blocks.best()
    await reach('finality under Alice alone', () => alice.node.blocks.finalized().number > number)
  })
})
