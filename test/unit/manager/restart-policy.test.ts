import { describe, expect, it } from 'vitest'
import { MOST_RESTARTS, needsPerson, RESTART_WINDOW_MS, RestartPolicy } from '../../../node-core/manager/watch/restart-policy.ts'
import { NEEDS_PERSON } from '../../../node-core/manager/kinds/chain/troubles.ts'

describe('restarting a node that fails', () => {
  it('waits longer each time, and stops after five times in ten minutes', () => {
    const policy = new RestartPolicy()
    const waits = Array.from({ length: 7 }, (_, i) => policy.next(i * 60_000))
    expect(waits).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, undefined, undefined])
    expect(policy.attempts(7 * 60_000)).toBe(MOST_RESTARTS)
  })

  it('forgets what is long ago', () => {
    const policy = new RestartPolicy()
    for (let i = 0; i < 5; i++) policy.next(0)
    expect(policy.next(RESTART_WINDOW_MS - 1)).toBeUndefined()
    expect(policy.next(RESTART_WINDOW_MS)).toBe(2_000)
  })

  it('begins anew where a person started it', () => {
    const policy = new RestartPolicy()
    for (let i = 0; i < 6; i++) policy.next(0)
    policy.reset()
    expect(policy.next(1)).toBe(2_000)
  })

  it('leaves to a person what a person must mend', () => {
    const isFor = (code: string): boolean => needsPerson(code, NEEDS_PERSON)
    expect(['RPC_PORT_IN_USE', 'STATE_DB_LOCKED', 'STATE_DB_CORRUPT', 'DISK_FULL'].filter(isFor)).toHaveLength(4)
    expect(['INTERNAL', 'STATE_DB_FAILED', 'RUNTIME_TRAP'].filter(isFor)).toEqual([])
    expect(needsPerson('RPC_PORT_IN_USE', [])).toBe(false)
  })
})
