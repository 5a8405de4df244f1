/** Crypto: the chosen parts against their counterparts in plain JavaScript. */
import { randomBytes } from 'node:crypto'
import { ed25519, ristretto255 } from '@noble/curves/ed25519.js'
import { blake2b } from '@noble/hashes/blake2.js'
import * as scure from '@scure/sr25519'
import { EMPTY } from '../../node-core/base/bytes.ts'
import { devAccount } from '../../node-core/crypto/keys/dev-accounts.ts'
import { ed25519Sign, ed25519Verify } from '../../node-core/crypto/ed25519/ed25519.ts'
import { blake2b256 } from '../../node-core/crypto/hashes/hashing.ts'
import { BASE_TABLE, ORDER, littleEndian, multiScalar, tableOf, decodePoint, encodePoint } from '../../node-core/crypto/sr25519/ristretto.ts'
import { slotTranscript, drawSlot } from '../../node-core/crypto/worker/slot-crypto.ts'
import { sr25519Sign, sr25519Verify } from '../../node-core/crypto/sr25519/sr25519.ts'
import { vrfVerify } from '../../node-core/crypto/sr25519/vrf.ts'

type Report = (name: string, ratio: number, detail: string) => void

/** Calls per second: the best of three stretches of at least `ms` each. */
function perSecond(work: () => unknown, ms = 200): number {
  let best = 0
  work()
  for (let round = 0; round < 3; round++) {
    const start = performance.now()
    let count = 0
    let elapsed = 0
    while (elapsed < ms) {
      for (let i = 0; i < 8; i++) work()
      count += 8
      elapsed = performance.now() - start
    }
    best = Math.max(best, (count / elapsed) * 1000)
  }
  return best
}

const round = (value: number): string => Math.round(value).toLocaleString('en')

export async function benchCrypto(report: Report): Promise<void> {
  const compare = (name: string, ours: () => unknown, theirs: () => unknown, counterpart: string): void => {
    const [a, b] = [perSecond(ours), perSecond(theirs)]
    report(name, a / b, `${round(a)}/s against ${round(b)}/s (${counterpart})`)
  }
  const alice = devAccount('//Alice')
  const secret = alice.sr25519.secret.reveal()
  const seed = alice.ed25519.secret.reveal()
  const message = new Uint8Array(randomBytes(150))
  const half = new Uint8Array(randomBytes(500))

  compare('blake2b-256 of 500 bytes', () => blake2b256(half), () => blake2b(half, { dkLen: 32 }), '@noble/hashes')
  const sr = sr25519Sign(secret, message)
  compare(
    'sr25519 verify',
    () => sr25519Verify(sr, message, alice.sr25519.publicKey),
    () => scure.verify(message, sr, alice.sr25519.publicKey),
    '@scure/sr25519',
  )
  compare('sr25519 sign', () => sr25519Sign(secret, message), () => scure.sign(secret, message), '@scure/sr25519')
  const ed = ed25519Sign(seed, message)
  compare(
    'ed25519 verify',
    () => ed25519Verify(ed, message, alice.ed25519.publicKey),
    () => ed25519.verify(ed, message, alice.ed25519.publicKey),
    '@noble/curves',
  )
  compare('ed25519 sign', () => ed25519Sign(seed, message), () => ed25519.sign(message, seed), '@noble/curves')

  const input = { slot: 12345, epochIndex: 7, randomness: new Uint8Array(32).fill(3) }
  const { vrf } = drawSlot(secret, input)
  const theirVrf = scure.vrf.sign(message, secret, EMPTY, EMPTY)
  compare(
    'VRF verify',
    () => vrfVerify(alice.sr25519.publicKey, slotTranscript(input), vrf),
    () => scure.vrf.verify(message, theirVrf, alice.sr25519.publicKey, EMPTY, EMPTY),
    '@scure/sr25519',
  )
  compare(
    'VRF sign and draw',
    () => drawSlot(secret, input),
    () => scure.vrf.sign(message, secret, EMPTY, EMPTY),
    '@scure/sr25519, without drawing',
  )
  const point = alice.sr25519.publicKey
  const decoded = decodePoint(point)
  const c = littleEndian(new Uint8Array(randomBytes(32))) % ORDER
  const noblePoint = ristretto255.Point.fromBytes(point)
  if (decoded !== undefined) {
    compare(
      'two scalars times two points, encoded',
      () => encodePoint(multiScalar([[c, tableOf(decoded)], [c, BASE_TABLE]])),
      () => noblePoint.multiplyUnsafe(c).add(ristretto255.Point.BASE.multiplyUnsafe(c)).toBytes(),
      '@noble/curves, variable time',
    )
  }
}
