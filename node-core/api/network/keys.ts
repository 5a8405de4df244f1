/**
 * Keys of the nodes of chains: `keys.*`. What goes out is public, with one exception: the words of a new phrase, once, to whoever asked for them. Secrets come
 * in as input of mutations, and are in no error and no log. Every mutation answers how things are then.
 */
import { z } from 'zod'
import { changes, requireChain, requireKind, runningOfKind, sample } from '../running.ts'
import { networkId, procedure, router, type ApiContext } from '../trpc.ts'
import type { Hex } from '../../base/bytes.ts'
import { errorMessage, isNodeError } from '../../base/errors.ts'
import { accountIdOf, addressOf } from '../../keystore/addresses.ts'
import type { PhraseDraft } from '../../keystore/drafts.ts'
import { KeystoreError } from '../../keystore/errors.ts'
import type { LockState } from '../../keystore/file-keystore.ts'
import { keyScheme } from '../../keystore/key-files.ts'
import { ACCOUNT_KEY_TYPE, USUAL_SESSION_KEYS, type KeyKind, type NetworkKeys } from '../../keystore/network-keys.ts'
import type { VaultRefusal } from '../../keystore/vault.ts'
import type { ChainNode } from '../../manager/kinds/chain/hosted.ts'
import { storedPeerId } from '../../network/host/identity.ts'
import { reachableAddresses } from '../../network/nat/reachable-addresses.ts'

/** Whether the chain signs with it now: `unknown` where the node does not run or the runtime does not say. */
export type KeyUse = 'used' | 'unused' | 'unknown'

export interface KeyInfo {
  readonly keyType: string
  readonly scheme: KeyKind['scheme']
  readonly publicKey: Hex
  /** SS58, in the network's form. */
  readonly address: string
  readonly label: string
  /** A development account's key is there without a file and without a passphrase. */
  readonly source: 'file' | 'development'
  readonly usable: boolean
  readonly damaged: boolean
  readonly use: KeyUse
}

export interface KeysState {
  readonly lock: LockState
  /** Why the key files cannot be read. */
  readonly problem: { readonly code: string; readonly message: string; readonly hint: string | undefined } | undefined
  readonly remembered: boolean
  /** Why the keyring cannot remember the passphrase. */
  readonly vaultRefusal: VaultRefusal | undefined
  readonly identity: { readonly peerId: string | undefined; readonly addresses: readonly string[] }
  readonly session: readonly KeyInfo[]
  readonly accounts: readonly KeyInfo[]
  readonly running: boolean
}

const MAX_SECRET = 1024
/** Longer than any SS58 address or account id in hexadecimal. */
const MAX_ADDRESS = 128
const networkInput = z.strictObject({ network: networkId })
const passphrase = z.string().max(MAX_SECRET, 'the passphrase is too long')
const label = z.string().trim().max(64, 'the name is too long')
const keyType = z.string().regex(/^[a-z0-9_]{4}$/, 'a key type has four small letters or digits')
const use = z.enum(['session', 'account'])

function keysOf(ctx: ApiContext, network: string): NetworkKeys {
  requireKind(ctx, network, 'chain')
  return ctx.manager.keys(network)
}

async function stateOf(ctx: ApiContext, network: string): Promise<KeysState> {
  const keys = keysOf(ctx, network)
  const problem = await openProblem(keys)
  const peerId = await storedPeerId(keys.dataPath)
  const node = runningOfKind(ctx, network, 'chain')
  return describe(keys, node, problem, peerId)
}

async function openProblem(keys: NetworkKeys): Promise<KeysState['problem']> {
  try {
    await keys.open()
    return undefined
  } catch (error) {
    return { code: isNodeError(error) ? error.code : 'API_INTERNAL', message: errorMessage(error), hint: isNodeError(error) ? error.hint : undefined }
  }
}

function describe(keys: NetworkKeys, node: ChainNode | undefined, problem: KeysState['problem'], storedPeerId: string | undefined): KeysState {
  const inUse = node?.sessionKeys.inUse()
  const info = (entry: Omit<KeyInfo, 'address' | 'use'>): KeyInfo => ({
    ...entry,
    address: addressOf(entry.publicKey, keys.addressPrefix),
    use: inUse?.types.has(entry.keyType) !== true ? 'unknown' : inUse.keys.has(`${entry.keyType}:${entry.publicKey}`) ? 'used' : 'unused',
  })
  const files = keys.keystore.entries().map((entry) => info({ ...entry, source: 'file' }))
  const development = (node?.sessionKeys.development() ?? []).map((key) => info({ ...key, label: '', source: 'development', usable: true, damaged: false }))
  return {
    lock: keys.keystore.lockState,
    problem,
    remembered: keys.remembered,
    vaultRefusal: keys.vaultRefusal,
    identity: { peerId: node?.network.localPeerId ?? storedPeerId, addresses: node === undefined ? [] : reachableAddresses(node.network) },
    session: [...development, ...files.filter((key) => key.keyType !== ACCOUNT_KEY_TYPE)],
    accounts: files.filter((key) => key.keyType === ACCOUNT_KEY_TYPE),
    running: node !== undefined,
  }
}

/** The session keys that this network has: its runtime's where it runs, those of relay chains where it does not. */
async function sessionKinds(ctx: ApiContext, network: string): Promise<readonly KeyKind[]> {
  return (await runningOfKind(ctx, network, 'chain')?.sessionKeys.kinds()) ?? USUAL_SESSION_KEYS
}

