/**
 * Adding and removing authorities of a network of our own, by the means of its runtime: the pallet `Authorities` keeps a list of accounts that root
 * changes, and takes in no account that has not set its session keys.
 *
 * Setting them is the account's own business: it signs. A newcomer's node follows the chain and owns nothing yet, so root does all of it in one
 * batch: it gives the account what it needs to exist, sets the keys in the account's name (`sudo_as`, with the
 * newcomer's own proof that the keys are his, which came with the line), and adds the account. What the runtime refuses of it
 * is told. Nothing is remembered over a restart: who is on the list says the chain. It takes effect two sessions later.
 *
 * Only one change is under way at a time, and none is sent twice.
 */
import { concatBytes, fromHex, toHex, utf8, type Hash, type Hex } from '../../../base/bytes.ts'
import { errorMessage, isNodeError, NodeError } from '../../../base/errors.ts'
import type { Logger } from '../../../base/logger.ts'
import type { Service } from '../../../base/service.ts'
import { twox128 } from '../../../crypto/hashes/hashing.ts'
import { ACCOUNT_KEY_TYPE, type Keystore } from '../../../crypto/keys/keystore.ts'
import { decodeSs58, encodeSs58 } from '../../../crypto/keys/ss58.ts'
import { decodeAll } from '../../../scale/reader.ts'
import type { Member } from '../../spec/members.ts'
import type { Call } from '../arguments.ts'
import type { SenderBlocks, SenderStorage } from '../chain.ts'
import type { ExtrinsicSender } from '../sender.ts'
import { accountIdOf, findSigner } from '../signers.ts'
import type { AuthorityChange, AuthorityChangeErrorCode, AuthorityChangesState, AuthorityChangesView, Newcomer } from './types.ts'

export interface AuthorityChangesDependencies {
  readonly blocks: Pick<SenderBlocks, 'best' | 'header'>
  readonly storage: SenderStorage & { has(stateRoot: Hash): boolean }
  readonly sender: Pick<ExtrinsicSender, 'send' | 'encode'>
  /** What the node signs with. */
  readonly signing: Keystore
  /** Keys that there are files of, locked or not. */
  readonly entries: () => readonly { readonly keyType: string; readonly publicKey: Hex; readonly damaged: boolean }[]
  readonly logger: Logger
}

export interface AuthorityChangesOptions {
  readonly members: readonly Member[]
  readonly addressPrefix: number
  /** Decimals of the token. */
  readonly decimals: number
}

const item = (pallet: string, name: string): Uint8Array => concatBytes(twox128(utf8(pallet)), twox128(utf8(name)))
const ACCOUNTS = item('Authorities', 'Accounts')
const SUDO_KEY = item('Sudo', 'Key')
const ACCOUNT_SIZE = 32
/** What root gives a newcomer, in units: enough to exist, and for a few transactions. */
const GIFT = 10n

export class AuthorityChanges implements Service, AuthorityChangesView {
  readonly #dependencies: AuthorityChangesDependencies
  readonly #options: AuthorityChangesOptions
  #change: AuthorityChange | undefined
  #stopping = new AbortController()
  #following: Promise<void> = Promise.resolve()

  constructor(dependencies: AuthorityChangesDependencies, options: AuthorityChangesOptions) {
    this.#dependencies = dependencies
    this.#options = options
  }

  async start(): Promise<void> {
    this.#stopping = new AbortController()
  }

