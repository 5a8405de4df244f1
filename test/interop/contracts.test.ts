/**
 * Contracts on the runtime of our own networks, as their authors use it: ink! contracts are uploaded, made, asked and called
 * by `@polkadot/api-contract` over a node's WebSocket, and by polkadot-api through the runtime's own interface.
 */
import { createClient, Enum, type PolkadotSigner } from 'polkadot-api'
import { getPolkadotSigner } from 'polkadot-api/signer'
import { getWsProvider } from 'polkadot-api/ws'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toHex } from '../../node-core/base/bytes.ts'
import { devAccount } from '../../node-core/crypto/keys/dev-accounts.ts'
import { blake2b256 } from '../../node-core/crypto/hashes/hashing.ts'
import { sr25519Sign } from '../../node-core/crypto/sr25519/sr25519.ts'
import { amountIn, ContractChain, eventsOf, limitsOf } from '../helpers/contract-chain.ts'

const UNIT = 10n ** 12n
const SUPPLY = 1_000_000n

/** What a message answers that returns a truth value: Ok, and the value. */
function answering(value: boolean): Uint8Array {
  return Uint8Array.of(0, value ? 1 : 0)
}

interface Answer {
  readonly gas_required: { readonly ref_time: bigint; readonly proof_size: bigint }
  readonly result: unknown
}

let chain: ContractChain

beforeAll(async () => {
  chain = await ContractChain.start()
})

afterAll(() => chain.stop())

describe('the flipper', () => {
  it('costs deposits, which its owner has back when it ends and when its code goes', async () => {
    const { contract, result } = await chain.deploy('flipper', [false], { value: 3n * UNIT, salt: '0x03' })
    const address = contract.address.toString()
    const deposit = amountIn(result, 'contracts.StorageDepositTransferredAndHeld', 'amount')
    expect(deposit).toBeGreaterThan(0n)

    const stranger = await chain.call(contract, 'close', chain.bob)
    expect(chain.errorOf(stranger)).toBe('contracts.ContractReverted')
    expect((await chain.query(contract, 'close', chain.bob)).output?.toPrimitive()).toEqual({ ok: { err: 'NotOwner' } })

    const balance = await chain.free(address)
    expect(balance).toBeGreaterThanOrEqual(3n * UNIT)
    const before = await chain.free(chain.alice.address)
    const closed = await chain.call(contract, 'close', chain.alice)
    expect(eventsOf(closed, 'contracts.Terminated').map(({ event }) => event.data.toJSON())).toEqual([[address, chain.alice.address]])
    expect(amountIn(closed, 'contracts.StorageDepositTransferredAndReleased', 'amount')).toBe(deposit)
    expect(await chain.free(chain.alice.address)).toBe(before - amountIn(closed, 'transactionPayment.TransactionFeePaid', 'actualFee') + deposit + balance)
    expect(await chain.free(address)).toBe(0n)
    expect((await chain.api.query['contracts']?.['contractInfoOf']?.(address))?.isEmpty).toBe(true)

    const codeHash = contract.abi.info.source.wasmHash.toHex()
    const removed = await chain.send(chain.tx('contracts', 'removeCode', codeHash), chain.alice)
    expect(amountIn(removed, 'contracts.CodeRemoved', 'depositReleased')).toBe(amountIn(result, 'contracts.CodeStored', 'depositHeld'))
  })

  it('is uploaded, made, flipped, and read back', async () => {
    const { contract, result } = await chain.deploy('flipper', [true], { salt: '0x01' })
    expect(eventsOf(result, 'contracts.Instantiated').map(({ event }) => event.data.toJSON())).toEqual([[chain.alice.address, contract.address.toString()]])
    expect(await chain.read(contract, 'get')).toEqual({ ok: true })

    const flipped = await chain.call(contract, 'flip', chain.bob)
    expect(chain.errorOf(flipped)).toBeUndefined()
    expect(flipped.contractEvents.map(({ event, args }) => [event.identifier, args.map((arg) => arg.toPrimitive())])).toEqual([['flipper::flipper::Flipped', [chain.bob.address, false]]])
    expect(await chain.read(contract, 'get')).toEqual({ ok: false })
  })

  it('runs with the gas that a dry run came to, and with less it does not', async () => {
    const { contract } = await chain.deploy('flipper', [true], { salt: '0x02' })
    const { gasRequired, gasConsumed, result, storageDeposit } = await chain.query(contract, 'flip', chain.alice)
    expect(result.isOk).toBe(true)
    const { gasLimit, storageDepositLimit } = limitsOf({ gasRequired, storageDeposit })
    const short = { refTime: gasConsumed.refTime.toBigInt() / 2n, proofSize: gasConsumed.proofSize.toBigInt() }
    const failed = await chain.call(contract, 'flip', chain.alice, [], { gasLimit: chain.weight(short), storageDepositLimit })
    expect([chain.errorOf(failed), await chain.read(contract, 'get')]).toEqual(['contracts.OutOfGas', { ok: true }])
    const done = await chain.call(contract, 'flip', chain.alice, [], { gasLimit, storageDepositLimit })
    expect([chain.errorOf(done), await chain.read(contract, 'get')]).toEqual([undefined, { ok: false }])
  })
})

