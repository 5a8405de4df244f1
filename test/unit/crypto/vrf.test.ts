import { describe, expect, it } from 'vitest'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import * as scure from '@scure/sr25519'
import { ristretto255, ristretto255_hasher } from '@noble/curves/ed25519.js'
import { concatBytes, fromHex, toHex, utf8 } from '../../../node-core/base/bytes.ts'
import { silentLogger } from '../../../node-core/base/logger.ts'
import { CryptoWorker } from '../../../node-core/crypto/worker/crypto-worker.ts'
import { devAccount } from '../../../node-core/crypto/keys/dev-accounts.ts'
import { blake2b256 } from '../../../node-core/crypto/hashes/hashing.ts'
import { Transcript, signingTranscript } from '../../../node-core/crypto/sr25519/merlin.ts'
import {
  BASE_TABLE, FIELD, ORDER, decodePoint, encodePoint, multiScalar, pointFromUniform, tableOf, toLittleEndian,
} from '../../../node-core/crypto/sr25519/ristretto.ts'
import { checkHeaderProofs, drawSlot, inThreadSlotCrypto, slotTranscript, type SlotDraw } from '../../../node-core/crypto/worker/slot-crypto.ts'
import { sr25519FromSeed, sr25519PublicKey } from '../../../node-core/crypto/sr25519/sr25519.ts'
import { vrfBytes, vrfSign, vrfVerify } from '../../../node-core/crypto/sr25519/vrf.ts'
import { decodeDigest, encodeHeader, splitSeal, type Header } from '../../../node-core/chain/scale/header.ts'

const random = (size: number): Uint8Array => new Uint8Array(randomBytes(size))
const scalar = (): bigint => BigInt(toHex(random(40))) % ORDER

describe('ristretto255', () => {
  it('has the small multiples of the base point of RFC 9496, appendix A.1', () => {
    const expected = [
      '0000000000000000000000000000000000000000000000000000000000000000',
      'e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76',
      '6a493210f7499cd17fecb510ae0cea23a110e8d5b901f8acadd3095c73a3b919',
      '94741f5d5d52755ece4f23f044ee27d5d1ea1e2bd196b462166b16152a9d0259',
    ]
    expected.forEach((hex, n) => expect(toHex(encodePoint(multiScalar([[BigInt(n), BASE_TABLE]])))).toBe(`0x${hex}`))
  })

  it('refuses the bad encodings that the RFC names, and agrees with noble on random ones', () => {
    const bad = [
      toLittleEndian(FIELD),
      toLittleEndian(FIELD - 1n),
      fromHex('0x26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371'),
      fromHex('0x0100000000000000000000000000000000000000000000000000000000000000'),
      new Uint8Array(32).fill(255),
      new Uint8Array(31),
    ]
    for (const bytes of bad) expect(decodePoint(bytes)).toBeUndefined()
    let points = 0
    for (let i = 0; i < 200; i++) {
      const bytes = random(32)
      bytes[0] = (bytes[0] as number) & 0xfe
      bytes[31] = (bytes[31] as number) & 0x7f
      let theirs: Uint8Array | undefined
      try {
        theirs = ristretto255.Point.fromBytes(bytes).toBytes()
      } catch {
        theirs = undefined
      }
      const ours = decodePoint(bytes)
      expect(ours === undefined).toBe(theirs === undefined)
      if (ours !== undefined) {
        points++
        expect(encodePoint(ours)).toEqual(bytes)
      }
    }
    expect(points).toBeGreaterThan(10)
  })

  it('maps uniform bytes and multiplies as noble does', () => {
    for (let i = 0; i < 30; i++) {
      const uniform = random(64)
      const point = pointFromUniform(uniform)
      const theirs = ristretto255_hasher.deriveToCurve?.(uniform) as InstanceType<typeof ristretto255.Point>
      expect(encodePoint(point)).toEqual(theirs.toBytes())
      const [a, b] = i === 0 ? [0n, ORDER - 1n] : [scalar(), scalar()]
      const sum = multiScalar([[a, tableOf(point)], [b, BASE_TABLE]])
      expect(encodePoint(sum)).toEqual(theirs.multiplyUnsafe(a).add(ristretto255.Point.BASE.multiplyUnsafe(b)).toBytes())
      expect(encodePoint(multiScalar([[b, BASE_TABLE], [a, tableOf(point, 7)]]))).toEqual(encodePoint(sum))
    }
  })
})

