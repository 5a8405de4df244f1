/**
 * Who may act as root of the chain, seen from this node: its own keys, or somebody else's.
 *
 * A multisig's account is a hash of its members (spec/multisig.ts), and looks like any other. It is known as one where the chain's
 * specification names the members, which is checked against the hash, or where something waits for their approval.
 */
import { equalBytes, fromHex, type Hex } from '../../base/bytes.ts'
import { type Keystore, ACCOUNT_KEY_TYPE } from '../../crypto/keys/keystore.ts'
import { decodeSs58 } from '../../crypto/keys/ss58.ts'
import { accountIdOf, findSigner } from '../extrinsics/signers.ts'
import { multisigAccount } from '../spec/multisig.ts'
import { rootMultisigOf, type ChainProperties } from '../spec/properties.ts'

export type RootHolder =
  /** The chain has no account that is root. */
  | { readonly kind: 'none' }
  /** This node can sign for it. */
  | { readonly kind: 'here' }
  /** Its key is in this node's keystore, which is locked. */
  | { readonly kind: 'locked' }
  | { readonly kind: 'elsewhere' }
  /** `members` are addresses; undefined where nobody here knows them. */
  | { readonly kind: 'multisig'; readonly members: readonly string[] | undefined; readonly threshold: number | undefined }

export interface RootHolderDependencies {
  /** What the node signs with. */
  readonly signing: Keystore
  /** Keys that there are files of, locked or not. */
  readonly entries: () => readonly { readonly keyType: string; readonly publicKey: Hex; readonly damaged: boolean }[]
  readonly properties: ChainProperties
}

/** `hasWork`: the account has something that waits for members of a multisig. */
export function holderOf(account: Uint8Array | undefined, hasWork: boolean, { signing, entries, properties }: RootHolderDependencies): RootHolder {
  if (account === undefined) return { kind: 'none' }
  if (findSigner(signing, account) !== undefined) return { kind: 'here' }
  const isFiled = entries().some(({ keyType, publicKey, damaged }) => keyType === ACCOUNT_KEY_TYPE && !damaged && equalBytes(accountIdOf(fromHex(publicKey)), account))
  if (isFiled) return { kind: 'locked' }
  const named = rootMultisigOf(properties)
  if (named !== undefined && equalBytes(multisigAccount(named.members.map((member) => decodeSs58(member).publicKey), named.threshold), account)) return { kind: 'multisig', ...named }
  return hasWork ? { kind: 'multisig', members: undefined, threshold: undefined } : { kind: 'elsewhere' }
}
