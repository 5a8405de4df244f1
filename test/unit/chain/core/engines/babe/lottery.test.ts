/** Who may author in a slot: thresholds, draws, and the author of a secondary slot. */
import { describe, expect, it } from 'vitest'
import { fromHex, type Hash } from '../../../../../../node-core/base/bytes.ts'
import { calculateThreshold, powerOfFraction, secondaryAuthor } from '../../../../../../node-core/chain/core/engines/babe/lottery.ts'
import { drawSlot } from '../../../../../../node-core/crypto/worker/slot-crypto.ts'
import { devAccount } from '../../../../../../node-core/crypto/keys/dev-accounts.ts'
import { bytes32 } from './chain.ts'

const BEFORE_ANY: Hash = bytes32(0)

describe('the lottery', () => {
  it('raises to a fraction as exactly as a double can say', () => {
    for (const [base, exponent] of [[0.75, 1 / 3], [0.5, 0.5], [0.99, 1e-6], [0.3, 0.123456], [0.75, 1 / 297], [1e-9, 0.7]] as const) {
      const exact = powerOfFraction(base, exponent)
      expect(Math.abs(exact - Math.pow(base, exponent))).toBeLessThanOrEqual(exact * Number.EPSILON)
    }
    // Values rounded from 60 digits: 0.75^(1/3) and 0.5^0.5.
    expect(powerOfFraction(0.75, 1 / 3)).toBe(0.9085602964160698)
    expect(powerOfFraction(0.5, 0.5)).toBe(Math.SQRT1_2)
    expect(powerOfFraction(0, 0.3)).toBe(0)
    expect(powerOfFraction(0.7, 1)).toBe(0.7)
  })

  it('computes thresholds as floor(2^128 * p) of the double p', () => {
    expect(calculateThreshold([1, 4], 1n, 1n)).toBe(1n << 126n)
    expect(calculateThreshold([1, 2], 3n, 3n)).toBe(1n << 127n)
    expect(calculateThreshold([1, 1], 1n, 5n)).toBe((1n << 128n) - 1n)
    expect(calculateThreshold([0, 1], 1n, 5n)).toBe(0n)
    const third = calculateThreshold([1, 4], 1n, 3n)
    expect(third).toBe(BigInt((1 - 0.9085602964160698) * 2 ** 53) << 75n)
    // The same share of weight, the same threshold.
    expect(calculateThreshold([1, 4], 10n, 30n)).toBe(third)
    expect(calculateThreshold([1, 4], 2n, 3n)).toBeGreaterThan(third)
  })

  it('draws primaries as often as the constant says', () => {
    const secret = devAccount('//Alice').sr25519.secret.reveal()
    const threshold = calculateThreshold([1, 4], 1n, 1n)
    let wins = 0
    for (let slot = 0; slot < 160; slot++) {
      if (drawSlot(secret, { slot, epochIndex: 3, randomness: fromHex(bytes32(5)) }).score < threshold) wins++
    }
    expect(wins).toBeGreaterThan(20)
    expect(wins).toBeLessThan(65)
  })

  it('gives secondary slots to everybody in turn by hash', () => {
    const seen = new Set<number>()
    for (let slot = 0; slot < 60; slot++) seen.add(secondaryAuthor(slot, 4, BEFORE_ANY))
    expect([...seen].sort()).toEqual([0, 1, 2, 3])
    expect(secondaryAuthor(99, 1, BEFORE_ANY)).toBe(0)
    expect(secondaryAuthor(5, 7, bytes32(1))).toBe(secondaryAuthor(5, 7, bytes32(1)))
  })
})
