import { describe, expect, it } from 'vitest'
import type { Hash } from '../../../../node-core/base/bytes.ts'
import { blake2Hash } from '../../../../node-core/crypto/hashes/hashing.ts'
import { AnnounceWaves } from '../../../../node-core/chain/protocols/announce-waves.ts'
import { randomFrom } from '../sync/world.ts'

const hashOf = (number: number): Hash => blake2Hash(Uint8Array.of(number & 0xff, number >> 8))
const GENESIS = hashOf(0)

function wavesWith(peers: number, self = 'us'): { waves: AnnounceWaves; names: string[] } {
  const waves = new AnnounceWaves({ self: () => self, random: randomFrom(3) })
  const names = Array.from({ length: peers }, (_, i) => `peer${i}`)
  for (const name of names) waves.connected(name, GENESIS, false)
  return { waves, names }
}

/** The peers are told of blocks and ask for none: they have other sources. */
function learnIndependence({ waves }: { waves: AnnounceWaves }, blocks = 20): void {
  for (let i = 0; i < blocks; i++) waves.everybody(hashOf(10_000 + i))
}

describe('waves of announcements', () => {
  it('tell nobody twice, and nobody who told us, of the block or of its child', () => {
    const { waves, names } = wavesWith(20)
    waves.heard('peer3', hashOf(1), GENESIS)
    waves.heard('peer4', hashOf(2), hashOf(1))
    const told = [...waves.first(hashOf(1)), ...waves.rest(hashOf(1)), ...waves.everybody(hashOf(1))]
    expect([...told].sort()).toEqual(names.filter((name) => name !== 'peer3' && name !== 'peer4').sort())
    expect(waves.hasUnaware(hashOf(1))).toBe(false)
    expect([waves.heard('peer5', hashOf(1), GENESIS), waves.heard('stranger', hashOf(1), GENESIS)]).toEqual([false, false])
  })

  it('reach few peers at once, and a handful all at once', () => {
    const many = wavesWith(20)
    const sizes = Array.from({ length: 50 }, (_, i) => many.waves.first(hashOf(i + 1)).length)
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(2)
    expect(sizes.reduce((sum, size) => sum + size, 0) / sizes.length).toBeLessThan(12)
    expect(wavesWith(5).waves.first(hashOf(1)).length).toBe(5)
  })

  it('have one end of each link speak first', () => {
    for (let i = 1; i <= 40; i++) {
      const here = wavesWith(0, 'a').waves
      const there = wavesWith(0, 'b').waves
      for (let n = 0; n < 6; n++) {
        here.connected(`x${n}`, GENESIS, false)
        there.connected(`x${n}`, GENESIS, false)
      }
      here.connected('b', GENESIS, false)
      there.connected('a', GENESIS, false)
      const speaks = [here.first(hashOf(i)).includes('b'), there.first(hashOf(i)).includes('a')]
      // Where a wave is small, others are told by chance as well.
      expect(speaks).not.toEqual([false, false])
    }
  })

  it('tell the rest of a block that comes from one side alone: it may depend on us', () => {
    const world = wavesWith(20)
    learnIndependence(world)
    world.waves.heard('peer0', hashOf(1), GENESIS)
    expect([...world.waves.first(hashOf(1)), ...world.waves.rest(hashOf(1))].length).toBe(19)
  })

  it('leave out some of those who live without us where a block spreads, and never the same for long', () => {
    const world = wavesWith(20)
    learnIndependence(world)
    const told = new Map<string, number>()
    for (let i = 1; i <= 40; i++) {
      for (const teller of ['peer0', 'peer1']) world.waves.heard(teller, hashOf(i), hashOf(i - 1))
      for (const peer of [...world.waves.first(hashOf(i)), ...world.waves.rest(hashOf(i))]) told.set(peer, (told.get(peer) ?? 0) + 1)
    }
    const counts = world.names.slice(2).map((name) => told.get(name) ?? 0)
    expect(Math.max(...counts)).toBeLessThan(32)
    expect(Math.min(...counts)).toBeGreaterThan(8)
    expect(world.waves.everybody(hashOf(40)).length).toBeGreaterThan(0)
  })

  it('never leave out who asks us for blocks, nor light clients, who ask nobody', () => {
    const world = wavesWith(20)
    world.waves.connected('light', GENESIS, true)
    learnIndependence(world)
    for (let i = 1; i <= 40; i++) {
      for (const teller of ['peer0', 'peer1']) world.waves.heard(teller, hashOf(i), hashOf(i - 1))
      const told = [...world.waves.first(hashOf(i)), ...world.waves.rest(hashOf(i))]
      if (told.includes('peer7')) world.waves.asked('peer7', hashOf(i))
      expect(told).toContain('light')
      // It was thought to live without us, and asked twice in a row.
      if (i > 8) expect(told).toContain('peer7')
    }
  })

  it('count a question once, and none for what the peer was not told', () => {
    const world = wavesWith(20)
    learnIndependence(world)
    for (let i = 0; i < 20; i++) {
      world.waves.asked('peer7', hashOf(10_000))
      world.waves.asked('peer7', hashOf(9_999))
    }
    let leftOut = 0
    for (let i = 1; i <= 40; i++) {
      for (const teller of ['peer0', 'peer1']) world.waves.heard(teller, hashOf(i), hashOf(i - 1))
      if (![...world.waves.first(hashOf(i)), ...world.waves.rest(hashOf(i))].includes('peer7')) leftOut++
    }
    expect(leftOut).toBeGreaterThan(5)
  })

  it('forget who is gone', () => {
    const { waves } = wavesWith(1)
    waves.disconnected('peer0')
    waves.asked('peer0', GENESIS)
    expect([waves.first(hashOf(1)), waves.hasUnaware(hashOf(1))]).toEqual([[], false])
  })
})
