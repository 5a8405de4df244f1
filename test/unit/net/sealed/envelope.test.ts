import { randomBytes } from 'node:crypto'
import { inspect } from 'node:util'
import { ED25519_TORSION_SUBGROUP } from '@noble/curves/ed25519.js'
import { describe, expect, it } from 'vitest'
import { concatBytes, fromHex, utf8 } from '../../../../node-core/base/bytes.ts'
import { peerIdOf } from '../../../../node-core/crypto/keys/peer-id.ts'
import { x25519PublicKeyOf } from '../../../../node-core/crypto/x25519.ts'
import { MAX_PAYLOAD_BYTES } from '../../../../node-core/net/sealed/content.ts'
import { eciesEncrypt } from '../../../../node-core/net/sealed/ecies.ts'
import { isSigned, MAX_ENVELOPE_BYTES, MIN_ENVELOPE_BYTES, openEnvelope, readEnvelope, seal } from '../../../../node-core/net/sealed/envelope.ts'
import { nodeKey, type NodeKey } from '../../../../node-core/network/node-key.ts'
import { NodeIdentity } from '../../../../node-core/network/host/identity.ts'

const random = (size: number): Uint8Array => new Uint8Array(randomBytes(size))
const identity = new NodeIdentity(random(32))
const alice = nodeKey(identity)
const bob = nodeKey(new NodeIdentity(random(32)))
const eve = nodeKey(new NodeIdentity(random(32)))
const letter = { recipient: bob.peerId, service: 'chat', counter: 7, time: 1_800_000_000_000, payload: utf8('hello') }
const refused = (code: string): Error => expect.objectContaining({ code, message: expect.stringMatching(/^[A-Z"].*\.$/) as string }) as Error
const HEAD = 65
const SIGNED = HEAD + 64

/** What `key` encrypts and signs as it likes: `inner` is within, the head of `from` in front. */
function forged(key: NodeKey, head: Uint8Array, inner: Uint8Array): Uint8Array {
  const recipient = x25519PublicKeyOf(head.subarray(33, 65)) as Uint8Array
  const encrypted = eciesEncrypt(recipient, inner)
  return concatBytes(head, key.sign(concatBytes(utf8('nodestead/sealed/1\0'), head, encrypted)), encrypted)
}

const headOf = (envelope: Uint8Array): Uint8Array => envelope.subarray(0, HEAD)

function inner(head: Uint8Array, { counter = 1n, time = 5n, name = utf8('chat'), length = name.length }: { counter?: bigint; time?: bigint; name?: Uint8Array; length?: number } = {}): Uint8Array {
  const numbers = Buffer.alloc(16)
  numbers.writeBigUInt64BE(counter, 0)
  numbers.writeBigUInt64BE(time, 8)
  return concatBytes(head, numbers, Uint8Array.of(length), name)
}

describe('a sealed message', () => {
  it('is opened by its recipient, and says who sent it', () => {
    expect(openEnvelope(bob, seal(alice, letter))).toEqual({ ...letter, sender: alice.peerId })
  })

  it.each([0, 1, 1000, MAX_PAYLOAD_BYTES])('may have %i bytes', (length) => {
    const payload = random(length)
    const envelope = seal(alice, { ...letter, service: 'a'.repeat(64), payload })
    expect([envelope.length >= MIN_ENVELOPE_BYTES, envelope.length <= MAX_ENVELOPE_BYTES]).toEqual([true, true])
    expect(openEnvelope(bob, envelope).payload).toEqual(payload)
  })

  it('is opened by nobody else, the sender neither', () => {
    const envelope = seal(alice, letter)
    for (const key of [alice, eve]) expect(() => openEnvelope(key, envelope)).toThrow(refused('NET_SEALED_RECIPIENT'))
  })

  it('shows both ids to whoever carries it, and nothing of what is in it', () => {
    const envelope = seal(alice, { ...letter, service: 'secret-service', payload: utf8('secret payload') })
    expect(readEnvelope(envelope)).toEqual({ sender: alice.peerId, recipient: bob.peerId })
    expect(isSigned(envelope)).toBe(true)
    expect(Buffer.from(envelope).includes('secret')).toBe(false)
  })

  it('is refused with any bit changed, any part cut off, and any byte added', () => {
    const envelope = seal(alice, letter)
    for (let bit = 0; bit < envelope.length * 8; bit++) {
      const mutated = envelope.slice()
      mutated[bit >> 3] = (mutated[bit >> 3] as number) ^ (1 << (bit & 7))
      expect(() => openEnvelope(bob, mutated), `bit ${bit}`).toThrow(expect.objectContaining({ code: expect.stringMatching(/^NET_SEALED_(MALFORMED|RECIPIENT|SIGNATURE)$/) as string }) as Error)
    }
    for (let length = 0; length < envelope.length; length++) expect(() => openEnvelope(bob, envelope.subarray(0, length)), `${length} bytes`).toThrow(/sealed message/)
    expect(() => openEnvelope(bob, concatBytes(envelope, Uint8Array.of(0)))).toThrow(refused('NET_SEALED_SIGNATURE'))
  })

  it('cannot be taken over: whoever signs another\'s content anew is told by what is within', () => {
    const envelope = seal(alice, letter)
    const head = headOf(seal(eve, letter))
    const encrypted = envelope.subarray(SIGNED)
    const stolen = concatBytes(head, eve.sign(concatBytes(utf8('nodestead/sealed/1\0'), head, encrypted)), encrypted)
    expect(isSigned(stolen)).toBe(true)
    expect(() => openEnvelope(bob, stolen)).toThrow(refused('NET_SEALED_MISMATCH'))
  })

  it('cannot be made in another\'s name', () => {
    const head = headOf(seal(alice, letter))
    expect(() => openEnvelope(bob, forged(eve, head, inner(head)))).toThrow(refused('NET_SEALED_SIGNATURE'))
  })

  it('is refused where a signed one is for another, or has content of no form', () => {
    const head = headOf(seal(alice, letter))
    expect(openEnvelope(bob, forged(alice, head, inner(head)))).toMatchObject({ service: 'chat', counter: 1, time: 5, payload: new Uint8Array(0) })
    expect(() => openEnvelope(bob, forged(alice, head, inner(headOf(seal(alice, { ...letter, recipient: eve.peerId })))))).toThrow(refused('NET_SEALED_MISMATCH'))
    const wrong = [
      new Uint8Array(100),
      inner(head, { counter: 0n }),
      inner(head, { counter: 2n ** 53n }),
      inner(head, { time: 2n ** 64n - 1n }),
      inner(head, { name: utf8('Chat') }),
      inner(head, { name: utf8('a/b') }),
      inner(head, { length: 5 }),
      inner(head, { length: 0 }),
      inner(head).with(0, 2),
    ]
    for (const content of wrong) expect(() => openEnvelope(bob, forged(alice, head, content))).toThrow(refused('NET_SEALED_MALFORMED'))
  })

  it.each(ED25519_TORSION_SUBGROUP)('is signed by nobody whose key has small order: %s', (hex) => {
    const head = concatBytes(Uint8Array.of(1), fromHex(`0x${hex}`), headOf(seal(alice, letter)).subarray(33))
    const encrypted = eciesEncrypt(x25519PublicKeyOf(head.subarray(33)) as Uint8Array, inner(head))
    // R = the neutral point, s = 0: for a key of order one, a signature of everything.
    const signature = new Uint8Array(64).with(0, 1)
    expect(() => openEnvelope(bob, concatBytes(head, signature, encrypted))).toThrow(refused('NET_SEALED_SIGNATURE'))
  })

  it('is not made for who has no ed25519 key, for no service, and of too much', () => {
    const smallOrder = peerIdOf(new Uint8Array(32).with(0, 1))
    for (const recipient of ['', 'QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N', '1'.repeat(100_000), smallOrder]) {
      expect(() => seal(alice, { ...letter, recipient })).toThrow(refused('NET_SEALED_KEY'))
    }
    for (const service of ['', 'Chat', 'a b', 'a/b', '-a', 'a-', 'ä', 'a'.repeat(65)]) expect(() => seal(alice, { ...letter, service })).toThrow(refused('NET_SEALED_SERVICE'))
    expect(() => seal(alice, { ...letter, payload: new Uint8Array(MAX_PAYLOAD_BYTES + 1) })).toThrow(refused('NET_SEALED_TOO_LONG'))
  })
})

describe('the key that is handed out', () => {
  it('signs and agrees, and leads to no secret', () => {
    expect(Object.keys(alice)).toEqual(['peerId', 'sign', 'agree'])
    expect(inspect(alice, { depth: 5, showHidden: true })).not.toContain('eed')
    expect([identity.sign(utf8('x')), identity.agree(new Uint8Array(32))]).toEqual([alice.sign(utf8('x')), undefined])
  })
})
