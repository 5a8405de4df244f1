/**
 * Which slots of an epoch local keys may author in, looked up ahead of time. The same lottery as when a slot is claimed (author.ts), drawn
 * for every slot of the epoch: that is a VRF per slot and key, milliseconds each, so it goes slot by slot beside everything else.
 */
import { fromHex, toHex, type Hash } from '../../../../base/bytes.ts'
import type { Keystore } from '../../../../crypto/keys/keystore.ts'
import type { SlotCrypto } from '../../../../crypto/worker/slot-crypto.ts'
import { endSlot, type Epoch } from './epoch.ts'
import { primaryThreshold, secondaryAuthor } from './lottery.ts'

const KEY_TYPE = 'babe'

/** Slots of an epoch by the right to author in them. */
export interface EpochAuthorship {
  readonly primary: number[]
  readonly secondary: number[]
  readonly secondaryVrf: number[]
}

/** By public key, in `0x…`; keys that may author nowhere are left out. */
export async function epochAuthorship(
  { keystore, crypto }: { readonly keystore: Keystore; readonly crypto: Pick<SlotCrypto, 'draw'> }, epoch: Epoch,
): Promise<ReadonlyMap<Hash, EpochAuthorship>> {
  const known = new Set(keystore.publicKeys(KEY_TYPE, 'sr25519').map(toHex))
  const local = epoch.authorities.flatMap(({ key }, index) => (known.has(key) ? [{ key, index }] : []))
  const claims = new Map<Hash, EpochAuthorship>()
  const note = (key: Hash, kind: keyof EpochAuthorship, slot: number): void => {
    const own = claims.get(key) ?? { primary: [], secondary: [], secondaryVrf: [] }
    own[kind].push(slot)
    claims.set(key, own)
  }

  async function winner(slot: number): Promise<Hash | undefined> {
    const input = { slot, epochIndex: epoch.index, randomness: fromHex(epoch.randomness) }
    for (const { key, index } of local) {
      const secret = keystore.secret(KEY_TYPE, fromHex(key))
      if (secret !== undefined && (await crypto.draw(secret, input, primaryThreshold(epoch, index))) !== undefined) return key
    }
    return undefined
  }

  const { secondarySlots } = epoch.configuration
  for (let slot = epoch.startSlot; slot < endSlot(epoch) && local.length > 0; slot++) {
    const primary = await winner(slot)
    if (primary !== undefined) {
      note(primary, 'primary', slot)
    } else if (secondarySlots !== 'none') {
      const author = secondaryAuthor(slot, epoch.authorities.length, epoch.randomness)
      const own = local.find(({ index }) => index === author)
      if (own !== undefined) note(own.key, secondarySlots === 'plain' ? 'secondary' : 'secondaryVrf', slot)
    }
  }
  return claims
}