async function store(ctx: ApiContext, input: { network: string; use: 'session' | 'account'; label: string }, uri: string): Promise<void> {
  const keys = keysOf(ctx, input.network)
  if (input.use === 'account') await keys.import({ keyType: ACCOUNT_KEY_TYPE, scheme: 'sr25519' }, uri, input.label)
  else await keys.importSession(await sessionKinds(ctx, input.network), uri)
}

export const keysRouter = router({
  state: procedure.input(networkInput).query(({ ctx, input }) => stateOf(ctx, input.network)),

  /** How things are, and again when they have changed; looked at once a second. */
  watch: procedure.input(networkInput).subscription(async function* ({ ctx, input, signal }) {
    const keys = keysOf(ctx, input.network)
    const problem = await openProblem(keys)
    let peerId = await storedPeerId(keys.dataPath)
    const changed = changes<KeysState>()
    yield* sample<KeysState>(ctx, signal, () => {
      const state = describe(keysOf(ctx, input.network), runningOfKind(ctx, input.network, 'chain'), keys.keystore.lockState === 'unlocked' ? undefined : problem, peerId)
      peerId = state.identity.peerId
      return changed(state)
    })
  }),

  setPassphrase: procedure.input(networkInput.extend({ passphrase, remember: z.boolean() })).mutation(async ({ ctx, input }) => {
    await keysOf(ctx, input.network).setUp(input.passphrase, input.remember)
    return stateOf(ctx, input.network)
  }),
  unlock: procedure.input(networkInput.extend({ passphrase, remember: z.boolean() })).mutation(async ({ ctx, input }) => {
    await keysOf(ctx, input.network).unlock(input.passphrase, input.remember)
    return stateOf(ctx, input.network)
  }),
  unlockRemembered: procedure.input(networkInput).mutation(async ({ ctx, input }) => {
    await keysOf(ctx, input.network).unlockRemembered()
    return stateOf(ctx, input.network)
  }),
  lock: procedure.input(networkInput).mutation(async ({ ctx, input }) => {
    await keysOf(ctx, input.network).keystore.lock()
    return stateOf(ctx, input.network)
  }),
  changePassphrase: procedure.input(networkInput.extend({ passphrase, next: passphrase })).mutation(async ({ ctx, input }) => {
    await keysOf(ctx, input.network).changePassphrase(input.passphrase, input.next)
    return stateOf(ctx, input.network)
  }),

  /** New words, told this once. They become keys by `confirm`, or are forgotten. */
  draft: procedure.input(networkInput).mutation(({ ctx, input }): PhraseDraft => keysOf(ctx, input.network).drafts.create()),
  discard: procedure.input(networkInput.extend({ id: z.uuid() })).mutation(({ ctx, input }) => keysOf(ctx, input.network).drafts.discard(input.id)),
  confirm: procedure
    .input(networkInput.extend({ id: z.uuid(), answers: z.array(z.string().max(32)).max(24), use, label }))
    .mutation(async ({ ctx, input }) => {
      const { drafts } = keysOf(ctx, input.network)
      await store(ctx, input, drafts.check(input.id, input.answers))
      drafts.discard(input.id)
      return stateOf(ctx, input.network)
    }),

  /** From a phrase, a seed (`0x…`) or a secret URI. `only` makes one key of this type and scheme exactly at the URI. */
  import: procedure
    .input(networkInput.extend({
      secret: z.string().trim().min(1, 'there is nothing to import').max(MAX_SECRET, 'this is too long'),
      use,
      label,
      only: z.strictObject({ keyType, scheme: keyScheme }).optional(),
    }))
    .mutation(async ({ ctx, input }) => {
      if (input.only === undefined) await store(ctx, input, input.secret)
      else await keysOf(ctx, input.network).import(input.only, input.secret, input.label)
      return stateOf(ctx, input.network)
    }),

  /** For good. `confirmation` is the last six characters of the key's address, as a person types them. */
  remove: procedure
    .input(networkInput.extend({ keyType, publicKey: z.string().regex(/^0x([0-9a-f]{64}|[0-9a-f]{66})$/, 'not a public key'), confirmation: z.string().max(64) }))
    .mutation(async ({ ctx, input }) => {
      const keys = keysOf(ctx, input.network)
      const publicKey = input.publicKey as Hex
      if (input.confirmation.trim() !== addressOf(publicKey, keys.addressPrefix).slice(-6)) {
        throw new KeystoreError('KEYSTORE_NOT_CONFIRMED', 'The key was not removed: the typed text does not match the end of its address.')
      }
      await keys.open()
      await keys.keystore.remove(input.keyType, publicKey)
      return stateOf(ctx, input.network)
    }),

  /**
   * New random session keys, made by the runtime; answers what a validator sets on the chain by `session.setKeys`. `owner` is the account
   * that does so: newer runtimes prove to the chain that the keys are its own.
   */
  rotate: procedure.input(networkInput.extend({ owner: z.string().max(MAX_ADDRESS).optional() })).mutation(async ({ ctx, input }) => {
    const { sessionKeys } = requireChain(ctx, input.network)
    const owner = input.owner?.trim() ?? ''
    return owner === '' ? { keys: await sessionKeys.rotate(), proof: undefined } : sessionKeys.rotateFor(accountIdOf(owner))
  }),
})