describe('Merlin', () => {
  it('gives the challenge of the published simple transcript', () => {
    const transcript = new Transcript('test protocol').append('some label', utf8('some data'))
    expect(toHex(transcript.challenge('challenge', 32))).toBe('0xd5a21972d0d5fe320c0d263fac7fffb8145aa640af6e9bca177c03c7efcf0615')
  })

  it('agrees with the other implementation over long and short messages', () => {
    const theirs = new scure.__tests.Merlin('protocol')
    const ours = new Transcript('protocol')
    for (const size of [0, 1, 150, 166, 167, 1000]) {
      const message = random(size)
      theirs.appendMessage('m', message)
      ours.append('m', message)
      expect(ours.challenge('c', size)).toEqual(theirs.challengeBytes('c', size))
    }
  })

  it('forks without touching the original', () => {
    const transcript = new Transcript('x').append('a', utf8('b'))
    const fork = new Transcript(transcript).append('c', utf8('d'))
    const same = new Transcript(transcript)
    expect(fork.challenge('z', 8)).not.toEqual(same.challenge('z', 8))
    expect(transcript.challenge('z', 8)).toEqual(new Transcript('x').append('a', utf8('b')).challenge('z', 8))
  })
})

describe('the VRF', () => {
  const secret = sr25519FromSeed(random(32))
  const publicKey = sr25519PublicKey(secret)
  const split = (bytes: Uint8Array) => ({ preOutput: bytes.slice(0, 32), proof: bytes.slice(32) })

  it('verifies what an independent implementation signed, and is verified by it', () => {
    for (let i = 0; i < 10; i++) {
      const [message, context] = [random(i * 20), random(i)]
      const extraBytes = i % 2 === 0 ? new Uint8Array(0) : random(7)
      const extra = new Transcript('VRF')
      if (extraBytes.length > 0) extra.append('', extraBytes)
      const theirs = scure.vrf.sign(message, secret, context, extraBytes)
      expect(vrfVerify(publicKey, signingTranscript(context, message), split(theirs), extra)).toBeDefined()
      const { signature } = vrfSign(secret, publicKey, signingTranscript(context, message), extra)
      expect(signature.preOutput).toEqual(theirs.subarray(0, 32))
      expect(scure.vrf.verify(message, concatBytes(signature.preOutput, signature.proof), publicKey, context, extraBytes)).toBe(true)
    }
  })

  it('refuses every change of signature, statement and key, and garbage without throwing', () => {
    const transcript = slotTranscript({ slot: 7, epochIndex: 1, randomness: random(32) })
    const { signature } = vrfSign(secret, publicKey, transcript)
    expect(vrfVerify(publicKey, transcript, signature)).toBeDefined()
    const other = sr25519PublicKey(sr25519FromSeed(random(32)))
    expect(vrfVerify(other, transcript, signature)).toBeUndefined()
    expect(vrfVerify(publicKey, new Transcript(transcript).append('x', utf8('y')), signature)).toBeUndefined()
    expect(vrfVerify(publicKey, transcript, signature, new Transcript('VRF2'))).toBeUndefined()
    for (let bit = 0; bit < 768; bit += 19) {
      const bytes = concatBytes(signature.preOutput, signature.proof)
      bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7))
      expect(vrfVerify(publicKey, transcript, split(bytes))).toBeUndefined()
    }
    expect(vrfVerify(publicKey, transcript, { ...signature, preOutput: new Uint8Array(32) })).toBeUndefined()
    expect(vrfVerify(random(32).fill(255), transcript, signature)).toBeUndefined()
    expect(vrfVerify(publicKey, transcript, split(new Uint8Array(5)))).toBeUndefined()
  })

  it('draws the same score from either side', () => {
    const transcript = slotTranscript({ slot: 1, epochIndex: 0, randomness: new Uint8Array(32) })
    const { signature, inOut } = vrfSign(secret, publicKey, transcript)
    const verified = vrfVerify(publicKey, transcript, signature)
    expect(verified).toEqual(inOut)
    expect(vrfBytes(inOut, 'substrate-babe-vrf', 16)).not.toEqual(vrfBytes(inOut, 'another', 16))
  })
})

