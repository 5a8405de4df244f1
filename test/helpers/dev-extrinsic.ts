/** Signed extrinsics of the development network, put together by hand. */
import { concatBytes, fromHex, type Hash } from '../../node-core/base/bytes.ts'
import { blake2b256 } from '../../node-core/crypto/hashes/hashing.ts'
import { signWith, type KeyPair } from '../../node-core/crypto/keys/keypairs.ts'
import type { RuntimeVersion } from '../../node-core/chain/runtime/types.ts'
import type { Extrinsic } from '../../node-core/chain/scale/block.ts'
import { ScaleWriter } from '../../node-core/scale/writer.ts'

const SIGNED_V4 = 0x84
const ACCOUNT_ID = 0
const SR25519 = 1
const IMMORTAL = 0
/** Payloads longer than this are hashed before they are signed. */
const LONGEST_PAYLOAD = 256

export function signedExtrinsic(
  signer: KeyPair, call: Uint8Array, nonce: number, chain: { readonly genesisHash: Hash; readonly version: RuntimeVersion }, tip = 0n,
): Extrinsic {
  const extra = new ScaleWriter().u8(IMMORTAL).compact(nonce).compact(tip).finish()
  const additional = new ScaleWriter().u32(chain.version.specVersion).u32(chain.version.transactionVersion)
    .raw(fromHex(chain.genesisHash)).raw(fromHex(chain.genesisHash)).finish()
  const payload = concatBytes(call, extra, additional)
  const signature = signWith(signer, payload.length > LONGEST_PAYLOAD ? blake2b256(payload) : payload)
  const body = new ScaleWriter().u8(SIGNED_V4).u8(ACCOUNT_ID).raw(signer.publicKey).u8(SR25519).raw(signature).raw(extra).raw(call).finish()
  return new ScaleWriter(body.length + 4).bytes(body).finish()
}

/** `Balances.transfer_keep_alive`. */
export function transferCall(to: Uint8Array, amount: bigint): Uint8Array {
  return new ScaleWriter().u8(4).u8(3).u8(ACCOUNT_ID).raw(to).compact(amount).finish()
}

/** `System.remark`. */
export function remarkCall(remark: Uint8Array): Uint8Array {
  return new ScaleWriter().u8(0).u8(0).bytes(remark).finish()
}

/** `Sudo.sudo`: `call` as root. */
export function asRootCall(call: Uint8Array): Uint8Array {
  return new ScaleWriter().u8(11).u8(0).raw(call).finish()
}
