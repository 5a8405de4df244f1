/**
 * The accounts of a development or private network that this node can sign for: what they own, and transfers from them.
 *
 * Two kinds of keys are at hand. Those of the development accounts are public, so anybody may spend what lies there; they are
 * offered where they own something. Those of the keystore are the person's own, encrypted, and sign only while it is unlocked. On a public
 * network (`Live`) neither is offered: a development key is a trap there, and a person's money is a wallet's business.
 *
 * Balances are read from the best block's state, when somebody looks and the chain has moved; nothing is read otherwise.
 */
import { fromHex, toHex, type Hash, type Hex } from '../../../base/bytes.ts'
import { errorMessage, NodeError } from '../../../base/errors.ts'
import type { Logger } from '../../../base/logger.ts'
import type { Service } from '../../../base/service.ts'
import { DEV_ACCOUNTS, devAccount, type DevAccountName } from '../../../crypto/keys/dev-accounts.ts'
import { JoinedKeystore, type Keystore, ACCOUNT_KEY_TYPE } from '../../../crypto/keys/keystore.ts'
import { decodeSs58 } from '../../../crypto/keys/ss58.ts'
import { Names } from '../../explorer/names.ts'
import type { Token } from '../../explorer/types.ts'
import type { SenderBlocks, SenderStorage } from '../chain.ts'
import type { Runtimes } from '../runtimes.ts'
import type { ExtrinsicSender } from '../sender.ts'
import { accountIdOf, developmentAccountKeys, findSigner } from '../signers.ts'
import type { BlockRef } from '../../scale/block.ts'
import { parseAmount, printAmount } from '../../spec/amount.ts'
import { balancesOf, type Balances } from './balances.ts'
import { Transfers } from './transfers.ts'
import type { AccountsState, AccountsView, HeldAccount, Transfer, TransferErrorCode, TransferRequest } from './types.ts'

/** A key of the keystore, as far as it is looked at here. */
export interface FileKey {
  readonly keyType: string
  readonly publicKey: Hex
  /** For people; empty where there is none. */
  readonly label: string
  /** Its secret is at hand. */
  readonly usable: boolean
  /** The file was changed since it was written, so the key cannot be used. */
  readonly damaged: boolean
}

export interface AccountsServiceDependencies {
  readonly blocks: Pick<SenderBlocks, 'best' | 'header'>
  /** `has`: this state is here. */
  readonly storage: SenderStorage & { has(stateRoot: Hash): boolean }
  readonly runtimes: Pick<Runtimes, 'at'>
  readonly sender: Pick<ExtrinsicSender, 'send'>
  readonly keystore: Keystore & { entries(): readonly FileKey[] }
  readonly logger: Logger
}

export interface AccountsServiceOptions {
  readonly token: Token
  readonly addressPrefix: number
  readonly isPublic: boolean
}


/** Any Substrate network's. */
const GENERIC_PREFIX = 42

export class AccountsService implements Service, AccountsView {
  readonly #dependencies: AccountsServiceDependencies
  readonly #options: AccountsServiceOptions
  readonly #names: Names
  readonly #transfers: Transfers
  #signing: Keystore | undefined
  #development: readonly ReturnType<typeof developmentKey>[] | undefined
  #accounts: readonly HeldAccount[] = []
  #at: BlockRef | undefined
  /** What the accounts were read by: the best block, and which keys there are. */
  #seen = ''
  #reading: Promise<void> = Promise.resolve()

  constructor(dependencies: AccountsServiceDependencies, options: AccountsServiceOptions) {
    this.#dependencies = dependencies
    this.#options = options
    this.#names = new Names(options)
    this.#transfers = new Transfers(dependencies)
  }

  async start(): Promise<void> {
    this.#transfers.start()
  }

  async stop(): Promise<void> {
    await this.#transfers.stop()
    await this.#reading
    this.#accounts = []
    this.#at = undefined
    this.#seen = ''
  }

