/** When a thread that moves much collects, and that the young generation's buffers go with it. */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { BufferKeeper, OLD_BYTES, YOUNG_BYTES } from '../../../node-core/base/buffers.ts'
import type { YoungBuffers } from '../../helpers/young-buffers-thread.ts'

const MB = 1024 * 1024

describe('a thread', () => {
  /** `live` is what no collection frees, `old` what only one of all does. */
  function setUp() {
    const state = { young: 0, old: 0, live: 20 * MB }
    const did: string[] = []
    const keeper = new BufferKeeper({
      bufferBytes: () => state.young + state.old + state.live,
      collectYoung: () => (did.push('young'), (state.young = 0)),
      collectAll: () => (did.push('all'), (state.young = state.old = 0)),
    })
    keeper.look()
    did.length = 0
    return (change: Partial<typeof state>): readonly string[] => {
      Object.assign(state, change)
      keeper.look()
      return did.splice(0)
    }
  }

  it('collects its young generation for so many bytes of dead buffers, and not before', () => {
    const look = setUp()
    expect(look({ young: YOUNG_BYTES - 1 })).toEqual([])
    expect(look({ young: YOUNG_BYTES })).toEqual(['young'])
    expect(look({ young: YOUNG_BYTES })).toEqual(['young'])
  })

  it('collects all where what stays has become much', () => {
    const look = setUp()
    for (let old = YOUNG_BYTES; old < OLD_BYTES - 20 * MB; old += YOUNG_BYTES) expect(look({ old })).toEqual(['young'])
    expect(look({ old: OLD_BYTES })).toEqual(['young', 'all'])
    expect(look({ old: YOUNG_BYTES })).toEqual(['young'])
  })

  it('does nothing over and over for what lives', () => {
    const look = setUp()
    expect(look({ live: 500 * MB })).toEqual(['young', 'all'])
    expect([look({}), look({ young: MB })]).toEqual([[], []])
    expect(look({ live: 10 * MB, young: 0 })).toEqual([])
    expect(look({ young: YOUNG_BYTES })).toEqual(['young'])
  })
})

it('frees buffers that died young by collections of the young alone', async () => {
  const thread = new Worker(new URL('../../helpers/young-buffers-thread.ts', import.meta.url))
  try {
    const [{ grown, left }] = (await once(thread, 'message')) as [YoungBuffers]
    expect(grown).toBeGreaterThan(5_000_000)
    expect(left).toBeLessThan(2_000_000)
  } finally {
    await thread.terminate()
  }
})
