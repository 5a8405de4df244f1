/** The accounts of a development network: what they own, and transfers that are followed until they are final, or until the runtime refuses them. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { devAccount } from '../../node-core/crypto/keys/dev-accounts.ts'
import { encodeSs58 } from '../../node-core/crypto/keys/ss58.ts'
import type { AccountsState } from '../../node-core/chain/extrinsics/accounts/types.ts'
import { DevNode } from '../helpers/dev-node.ts'

const address = (path: string): string => encodeSs58(devAccount(path).sr25519.publicKey)
const ALICE = address('//Alice')
const UNIT = 10n ** 12n

async function accounts(dev: DevNode): Promise<AccountsState> {
  await expect.poll(() => dev.node.accounts.state()?.at?.hash, { timeout: 10_000 }).toBe(dev.node.blocks.best().hash)
  return dev.node.accounts.state() as AccountsState
}

const freeOf = ({ accounts: list }: AccountsState, owner: string): bigint => BigInt(list.find((one) => one.address === owner)?.free ?? 0)

describe('the accounts of a development network', () => {
  let dev: DevNode
  beforeAll(async () => {
    dev = await DevNode.start()
    await dev.slots(1)
  }, 60_000)
  afterAll(() => dev.stop())

  it('are those development accounts that own something, by name, with the token of the network', async () => {
    const state = await accounts(dev)
    expect(state.token).toEqual({ symbol: 'UNIT', decimals: 12 })
    expect(state.accounts.map(({ name, key }) => `${name} ${key}`)).toEqual(expect.arrayContaining(['Alice development', 'Bob development']))
    expect(state.accounts.every(({ free }) => BigInt(free) > 0n)).toBe(true)
  })

  it('send to each other: in the pool, in a block, final, and the balances follow', async () => {
    const before = await accounts(dev)
    const sent = await dev.node.accounts.send({ from: ALICE, to: 'bob', amount: '1,5' })
    expect(sent).toMatchObject({ state: 'pooled', amount: String((15n * UNIT) / 10n), from: { name: 'Alice' }, to: { name: 'Bob' } })
    await dev.slots(1)
    await expect.poll(() => dev.node.accounts.state()?.transfers[0]).toMatchObject({ state: 'inBlock', failure: undefined })
    const { block } = dev.node.accounts.state()?.transfers[0] ?? {}
    await dev.slots(3)
    await expect.poll(() => dev.node.accounts.state()?.transfers[0]).toMatchObject({ state: 'final', block })
    const after = await accounts(dev)
    expect(freeOf(after, address('//Bob')) - freeOf(before, address('//Bob'))).toBe((15n * UNIT) / 10n)
    dev.node.accounts.dismiss()
    expect(dev.node.accounts.state()?.transfers).toEqual([])
  })

  it("tell the runtime's own error, in the block already", async () => {
    // Less than an account must hold, to one that does not exist.
    await dev.node.accounts.send({ from: ALICE, to: encodeSs58(new Uint8Array(32).fill(7)), amount: '0.000001' })
    await dev.slots(1)
    await expect.poll(() => dev.node.accounts.state()?.transfers[0]).toMatchObject({ state: 'inBlock', failure: { code: 'EXTRINSIC_FAILED', reason: { name: 'Token: BelowMinimum' } } })
    await dev.slots(3)
    await expect.poll(() => dev.node.accounts.state()?.transfers[0]).toMatchObject({ state: 'failed', failure: { code: 'EXTRINSIC_FAILED', reason: { name: 'Token: BelowMinimum' } } })
  })

  it.each([
    ['a recipient that is none', { to: 'mallory', amount: '1' }, 'TRANSFER_BAD_RECIPIENT'],
    ['an address of Polkadot', { to: encodeSs58(new Uint8Array(32).fill(7), 0), amount: '1' }, 'TRANSFER_BAD_RECIPIENT'],
    ['nothing', { to: 'bob', amount: '0.0' }, 'TRANSFER_BAD_AMOUNT'],
    ['more decimals than the token has', { to: 'bob', amount: '0.0000000000001' }, 'TRANSFER_BAD_AMOUNT'],
    ['more than there is', { to: 'bob', amount: '99999999999999' }, 'TRANSFER_TOO_MUCH'],
    ['an account whose key is elsewhere', { from: encodeSs58(new Uint8Array(32).fill(9)), to: 'bob', amount: '1' }, 'TRANSFER_NO_KEY'],
  ])('refuse %s, and put nothing into the pool', async (_what, request, code) => {
    await expect(dev.node.accounts.send({ from: ALICE, ...request })).rejects.toMatchObject({ code })
    expect(dev.node.core.pool.ready()).toEqual([])
  })
})

describe('the accounts of other networks', () => {
  let dev: DevNode
  afterEach(() => dev.stop())

  it('are those of the keystore besides, which sign while it is unlocked', async () => {
    dev = await DevNode.start({ sealing: 'instant' })
    const { keys } = dev.node
    await keys.setUp('correct horse', false)
    await keys.import({ keyType: 'acco', scheme: 'sr25519' }, `0x${'01'.repeat(32)}`, 'Savings')
    const [own] = keys.keystore.entries()
    const savings = encodeSs58(Uint8Array.from(Buffer.from((own?.publicKey ?? '0x').slice(2), 'hex')))
    await dev.node.accounts.send({ from: ALICE, to: savings, amount: '3' })
    await expect.poll(() => dev.node.blocks.best().number, { timeout: 10_000 }).toBe(1)
    expect((await accounts(dev)).accounts).toContainEqual(expect.objectContaining({ address: savings, label: 'Savings', key: 'file', free: String(3n * UNIT) }))
    await keys.keystore.lock()
    await expect.poll(() => dev.node.accounts.state()?.accounts.find((one) => one.address === savings)?.key).toBe('locked')
    await expect(dev.node.accounts.send({ from: savings, to: 'bob', amount: '1' })).rejects.toMatchObject({ code: 'TRANSFER_KEYS_LOCKED' })
  })
})