  state(): AccountsState | undefined {
    if (this.#options.isPublic) return undefined
    this.#look()
    return { token: this.#options.token, at: this.#at, accounts: this.#accounts, transfers: this.#transfers.list() }
  }

  async send({ from, to, amount }: TransferRequest): Promise<Transfer> {
    if (this.#options.isPublic) throw refused('TRANSFER_NOT_HERE', 'This node does not send transfers on public networks.', 'Send from a wallet.')
    const account = addressOf(from)
    const recipient = this.#recipient(to)
    const { decimals, symbol } = this.#options.token
    const value = parseAmount(amount, decimals)
    if (value === undefined || value === 0n) {
      throw refused('TRANSFER_BAD_AMOUNT', `"${amount.slice(0, 40)}" is not an amount of ${symbol === '' ? 'the token' : symbol}.`, `Write a number above 0 with at most ${decimals} decimals.`)
    }
    const signer = account === undefined ? undefined : findSigner(this.#keys(), account)
    if (account === undefined || signer === undefined) {
      const isLocked = account !== undefined && this.#fileKeys().some(({ publicKey }) => toHex(accountIdOf(fromHex(publicKey))) === toHex(account))
      throw isLocked ? refused('TRANSFER_KEYS_LOCKED', 'The key of this account is locked.', 'Unlock the keys on the Keys screen.') : refused('TRANSFER_NO_KEY', 'This node does not have the key of this account.')
    }
    const free = (await this.#balances(account))?.free
    if (free !== undefined && value > free) {
      throw refused('TRANSFER_TOO_MUCH', `The account has ${printAmount(free, decimals)} ${symbol}, which is less than ${printAmount(value, decimals)}.`, 'Send less.')
    }
    return this.#transfers.send({ from: this.#names.account(account), to: this.#names.account(recipient), recipient, amount: value, signer })
  }

  dismiss(): void {
    this.#transfers.dismiss()
  }

  /** Derived when they are first needed: that takes some milliseconds. */
  #keys(): Keystore {
    this.#signing ??= new JoinedKeystore([developmentAccountKeys(DEV_ACCOUNTS), this.#dependencies.keystore])
    return this.#signing
  }

  #fileKeys(): readonly FileKey[] {
    return this.#dependencies.keystore.entries().filter(({ keyType, damaged }) => keyType === ACCOUNT_KEY_TYPE && !damaged)
  }

  #recipient(text: string): Uint8Array {
    const name = DEV_ACCOUNTS.find((candidate) => candidate.toLowerCase() === text.trim().toLowerCase())
    if (name !== undefined) return devAccount(`//${name}`).sr25519.publicKey
    try {
      const { publicKey, prefix } = decodeSs58(text.trim())
      if (prefix === this.#options.addressPrefix || prefix === GENERIC_PREFIX) return publicKey
    } catch (error) {
      throw refused('TRANSFER_BAD_RECIPIENT', `"${text.slice(0, 60)}" is not an address. ${errorMessage(error)}`, 'Paste an SS58 address, or name a development account.')
    }
    throw refused('TRANSFER_BAD_RECIPIENT', `"${text.slice(0, 60)}" is an address of another network.`, 'Paste an address of this network.')
  }

  #look(): void {
    const files = this.#fileKeys()
    const { hash } = this.#dependencies.blocks.best()
    const seen = JSON.stringify([hash, files])
    if (seen === this.#seen) return
    this.#seen = seen
    // One after the other, so that an older answer never comes last.
    this.#reading = this.#reading.then(() => this.#read(files)).catch((error: unknown) => {
      this.#dependencies.logger.debug('the balances could not be read', { reason: errorMessage(error) })
    })
  }

  async #read(files: readonly FileKey[]): Promise<void> {
    const at = this.#dependencies.blocks.best()
    this.#development ??= DEV_ACCOUNTS.map(developmentKey)
    const held = [...this.#development, ...files.map((file) => ({ accountId: accountIdOf(fromHex(file.publicKey)), label: file.label, key: file.usable ? ('file' as const) : ('locked' as const) }))]
    const accounts: HeldAccount[] = []
    for (const { accountId, label, key } of held) {
      const balances = await this.#balances(accountId)
      if (balances === undefined || (key === 'development' && balances.free === 0n)) continue
      const { free, reserved, frozen } = balances
      accounts.push({ ...this.#names.account(accountId), label, key, free: String(free), reserved: String(reserved), frozen: String(frozen) })
    }
    this.#accounts = accounts
    this.#at = at
  }

  async #balances(accountId: Uint8Array): Promise<Balances | undefined> {
    const { blocks, storage } = this.#dependencies
    const root: Hash | undefined = blocks.header(blocks.best().hash)?.stateRoot
    if (root === undefined || !storage.has(root)) return undefined
    return balancesOf(accountId, root, storage, (await this.#dependencies.runtimes.at(root)).types)
  }
}

function developmentKey(name: DevAccountName): { readonly accountId: Uint8Array; readonly label: string; readonly key: 'development' } {
  return { accountId: devAccount(`//${name}`).sr25519.publicKey, label: '', key: 'development' }
}

function addressOf(text: string): Uint8Array | undefined {
  try {
    return decodeSs58(text).publicKey
  } catch {
    return undefined
  }
}

function refused(code: TransferErrorCode, message: string, hint?: string): NodeError<TransferErrorCode> {
  return new NodeError(code, message, hint === undefined ? {} : { hint })
}
