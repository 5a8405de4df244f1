/**
 * A development node on the runtime of our own networks, and `@polkadot/api` connected to it as a contract's author works: transactions
 * are signed and sent over the WebSocket, and the node's clock is turned until they are in a block.
 */
import { readFileSync } from 'node:fs'
import { ApiPromise, Keyring, WsProvider, type SubmittableResult } from '@polkadot/api'
import type { SubmittableExtrinsic } from '@polkadot/api/types'
import { Abi, CodePromise, type ContractPromise } from '@polkadot/api-contract'
import type { CodeSubmittableResult } from '@polkadot/api-contract/promise/types'
import type { BlueprintOptions, ContractCallOutcome, DecodedEvent } from '@polkadot/api-contract/types'
import type { ProviderInterface } from '@polkadot/rpc-provider/types'
import { toHex } from '../../node-core/base/bytes.ts'
import { contractPath, type ContractName } from '../../build/contracts.ts'
import { DevNode } from './dev-node.ts'
import { ownSpec } from './own-spec.ts'

/** The first block of an epoch takes no transactions; the one after it does. */
const MOST_SLOTS = 4
const MOST_SLOTS_TO_FINAL = 30
/** What a dry run may use. The library's own default leaves it nothing for the proof. */
const DRY_RUN_WEIGHT = { refTime: 10n ** 12n, proofSize: 2n ** 20n }

export type KeyringPair = ReturnType<Keyring['addFromUri']>
export type Estimate = Pick<ContractCallOutcome, 'gasRequired' | 'storageDeposit'>
export type CallResult = SubmittableResult & { readonly contractEvents: readonly DecodedEvent[] }
export type Limits = Required<Pick<BlueprintOptions, 'gasLimit' | 'storageDepositLimit'>>

export interface Deployed {
  readonly contract: ContractPromise
  readonly result: SubmittableResult
  /** What the dry run said beforehand. */
  readonly estimate: Estimate
}

export class ContractChain {
  readonly dev: DevNode
  readonly api: ApiPromise
  readonly alice: KeyringPair
  readonly bob: KeyringPair

  static async start(): Promise<ContractChain> {
    const dev = await DevNode.start({ spec: ownSpec() })
    // The library's own types disagree about `undefined` under exactOptionalPropertyTypes.
    const provider = new WsProvider(dev.node.rpcAddress) as unknown as ProviderInterface
    return new ContractChain(dev, await ApiPromise.create({ provider, noInitWarn: true }))
  }

  private constructor(dev: DevNode, api: ApiPromise) {
    this.dev = dev
    this.api = api
    const keyring = new Keyring({ type: 'sr25519' })
    this.alice = keyring.addFromUri('//Alice')
    this.bob = keyring.addFromUri('//Bob')
  }

  async stop(): Promise<void> {
    await this.api.disconnect()
    await this.dev.stop()
  }