  /** What was sent goes on without this node. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#following
    this.#change = undefined
  }

  state(): AuthorityChangesState | undefined {
    const listed = this.#listed()
    if (listed === undefined) return undefined
    const root = this.#root()
    return {
      authorities: listed.map((account) => ({ address: this.#address(account), name: this.#nameOf(account) })),
      root: this.#holder(root),
      rootAddress: root === undefined ? undefined : this.#address(root),
      change: this.#change,
    }
  }

  add(newcomer: Newcomer): Promise<void> {
    const account = decodeSs58(newcomer.stash).publicKey
    if (this.#listed()?.some((other) => toHex(other) === toHex(account)) === true) throw refused('AUTHORITIES_KNOWN', `${newcomer.name} is already an authority.`)
    return this.#send('add', newcomer.name, this.#addition(newcomer))
  }

  remove(address: string): Promise<void> {
    const account = decodeSs58(address).publicKey
    return this.#send('remove', this.#nameOf(account) ?? address, removal(account))
  }

  async call(change: { readonly add: Newcomer } | { readonly remove: string }): Promise<Hex> {
    const call = 'add' in change ? this.#addition(change.add) : removal(decodeSs58(change.remove).publicKey)
    return toHex(await this.#dependencies.sender.encode(call))
  }

  dismiss(): void {
    if (this.#change?.stage === 'done' || this.#change?.stage === 'failed') this.#change = undefined
  }

  #addition({ stash, sessionKeys, proof }: Newcomer): Call {
    const account = decodeSs58(stash).publicKey
    const key = (type: string): Uint8Array => fromHex(sessionKeys.find(({ keyType }) => keyType === type)?.publicKey ?? '0x')
    const keys = { grandpa: key('gran'), babe: key('babe') }
    const calls: Call[] = [
      { pallet: 'Balances', name: 'transfer_keep_alive', args: { dest: account, value: GIFT * 10n ** BigInt(this.#options.decimals) } },
      { pallet: 'Sudo', name: 'sudo_as', args: { who: account, call: { pallet: 'Session', name: 'set_keys', args: { keys, proof: fromHex(proof) } } } },
      asRoot({ pallet: 'Authorities', name: 'add', args: { account } }),
    ]
    return { pallet: 'Utility', name: 'batch_all', args: { calls } }
  }

  /** Resolves once the pool has it. */
  async #send(kind: AuthorityChange['kind'], name: string, call: Call): Promise<void> {
    if (this.#change?.stage === 'sent' || this.#change?.stage === 'inBlock') throw refused('AUTHORITIES_BUSY', 'Another change of authorities is in progress.', 'Wait until it is finalized.')
    const root = this.#root()
    const holder = this.#holder(root)
    if (holder === 'locked') throw refused('AUTHORITIES_KEYS_LOCKED', 'The key of root is locked.', 'Unlock the keys on the Keys screen.')
    const signer = root === undefined ? undefined : findSigner(this.#dependencies.signing, root)
    if (signer === undefined) throw refused('AUTHORITIES_NO_KEY', 'This node does not have the key of root.', 'Only root can change the authorities.')
    this.#change = { kind, name, stage: 'sent', failure: undefined }
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#following = this.#dependencies.sender
      .send(call, signer, {
        signal: this.#stopping.signal,
        onProgress: (progress) => {
          this.#change = { kind, name, stage: progress.kind === 'inBlock' ? 'inBlock' : 'sent', failure: undefined }
          resolve()
        },
      })
      .then(
        () => {
          this.#change = { kind, name, stage: 'done', failure: undefined }
        },
        (error: unknown) => {
          reject(error instanceof Error ? error : new Error(String(error)))
          this.#failed(kind, name, error)
        },
      )
    return promise
  }

  #failed(kind: AuthorityChange['kind'], name: string, error: unknown): void {
    if (this.#stopping.signal.aborted) return
    const message = errorMessage(error)
    this.#dependencies.logger.warn('a change of authorities failed', { kind, reason: message })
    const { code, hint } = isNodeError(error) ? error : { code: 'AUTHORITIES_FAILED', hint: undefined }
    this.#change = { kind, name, stage: 'failed', failure: { code, message, hint } }
  }

  #stateRoot(): Hash | undefined {
    const { blocks, storage } = this.#dependencies
    const root = blocks.header(blocks.best().hash)?.stateRoot
    return root !== undefined && storage.has(root) ? root : undefined
  }

  /** The accounts of the list; undefined where the chain has none. */
  #listed(): readonly Uint8Array[] | undefined {
    const root = this.#stateRoot()
    const value = root === undefined ? undefined : this.#dependencies.storage.get(root, ACCOUNTS)
    return value === undefined ? undefined : decodeAll(value, 'the list of authorities', (reader) => reader.vec((one) => one.raw(ACCOUNT_SIZE).slice()))
  }

  #root(): Uint8Array | undefined {
    const root = this.#stateRoot()
    return root === undefined ? undefined : this.#dependencies.storage.get(root, SUDO_KEY)
  }

  #holder(root: Uint8Array | undefined): AuthorityChangesState['root'] {
    if (root === undefined) return 'none'
    const { signing, entries } = this.#dependencies
    if (findSigner(signing, root) !== undefined) return 'here'
    const isFiled = entries().some(({ keyType, publicKey, damaged }) => keyType === ACCOUNT_KEY_TYPE && !damaged && toHex(accountIdOf(fromHex(publicKey))) === toHex(root))
    return isFiled ? 'locked' : 'elsewhere'
  }

  #nameOf(account: Uint8Array): string | undefined {
    return this.#options.members.find(({ stash }) => toHex(decodeSs58(stash).publicKey) === toHex(account))?.name
  }

  #address(account: Uint8Array): string {
    return encodeSs58(account, this.#options.addressPrefix)
  }
}

function removal(account: Uint8Array): Call {
  return asRoot({ pallet: 'Authorities', name: 'remove', args: { account } })
}

function asRoot(call: Call): Call {
  return { pallet: 'Sudo', name: 'sudo', args: { call } }
}

function refused(code: AuthorityChangeErrorCode, message: string, hint?: string): NodeError<AuthorityChangeErrorCode> {
  return new NodeError(code, message, hint === undefined ? {} : { hint })
}
