/** Real signatures of a few voters, and a chain that they may vote on. */
import { toHex, type Hash } from '../../../../../../node-core/base/bytes.ts'
import { signingPayload, type SignedVote } from '../../../../../../node-core/chain/core/engines/grandpa/messages.ts'
import type { BlockRef } from '../../../../../../node-core/chain/scale/block.ts'
import type { Header } from '../../../../../../node-core/chain/scale/header.ts'
import { DEV_ACCOUNTS, devAccount } from '../../../../../../node-core/crypto/keys/dev-accounts.ts'
import { ed25519Sign } from '../../../../../../node-core/crypto/ed25519/ed25519.ts'
import { GENESIS, child, hashOf } from './world.ts'

export const refOf = (header: Header): BlockRef => ({ hash: hashOf(header), number: header.number })
/** Development accounts, and their ed25519 keys. */
export const accounts = DEV_ACCOUNTS.slice(0, 4).map((name) => devAccount(`//${name}`).ed25519)
export const ids = accounts.map(({ publicKey }) => toHex(publicKey))

/** Signed by one of the {@link accounts}. */
export function precommit(voter: number, target: BlockRef, round = 7, setId = 3): SignedVote {
  const signature = ed25519Sign(
    (accounts[voter] as (typeof accounts)[number]).secret.reveal(), signingPayload('precommit', target, { round, setId }),
  )
  return { kind: 'precommit', target, signature, authority: ids[voter] as Hash }
}

/** A chain of `length` headers on genesis. */
export function chainOf(length: number, digestAt: (number: number) => Header['digest'] = () => []): Header[] {
  const headers = [GENESIS]
  for (let number = 1; number <= length; number++) headers.push(child(headers[number - 1] as Header, 0, digestAt(number)))
  return headers
}
