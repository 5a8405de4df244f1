/** Signed remarks in the forms that runtimes from 2019 to 2024 take, put together by hand. */
import { concatBytes, fromHex, type Hash } from '../../node-core/base/bytes.ts'
import { blake2b256 } from '../../node-core/crypto/hashes/hashing.ts'
import { signWith, type KeyPair } from '../../node-core/crypto/keys/keypairs.ts'
import type { Extrinsic } from '../../node-core/chain/scale/block.ts'
import { ScaleWriter } from '../../node-core/scale/writer.ts'

export interface ExtrinsicForm {
  /** What stands before an account id in an address: nothing, a mark (Indices), or the first kind of several (MultiAddress). */
  readonly address: 'id' | 'index' | 'multi'
  /** Whether the version of transactions is signed (since 2020). */
  readonly transactionVersion: number | undefined
  readonly specVersion: number
  /** A byte among the extensions that says whether the metadata is signed (since 2024). */
  readonly metadataHash: boolean
  /** Of `System.remark`. */
  readonly remark: readonly [pallet: number, call: number]
}

const SIGNED_V4 = 0x84
const SR25519 = 1
const ADDRESS_MARK = { id: [], index: [0xff], multi: [0] } as const
/** Valid for 64 blocks from block 0 on. */
const MORTAL = Uint8Array.of(5, 0)
const LONGEST_PAYLOAD = 256

/** Mortal from the genesis block on, which is the block that it binds itself to. */
export function signedRemark(signer: KeyPair, form: ExtrinsicForm, genesisHash: Hash, nonce = 0): Extrinsic {
  const call = new ScaleWriter().raw(Uint8Array.from(form.remark)).bytes(Uint8Array.of(1, 2, 3)).finish()
  const extra = new ScaleWriter().raw(MORTAL).compact(nonce).compact(0).raw(Uint8Array.from(form.metadataHash ? [0] : [])).finish()
  const versions = new ScaleWriter().u32(form.specVersion)
  if (form.transactionVersion !== undefined) versions.u32(form.transactionVersion)
  const additional = concatBytes(versions.finish(), fromHex(genesisHash), fromHex(genesisHash), Uint8Array.from(form.metadataHash ? [0] : []))
  const payload = concatBytes(call, extra, additional)
  const signature = signWith(signer, payload.length > LONGEST_PAYLOAD ? blake2b256(payload) : payload)
  const body = new ScaleWriter().u8(SIGNED_V4).raw(Uint8Array.from(ADDRESS_MARK[form.address])).raw(signer.publicKey).u8(SR25519).raw(signature).raw(extra).raw(call).finish()
  return new ScaleWriter(body.length + 4).bytes(body).finish()
}

/** On the genesis state of each network. */
export const GENESIS_FORMS = {
  kusama: { address: 'index', transactionVersion: undefined, specVersion: 1020, metadataHash: false, remark: [0, 1] },
  westend: { address: 'id', transactionVersion: undefined, specVersion: 1, metadataHash: false, remark: [0, 1] },
  polkadot: { address: 'id', transactionVersion: 0, specVersion: 0, metadataHash: false, remark: [0, 1] },
  paseo: { address: 'multi', transactionVersion: 25, specVersion: 1_001_002, metadataHash: false, remark: [0, 0] },
  'westend-dev': { address: 'multi', transactionVersion: 14, specVersion: 9320, metadataHash: false, remark: [0, 1] },
} as const satisfies Record<string, ExtrinsicForm>
