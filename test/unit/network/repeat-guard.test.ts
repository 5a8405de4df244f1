import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../node-core/base/bytes.ts'
import { FakeClock } from '../../../node-core/base/clock.ts'
import type { RequestSpec } from '../../../node-core/network/contracts.ts'
import { AMPLE } from '../../helpers/network.ts'
import { RepeatGuard } from '../../../node-core/network/requests/repeat-guard.ts'
import { WARP_SPEC } from '../../../node-core/chain/core/engines/grandpa/proofs/warp.ts'
import { LIGHT_SPEC, STATE_SPEC, SYNC_SPEC } from '../../../node-core/chain/protocols/requests/index.ts'

const QUESTION = utf8('block 5')

describe('the same question to the same peer', () => {
  it.each([SYNC_SPEC, STATE_SPEC, WARP_SPEC, LIGHT_SPEC])('goes out once within a minute ($protocol)', (spec) => {
    const clock = new FakeClock(1000)
    const guard = new RepeatGuard(clock)
    expect(guard.pass('a', spec, QUESTION)).toBe(true)
    expect(guard.pass('a', spec, QUESTION)).toBe(false)
    clock.advance(60_000)
    expect(guard.pass('a', spec, QUESTION)).toBe(false)
    clock.advance(10_000)
    expect(guard.pass('a', spec, QUESTION)).toBe(true)
  })

  it('is another one to another peer, in other words, and in another protocol', () => {
    const guard = new RepeatGuard(new FakeClock())
    const passes: boolean[] = []
    for (const peer of ['a', 'b']) for (const words of ['block 5', 'block 6']) for (const spec of [SYNC_SPEC, STATE_SPEC]) passes.push(guard.pass(peer, spec, utf8(words)))
    expect(passes).toEqual(new Array<boolean>(8).fill(true))
  })

  it('may be asked at any time where the protocol does not mind', () => {
    const guard = new RepeatGuard(new FakeClock())
    const spec: RequestSpec = { protocol: '/echo/1', maxRequestBytes: 10, maxResponseBytes: 10, timeoutMs: 10, perMinute: 10, budget: AMPLE }
    expect([1, 2, 3].map(() => guard.pass('a', spec, QUESTION))).toEqual([true, true, true])
  })
})