  /** Resolves once it is in a block, whether or not it succeeded there. */
  async send<R extends SubmittableResult>(call: SubmittableExtrinsic<'promise', R>, sender: KeyringPair): Promise<R> {
    const settled = Promise.withResolvers<R>()
    const unsubscribe = await call.signAndSend(sender, { nonce: -1 }, (result) => {
      if (result.isError) settled.reject(new Error(`the pool gave it up: ${result.status.type}`))
      if (result.isInBlock) settled.resolve(result)
    })
    for (let slot = 0; slot < MOST_SLOTS && (await this.#isPending()); slot++) await this.dev.slots(1)
    if (await this.#isPending()) settled.reject(new Error(`it is in no block after ${MOST_SLOTS} slots`))
    try {
      return await settled.promise
    } finally {
      unsubscribe()
    }
  }

  tx(pallet: string, name: string, ...args: readonly unknown[]): SubmittableExtrinsic<'promise'> {
    const call = this.api.tx[pallet]?.[name]
    if (call === undefined) throw new Error(`the runtime has no call ${pallet}.${name}`)
    return call(...args)
  }

  /** Uploads the code where it is not there yet, and makes a contract of it, with the gas and the deposit that the dry run came to. */
  async deploy(name: ContractName, args: readonly unknown[], { value = 0n, salt }: { value?: bigint; salt: string }): Promise<Deployed> {
    const abi = new Abi(readFileSync(contractPath(name), 'utf8'), this.api.registry.getChainProperties())
    const code = new CodePromise(this.api, abi, null)
    const input = abi.findConstructor('new').toU8a([...args])
    const estimate = (await this.api.call['contractsApi']?.['instantiate']?.(this.alice.address, value, null, null, { Upload: toHex(code.code) }, input, salt)) as unknown as Estimate
    const result = (await this.send(code.tx['new']?.({ value, salt, ...limitsOf(estimate) }, ...args) as SubmittableExtrinsic<'promise'>, this.alice)) as CodeSubmittableResult
    if (result.contract === undefined) throw new Error(`no contract: ${this.errorOf(result) ?? 'no event says so'}`)
    return { contract: result.contract, result, estimate }
  }

  query(contract: ContractPromise, message: string, caller: KeyringPair, ...args: readonly unknown[]): Promise<ContractCallOutcome> {
    const query = contract.query[message]
    if (query === undefined) throw new Error(`the contract has no message ${message}`)
    return query(caller.address, { gasLimit: this.weight(DRY_RUN_WEIGHT) }, ...args)
  }

  /** What a message returns, as JSON. */
  async read(contract: ContractPromise, message: string, ...args: readonly unknown[]): Promise<unknown> {
    const { output } = await this.query(contract, message, this.alice, ...args)
    return output?.toPrimitive()
  }

  /** With `limits`, or with those that a dry run comes to. */
  async call(contract: ContractPromise, message: string, caller: KeyringPair, args: readonly unknown[] = [], limits?: Limits): Promise<CallResult> {
    const call = contract.tx[message]?.(limits ?? limitsOf(await this.query(contract, message, caller, ...args)), ...args)
    if (call === undefined) throw new Error(`the contract has no message ${message}`)
    const result = await this.send(call, caller)
    // The library decodes what the contract said; where it said nothing, there is no list.
    const { contractEvents = [] } = result as SubmittableResult & { contractEvents?: DecodedEvent[] }
    return Object.assign(result, { contractEvents })
  }

  /** `pallet.Name` of what the transaction failed with; undefined where it succeeded. */
  errorOf({ dispatchError }: { readonly dispatchError?: SubmittableResult['dispatchError'] }): string | undefined {
    if (dispatchError === undefined) return undefined
    if (!dispatchError.isModule) return dispatchError.toString()
    const { section, name } = this.api.registry.findMetaError(dispatchError.asModule)
    return `${section}.${name}`
  }

  async #isPending(): Promise<boolean> {
    return (await this.api.rpc.author.pendingExtrinsics()).length > 0
  }

  /** Lets slots pass until `work` is done. */
  async whileSlotsPass<T>(work: Promise<T>): Promise<T> {
    let done = false
    const ended = work.finally(() => (done = true))
    ended.catch(() => undefined)
    for (let slot = 0; slot < MOST_SLOTS_TO_FINAL && !done; slot++) await this.dev.slots(1)
    return ended
  }

  weight(weight: { readonly refTime: bigint; readonly proofSize: bigint }): Limits['gasLimit'] {
    return this.api.registry.createType('WeightV2', weight)
  }

  /** What an account could spend. */
  async free(address: string): Promise<bigint> {
    const account = (await this.api.query['system']?.['account']?.(address))?.toJSON() as { data: { free: string | number } }
    return BigInt(account.data.free)
  }
}

/** As much as the dry run needed, and not a unit more. */
export function limitsOf({ gasRequired, storageDeposit }: Estimate): Limits {
  return { gasLimit: gasRequired, storageDepositLimit: storageDeposit.isCharge ? storageDeposit.asCharge.toBigInt() : null }
}

/** The events of one kind that a transaction had, `section.Method`. */
export function eventsOf({ events }: SubmittableResult, name: string): SubmittableResult['events'] {
  return events.filter(({ event }) => `${event.section}.${event.method}` === name)
}

/** One field of all events of a kind, added up. Throws where there is none. */
export function amountIn(result: SubmittableResult, name: string, field: string): bigint {
  const values = eventsOf(result, name).map(({ event }) => (event.data as unknown as Readonly<Record<string, { toString(): string }>>)[field])
  if (values.length === 0) throw new Error(`there is no event ${name}`)
  return values.reduce<bigint>((sum, value) => sum + BigInt(value?.toString() ?? `${name} has no ${field}`), 0n)
}
