/** Threads whose end was asked for: the crypto worker and the explorer's decoder end without a word in the log. */
import { expect, test } from 'vitest'
import { systemClock } from '../../../node-core/base/clock.ts'
import { silentLogger, type Logger } from '../../../node-core/base/logger.ts'
import { CryptoWorker } from '../../../node-core/crypto/worker/crypto-worker.ts'
import { ed25519PublicKey, ed25519Sign } from '../../../node-core/crypto/ed25519/ed25519.ts'
import { DecoderThread } from '../../../node-core/chain/explorer/decoder-thread.ts'

function listening(): { logger: Logger; complaints: string[] } {
  const complaints: string[] = []
  const complain = (message: string) => void complaints.push(message)
  return { logger: { ...silentLogger, error: complain, warn: complain }, complaints }
}

/** What a thread says last, and its end, have been delivered. */
const settled = () => new Promise((resolve) => setImmediate(resolve))

test('the crypto worker', async () => {
  const { logger, complaints } = listening()
  const crypto = new CryptoWorker({ logger })
  await crypto.start()
  const [seed, message] = [new Uint8Array(32).fill(1), Uint8Array.of(1)]
  const check = { signature: ed25519Sign(seed, message), message, publicKey: ed25519PublicKey(seed) }
  expect(await crypto.verifyEd25519([check])).toEqual([true])
  const last = crypto.verifyEd25519([check])
  const outcome = expect(last).rejects.toMatchObject({ code: 'CRYPTO_STOPPED' })
  await crypto.stop()
  await outcome
  await settled()
  expect(complaints).toEqual([])
})

test('the decoder of the explorer', async () => {
  const { logger, complaints } = listening()
  const decoder = new DecoderThread({ clock: systemClock, logger }, { addressPrefix: 42, isPublic: false })
  decoder.start()
  const task = { kind: 'nothing of the kind' } as never
  const outcome = expect(decoder.run(task)).rejects.toMatchObject({ code: 'EXPLORER_STOPPED' })
  await decoder.stop()
  await outcome
  await settled()
  expect(complaints).toEqual([])
})
