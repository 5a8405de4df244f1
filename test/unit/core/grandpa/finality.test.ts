/** The chain may fail to finalize for a passing reason; finality must not need a higher block to go on. */
import { describe, expect, it } from 'vitest'
import { FakeClock } from '../../../../node-core/base/clock.ts'
import { Emitter } from '../../../../node-core/base/events.ts'
import { silentLogger } from '../../../../node-core/base/logger.ts'
import { Finality } from '../../../../node-core/core/finality.ts'
import type { GrandpaMessage } from '../../../../node-core/core/grandpa/messages.ts'
import { devAccount } from '../../../../node-core/crypto/dev-accounts.ts'
import { developmentKeystore } from '../../../../node-core/crypto/keystore.ts'
import { toHex } from '../../../../node-core/base/bytes.ts'
import type { Header } from '../../../../node-core/scale/header.ts'
import type { AuxEntry, BlockStateEvents, BlockStateReader, StateWriter } from '../../../../node-core/state/types.ts'
import { Aux, Blocks, GENESIS, child, hashOf } from './world.ts'

const key = toHex(devAccount('//Alice').ed25519.publicKey)

/** A node of one authority on a chain of five blocks, whose disk can be made to fail. */
class SmallNode {
  readonly clock = new FakeClock(1_000_000)
  readonly blocks = new Blocks()
  readonly aux = new Aux()
  readonly heard: GrandpaMessage[] = []
  readonly finality: Finality
  /** How many writes of each kind are yet to fail. */
  failing = { finalize: 0, store: 0 }
  tried = 0

  constructor() {
    let header: Header = GENESIS
    for (let number = 1; number <= 5; number++) this.blocks.import((header = child(header)))
    const blocks = Object.assign(this.blocks, { events: new Emitter<BlockStateEvents>() }) as unknown as BlockStateReader
    const writer: StateWriter = {
      getAux: this.aux.getAux,
      importBlock: () => Promise.reject(new Error('not here')),
      putAux: async (entries) => this.#write('store', entries),
      finalize: async (hash, _justification, entries = []) => {
        this.tried++
        this.#write('finalize', entries)
        this.blocks.finalize({ hash, number: (this.blocks.header(hash) as Header).number })
      },
    }
    const { clock } = this
    const keystore = developmentKeystore(['Alice'])
    this.finality = new Finality(
      { blocks, writer, keystore, clock, logger: silentLogger, exclusive: (task) => task(), prunable: () => [] },
      { genesisAuthorities: [{ key, weight: 1 }], vote: true },
    )
    this.finality.gossip.on('message', ({ message }) => this.heard.push(message))
  }

  #write(kind: 'finalize' | 'store', entries: readonly AuxEntry[]): void {
    if (this.failing[kind] > 0) {
      this.failing[kind]--
      throw new Error('the disk is full')
    }
    this.aux.write(entries)
  }

  async advance(seconds: number): Promise<void> {
    for (let i = 0; i < seconds; i++) {
      this.clock.advance(1000)
      await this.finality.idle()
    }
  }
}

describe('finality', () => {
  it('tries the same block again after a pause that doubles, and goes on', async () => {
    const node = new SmallNode()
    await node.finality.start()
    node.failing.finalize = 2
    // It precommits after four seconds; tries again two seconds later, and then four.
    await node.advance(5)
    expect([node.tried, node.blocks.finalized().number]).toEqual([1, 0])
    await node.advance(1)
    expect([node.tried, node.blocks.finalized().number]).toEqual([2, 0])
    await node.advance(3)
    expect(node.tried).toBe(2)
    await node.advance(1)
    expect([node.tried, node.blocks.finalized()]).toEqual([3, { number: 3, hash: expect.any(String) as string }])
    await node.advance(60)
    expect(node.tried).toBe(3)
    await node.finality.stop()
  })

  it('does not keep votes to itself because a block could not be finalized', async () => {
    const node = new SmallNode()
    await node.finality.start()
    node.failing.finalize = Number.POSITIVE_INFINITY
    await node.advance(5)
    const rounds = node.heard.flatMap((message) => (message.type === 'neighbor' ? [message.round] : []))
    expect(rounds).toContain(2)
    expect(node.heard.some((message) => message.type === 'commit')).toBe(true)
    await node.finality.stop()
  })

  it('lets nobody hear a vote that could not be stored, and stores and tells it later', async () => {
    const node = new SmallNode()
    await node.finality.start()
    node.failing.store = 1
    await node.advance(2)
    expect(node.failing.store).toBe(0)
    expect(node.heard.filter((message) => message.type === 'vote')).toEqual([])
    await node.advance(30)
    expect(node.blocks.finalized()).toEqual({ number: 3, hash: hashOf(node.blocks.header(node.blocks.finalized().hash) as Header) })
    expect(node.heard.some((message) => message.type === 'vote')).toBe(true)
    await node.finality.stop()
  })
})