describe('the ERC-20 token', () => {
  it('is made at the price that the dry run named: deposits for code and storage, and what an account must have', async () => {
    const { contract, result, estimate } = await chain.deploy('erc20', [SUPPLY], { salt: '0x04' })
    const stored = amountIn(result, 'contracts.CodeStored', 'depositHeld')
    const held = amountIn(result, 'contracts.StorageDepositTransferredAndHeld', 'amount')
    const least = BigInt(chain.api.consts['balances']?.['existentialDeposit']?.toString() ?? 0)
    expect([stored > 0n, held > 0n, least > 0n]).toEqual([true, true, true])
    expect(estimate.storageDeposit.asCharge.toBigInt()).toBe(stored + held + least)
    expect(await chain.read(contract, 'totalSupply')).toEqual({ ok: Number(SUPPLY) })
    expect(await chain.read(contract, 'balanceOf', chain.alice.address)).toEqual({ ok: Number(SUPPLY) })
  })

  it('moves tokens, and says so under topics by which they are found', async () => {
    const { contract } = await chain.deploy('erc20', [SUPPLY], { salt: '0x05' })
    const result = await chain.call(contract, 'transfer', chain.alice, [chain.bob.address, 300])
    const [transfer, ...others] = result.contractEvents
    expect(others).toEqual([])
    expect(transfer?.args.map((arg) => arg.toPrimitive())).toEqual([chain.alice.address, chain.bob.address, 300])
    // An account is its own topic, since it is as long as one.
    const topics = eventsOf(result, 'contracts.ContractEmitted').map((record) => record.topics.map((topic) => topic.toHex()))
    expect(topics).toEqual([[transfer?.event.signatureTopic, toHex(chain.alice.publicKey), toHex(chain.bob.publicKey)]])
    expect(transfer?.event.signatureTopic).toBe(toHex(blake2b256(Buffer.from('Transfer(Option<AccountId>,Option<AccountId>,Balance)'))))
    expect(await chain.read(contract, 'balanceOf', chain.alice.address)).toEqual({ ok: 999_700 })
    expect(await chain.read(contract, 'balanceOf', chain.bob.address)).toEqual({ ok: 300 })
  })

  it('refuses what is too much, with what there is, and changes nothing', async () => {
    const { contract } = await chain.deploy('erc20', [SUPPLY], { salt: '0x06' })
    const dry = await chain.query(contract, 'transfer', chain.alice, chain.bob.address, SUPPLY + 1n)
    expect(dry.output?.toPrimitive()).toEqual({ ok: { err: { insufficientBalance: { available: Number(SUPPLY) } } } })
    const result = await chain.call(contract, 'transfer', chain.alice, [chain.bob.address, SUPPLY + 1n])
    expect([chain.errorOf(result), result.contractEvents]).toEqual(['contracts.ContractReverted', []])
    expect(await chain.read(contract, 'balanceOf', chain.bob.address)).toEqual({ ok: 0 })
    expect(await chain.read(contract, 'balanceOf', chain.alice.address)).toEqual({ ok: Number(SUPPLY) })
  })

  it('lets another spend what was approved, and no more', async () => {
    const { contract } = await chain.deploy('erc20', [SUPPLY], { salt: '0x07' })
    const approved = await chain.call(contract, 'approve', chain.alice, [chain.bob.address, 50])
    expect(approved.contractEvents.map(({ event, args }) => [event.identifier, ...args.map((arg) => arg.toPrimitive())])).toEqual([['erc20::erc20::Approval', chain.alice.address, chain.bob.address, 50]])
    expect(chain.errorOf(await chain.call(contract, 'transferFrom', chain.bob, [chain.alice.address, chain.bob.address, 20]))).toBeUndefined()
    expect(await chain.read(contract, 'allowance', chain.alice.address, chain.bob.address)).toEqual({ ok: 30 })
    const dry = await chain.query(contract, 'transferFrom', chain.bob, chain.alice.address, chain.bob.address, 31)
    expect(dry.output?.toPrimitive()).toEqual({ ok: { err: { insufficientAllowance: { available: 30 } } } })
  })
})

describe('polkadot-api', () => {
  it('asks a contract through the runtime, and calls it', async () => {
    const { contract } = await chain.deploy('flipper', [true], { salt: '0x08' })
    const address = contract.address.toString()
    const [get, flip] = ['get', 'flip'].map((name) => contract.abi.findMessage(name).selector.toU8a())
    const client = createClient(getWsProvider(chain.dev.node.rpcAddress as string))
    try {
      const api = client.getUnsafeApi()
      const ask = (data: Uint8Array | undefined): Promise<Answer> => api.apis['ContractsApi']?.['call']?.(chain.alice.address, address, 0n, undefined, undefined, data, { at: 'best' }) as Promise<Answer>
      expect((await ask(get)).result).toMatchObject({ success: true, value: { flags: 0, data: answering(true) } })

      const { gas_required } = await ask(flip)
      const { publicKey, secret } = devAccount('//Bob').sr25519
      const signer = getPolkadotSigner(publicKey, 'Sr25519', (input) => sr25519Sign(secret.reveal(), input))
      const call = api.tx['Contracts']?.['call'] as unknown as (args: object) => { signAndSubmit(signer: PolkadotSigner): Promise<{ ok: boolean }> }
      const args = { dest: Enum('Id', address), value: 0n, gas_limit: gas_required, storage_deposit_limit: undefined, data: flip }
      expect(await chain.whileSlotsPass(call(args).signAndSubmit(signer))).toMatchObject({ ok: true })
      expect((await ask(get)).result).toMatchObject({ success: true, value: { flags: 0, data: answering(false) } })
    } finally {
      client.destroy()
    }
  })
})