describe("Polkadot's block 1", () => {
  const { header } = JSON.parse(readFileSync(new URL('../../fixtures/polkadot-block-1.json', import.meta.url), 'utf8')) as {
    header: Omit<Header, 'digest'> & { digest: `0x${string}` }
  }
  const full: Header = { ...header, digest: decodeDigest(fromHex(header.digest)) }
  const { unsealed, seal } = splitSeal(full, 'BABE') as { unsealed: Header; seal: Uint8Array }
  const pre = full.digest[0] as { data: Uint8Array }
  const publicKey = fromHex('0xfa3437b10f6e7af8f31362df3a179b991a8c56313d1bcd6307a4d0c734c1ae31')
  const check = {
    publicKey,
    sealedHash: blake2b256(encodeHeader(unsealed)),
    seal,
    vrf: {
      input: { slot: 0x0fccde93, epochIndex: 0, randomness: new Uint8Array(32) },
      signature: { preOutput: pre.data.slice(13, 45), proof: pre.data.slice(45) },
    },
  }

  it('has a valid seal and a valid VRF of epoch 0', () => {
    expect(pre.data[0]).toBe(1)
    const verdict = checkHeaderProofs(check)
    expect(verdict.sealValid).toBe(true)
    expect(verdict.score).toBeDefined()
  })

  it('has an invalid VRF for any other epoch, slot or randomness', () => {
    for (const change of [{ epochIndex: 1 }, { slot: 1 }, { randomness: new Uint8Array(32).fill(1) }]) {
      expect(checkHeaderProofs({ ...check, vrf: { ...check.vrf, input: { ...check.vrf.input, ...change } } }).score).toBeUndefined()
    }
    expect(checkHeaderProofs({ ...check, sealedHash: new Uint8Array(32) }).sealValid).toBe(false)
  })
})

describe('the crypto worker', () => {
  const alice = devAccount('//Alice').sr25519
  const input = { slot: 11, epochIndex: 2, randomness: new Uint8Array(32).fill(9) }

  it('answers as the functions themselves do, many tasks at once', async () => {
    const worker = new CryptoWorker({ logger: silentLogger })
    await worker.start()
    try {
      const hash = random(32)
      const [draws, seal] = await Promise.all(
        [Promise.all([1, 2, 3].map((slot) => worker.draw(alice.secret, { ...input, slot }))), worker.seal(alice.secret, hash)],
      )
      for (const [i, draw] of draws.entries()) expect(draw?.score).toBe(drawSlot(alice.secret.reveal(), { ...input, slot: i + 1 }).score)
      const check = {
        publicKey: alice.publicKey,
        sealedHash: hash,
        seal,
        vrf: { input: { ...input, slot: 2 }, signature: (draws[1] as SlotDraw).vrf },
      }
      expect(await worker.checkHeader(check)).toEqual({ sealValid: true, score: draws[1]?.score })
      expect(await inThreadSlotCrypto.checkHeader(check)).toEqual({ sealValid: true, score: draws[1]?.score })
      expect(await worker.checkHeader({ ...check, seal: new Uint8Array(64) })).toEqual({ sealValid: false, score: undefined })
      await expect(worker.seal({ ...alice.secret, reveal: () => new Uint8Array(3) } as typeof alice.secret, hash))
        .rejects.toMatchObject({ code: 'CRYPTO_FAILED' })
      expect((await worker.checkHeader(check)).sealValid).toBe(true)
    } finally {
      await worker.stop()
    }
  })

  it('proves what was drawn where the score is below what it is held against, and nothing else', async () => {
    const worker = new CryptoWorker({ logger: silentLogger })
    await worker.start()
    try {
      const { score } = drawSlot(alice.secret.reveal(), input)
      for (const crypto of [worker, inThreadSlotCrypto]) {
        expect([await crypto.draw(alice.secret, input, score), await crypto.draw(alice.secret, input, 0n)]).toEqual([undefined, undefined])
        const won = (await crypto.draw(alice.secret, input, score + 1n)) as SlotDraw
        expect(won.score).toBe(score)
        expect(vrfVerify(alice.publicKey, slotTranscript(input), won.vrf)).toBeDefined()
      }
    } finally {
      await worker.stop()
    }
  })

  it('settles what waits when it stops, and refuses more than its limit', async () => {
    const worker = new CryptoWorker({ logger: silentLogger }, { limit: 2 })
    await expect(worker.draw(alice.secret, input)).rejects.toMatchObject({ code: 'CRYPTO_STOPPED' })
    await worker.start()
    const waiting = [worker.draw(alice.secret, input), worker.draw(alice.secret, input), worker.draw(alice.secret, input)]
    const settled = Promise.allSettled(waiting)
    await worker.stop()
    const codes = (await settled).map((s) => (s.status === 'rejected' ? (s.reason as { code: string }).code : 'done'))
    expect(codes).toEqual(['CRYPTO_STOPPED', 'CRYPTO_STOPPED', 'CRYPTO_BUSY'])
    await worker.stop()
  })

  it('fails what it had when the thread cannot run, and says so', async () => {
    const worker = new CryptoWorker({ logger: silentLogger }, { workerUrl: new URL('data:text/javascript,process.exit(3)') })
    await worker.start()
    await expect(worker.draw(alice.secret, input)).rejects.toMatchObject({ code: 'CRYPTO_FAILED' })
    await worker.stop()
  })
})
