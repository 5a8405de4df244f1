import { describe, expect, test } from 'vitest'
import { FakeClock } from '../../../node-core/base/clock.ts'
import { Admission, type Arrival } from '../../../node-core/network/peers/admission.ts'

class Socket implements Arrival {
  reason: string | undefined
  #onClose: (() => void) | undefined

  abort(reason: Error): void {
    this.reason = reason.message
    this.close()
  }

  close(): void {
    this.#onClose?.()
  }

  addEventListener(_type: 'close', listener: () => void): void {
    this.#onClose = listener
  }
}

const clock = new FakeClock()
const door = (maxPending: number) => new Admission(clock, { maxPending, rate: { perSecond: 2, burst: 3 } })

describe('the door', () => {
  test('is never full for one more: the subnet that waits most makes room, its oldest first', () => {
    const admission = door(4)
    const crowd = [1, 2, 3].map((n) => ({ ip: `198.51.100.${n}`, socket: new Socket() }))
    const lonely = new Socket()
    expect(admission.admits(lonely, '192.0.2.1')).toBe(true)
    for (const { ip, socket } of crowd) expect(admission.admits(socket, ip)).toBe(true)
    expect(admission.admits(new Socket(), '203.0.113.5')).toBe(true)
    expect(admission.pending).toBe(4)
    expect([lonely, ...crowd.map(({ socket }) => socket)].map(({ reason }) => reason)).toEqual([undefined, 'others are waiting', undefined, undefined])
  })

  test('forgets who said who it is, and who went away', () => {
    const admission = door(2)
    const [quick, gone] = [new Socket(), new Socket()]
    admission.admits(quick, '127.0.0.1')
    admission.admits(gone, '127.0.0.1')
    admission.settle(quick)
    gone.close()
    expect(admission.pending).toBe(0)
    for (let i = 0; i < 10; i++) admission.admits(new Socket(), '127.0.0.1')
    expect([quick.reason, gone.reason, admission.pending]).toEqual([undefined, undefined, 2])
  })

  test('opens for one address only so often, and for this computer always', () => {
    const admission = door(100)
    const count = (ip: string) => Array.from({ length: 10 }, () => admission.admits(new Socket(), ip)).filter(Boolean).length
    expect(['192.0.2.1', '192.0.2.2', '127.0.0.1', '::1'].map(count)).toEqual([3, 3, 10, 10])
    // In IPv6 a subscriber has as many addresses as it likes, and a site as many subscribers.
    expect(['2001:db8:1:1::1', '2001:db8:1:1::2', '2001:db8:1:2::1', '2001:db8:1:3::1', '2001:db8:1:4::1', '2001:db8:1:5::1'].map(count)).toEqual([3, 0, 3, 3, 3, 0])
    clock.advance(1000)
    expect(count('192.0.2.1')).toBe(2)
  })
})
