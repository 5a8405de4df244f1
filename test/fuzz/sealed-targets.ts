/** Sealed messages: the envelope as anybody can send one, and the content as only somebody who seals one himself can. */
import { concatBytes, utf8 } from '../../node-core/base/bytes.ts'
import { decodeContent, encodeContent, HEAD_BYTES } from '../../node-core/net/sealed/content.ts'
import { openEnvelope, readEnvelope, seal } from '../../node-core/net/sealed/envelope.ts'
import { decodeAnswer, decodeRequest, encodeAnswer, encodeRequest } from '../../node-core/net/sealed/wire.ts'
import { NodeIdentity } from '../../node-core/network/host/identity.ts'
import type { Target } from './fuzz.ts'

/** One that is refused costs a signature check of all its bytes. */
const MAX_ENVELOPE = 4096

export function sealedTargets(): Target[] {
  const [sender, recipient] = [new NodeIdentity(new Uint8Array(32).fill(1)), new NodeIdentity(new Uint8Array(32).fill(2))]
  const letters = [
    { service: 'chat', counter: 1, time: 1_800_000_000_000, payload: new Uint8Array(0) },
    { service: 'a'.repeat(64), counter: 2 ** 53 - 1, time: 0, payload: utf8('hello') },
  ]
  const head = concatBytes(Uint8Array.of(1), sender.publicKey, recipient.publicKey)
  return [
    {
      name: 'sealed envelope',
      corpus: letters.map((letter) => seal(sender, { ...letter, recipient: recipient.peerId })),
      decode: (input) => openEnvelope(recipient, input),
      codes: ['NET_SEALED_'],
      maxBytes: MAX_ENVELOPE,
    },
    {
      name: 'sealed request',
      corpus: (['deliver', 'deliver-kept', 'keep'] as const).map((kind) => encodeRequest({ kind, envelope: seal(sender, { service: 'chat', counter: 1, time: 0, payload: utf8('hi'), recipient: recipient.peerId }) })),
      decode(input) {
        const request = decodeRequest(input)
        readEnvelope(request.envelope)
        return request
      },
      codes: ['NET_SEALED_'],
      encode: encodeRequest,
      canonical: true,
    },
    { name: 'sealed answer', corpus: (['taken', 'unwilling'] as const).map(encodeAnswer), decode: decodeAnswer, codes: ['NET_SEALED_'], encode: encodeAnswer, canonical: true },
    { name: 'sealed content', corpus: letters.map((letter) => encodeContent({ ...letter, head: head.subarray(0, HEAD_BYTES) })), decode: decodeContent, codes: ['NET_SEALED_'], encode: encodeContent, canonical: true },
  ]
}
