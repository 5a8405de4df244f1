/** Batches of ed25519 signatures, in this thread and in the crypto worker. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { silentLogger } from '../../../node-core/base/logger.ts'
import { CryptoWorker } from '../../../node-core/crypto/worker/crypto-worker.ts'
import { ed25519PublicKey, ed25519Sign } from '../../../node-core/crypto/ed25519/ed25519.ts'
import { inThreadBatchVerifier, type BatchVerifier, type SignatureCheck } from '../../../node-core/crypto/ed25519/ed25519-batch.ts'

const CHECKS: readonly SignatureCheck[] = Array.from({ length: 40 }, (_, i) => {
  const seed = new Uint8Array(32).fill(i + 1)
  const message = new Uint8Array(53).fill(i)
  return { signature: ed25519Sign(seed, message), message, publicKey: ed25519PublicKey(seed) }
})
const BAD = [3, 17, 39]
const checks = CHECKS.map((check, i) => (BAD.includes(i) ? { ...check, message: check.message.map((byte) => byte ^ 1) } : check))

describe('a batch of ed25519 signatures', () => {
  const worker = new CryptoWorker({ logger: silentLogger })
  beforeAll(() => worker.start())
  afterAll(() => worker.stop())
  const verifiers: readonly (readonly [string, BatchVerifier])[] = [['this thread', inThreadBatchVerifier], ['the worker', worker]]

  for (const [where, verifier] of verifiers) {
    it(`is judged one by one, in order, in ${where}`, async () => {
      const verdicts = await verifier.verifyEd25519(checks)
      expect(verdicts.flatMap((isGood, i) => (isGood ? [] : [i]))).toEqual(BAD)
      expect(verdicts).toHaveLength(CHECKS.length)
      expect(await verifier.verifyEd25519([])).toEqual([])
    })
  }

  it('has messages of one length', async () => {
    const [first, second] = CHECKS as [SignatureCheck, SignatureCheck]
    await expect(inThreadBatchVerifier.verifyEd25519([first, { ...second, message: new Uint8Array(5) }])).rejects.toThrow(RangeError)
  })

  it('is not judged by a worker that has stopped', async () => {
    const stopped = new CryptoWorker({ logger: silentLogger })
    await expect(stopped.verifyEd25519(checks)).rejects.toMatchObject({ code: 'CRYPTO_STOPPED' })
  })
})
