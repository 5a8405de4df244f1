/** QUIC as a state, and in the options of the network. */
import { describe, expect, test } from 'vitest'
import { isQuicAddress, loadQuic, quicState } from '../../../../node-core/network/host/quic.ts'
import { hostOptionsOf } from '../../../../node-core/network/options.ts'

const OPTIONS = { dataPath: '/nowhere', port: 30333 }

describe('what is told of QUIC', () => {
  test('is off where it was not asked for', () => {
    expect(quicState(undefined)).toEqual({ state: 'off' })
  })

  test('is unavailable, with the reason, where the package is not there or finds no native part', async () => {
    const loaded = await loadQuic(() => Promise.reject(new Error('Cannot find native binding.')))
    expect(quicState(loaded)).toEqual({ state: 'unavailable', why: 'not-installed', reason: `its native part is not installed for ${process.platform} on ${process.arch}` })
  })

  test('is unavailable where no socket opens', async () => {
    const loaded = await loadQuic(() =>
      Promise.resolve({
        quic: () => () => {
          throw new Error('At least one of ipv4 or ipv6 must be enabled')
        },
      }),
    )
    expect(quicState(loaded)).toEqual({ state: 'unavailable', why: 'no-socket', reason: 'it opens no UDP socket here (At least one of ipv4 or ipv6 must be enabled)' })
  })
})

describe('the addresses to listen on', () => {
  test('have QUIC on the port of TCP, where it is asked for and to be had', () => {
    const quic = ['/ip4/0.0.0.0/udp/30333/quic-v1', '/ip6/::/udp/30333/quic-v1']
    expect(hostOptionsOf({ ...OPTIONS, quic: true }, true).listen).toEqual(expect.arrayContaining(quic))
    for (const listen of [hostOptionsOf(OPTIONS).listen, hostOptionsOf(OPTIONS, true).listen, hostOptionsOf({ ...OPTIONS, quic: true }, false).listen]) {
      expect(listen.filter(isQuicAddress)).toEqual([])
      expect(listen).toContain('/ip4/0.0.0.0/tcp/30333')
    }
  })

  test('are those that were named, but for QUIC where it is not to be had', () => {
    const listenAddrs = ['/ip4/127.0.0.1/tcp/1', '/ip4/127.0.0.1/udp/2/quic-v1']
    expect(hostOptionsOf({ ...OPTIONS, quic: true, listenAddrs }, true).listen).toEqual(listenAddrs)
    expect(hostOptionsOf({ ...OPTIONS, quic: true, listenAddrs }, false).listen).toEqual(listenAddrs.slice(0, 1))
  })
})
