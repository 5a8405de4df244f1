/** Ports that two networks, or one network for two things, would want. */
import { describe, expect, it } from 'vitest'
import { chainSettingsSchema } from '../../../node-core/manager/kinds/chain/profile.ts'
import type { NetworkProfile } from '../../../node-core/manager/kinds/table.ts'
import { clashesOf, portHolder, requireNoNewClash } from '../../../node-core/manager/ports/clashes.ts'
import type { NetworkSummary, NodeState } from '../../../node-core/manager/types.ts'
import { portClash } from '../../../renderer/text/port-clash.ts'

function profile(id: string, [port, rpc, metrics]: readonly [number, number, number], { enabled = true, listenAddrs = [] as string[] } = {}): NetworkProfile {
  const settings = chainSettingsSchema.parse({ name: id, network: { port, listenAddrs }, rpc: { port: rpc }, prometheus: { enabled, port: metrics } })
  return { id, kind: 'chain', chain: { kind: 'known', name: 'dev' }, folder: `/${id}`, settings }
}
const running = (id: string, state: NodeState = 'running'): NetworkSummary => ({ id, name: id, kind: 'chain', screens: [], status: { state } as NetworkSummary['status'] })

const ONE = profile('one', [30333, 9944, 9615])

describe('ports within one network', () => {
  it.each([
    ['wallets and peers', [30333, 30333, 9615], 'rpc', 30333],
    ['wallets and the second port for peers', [30333, 30334, 9615], 'rpc', 30334],
    ['metrics and wallets', [30333, 9944, 9944], 'metrics', 9944],
  ] as const)('%s are not the same', (_what, ports, purpose, port) => {
    expect(clashesOf(profile('one', ports), [])).toMatchObject([{ purpose, port, other: { network: 'one' } }])
  })

  it('that the system chooses, that are not served, or that addresses replace are no matter', () => {
    expect(clashesOf(profile('one', [0, 0, 0]), [])).toEqual([])
    expect(clashesOf(profile('one', [30333, 9944, 9944], { enabled: false }), [])).toEqual([])
    expect(clashesOf(profile('one', [9944, 9944, 9615], { listenAddrs: ['/ip4/127.0.0.1/tcp/30333'] }), [])).toEqual([])
  })
})

describe('ports of two networks', () => {
  it('are told with the other one and its purpose', () => {
    expect(clashesOf(profile('two', [30334, 9945, 9616]), [ONE])).toMatchObject([{ purpose: 'peers', port: 30334, other: { network: 'one', purpose: 'peers' } }])
    expect(clashesOf(profile('two', [30400, 9615, 9616]), [ONE])).toMatchObject([{ purpose: 'rpc', port: 9615, other: { network: 'one', purpose: 'metrics' } }])
    expect(clashesOf(ONE, [ONE])).toEqual([])
  })
})

describe('a change of settings', () => {
  it('that brings a clash is refused with a sentence', () => {
    expect(() => requireNoNewClash(ONE, profile('one', [30333, 30333, 9615]), [ONE])).toThrow('Port 30333 for wallets and apps is the port for peers of one.')
  })

  it('of something else is possible where there was a clash before', () => {
    const both = [ONE, profile('two', [30333, 9945, 9616])]
    const [, two] = both as [NetworkProfile, NetworkProfile]
    expect(() => requireNoNewClash(two, { ...two, settings: { ...two.settings, name: 'other' } }, both)).not.toThrow()
    expect(() => requireNoNewClash(two, profile('two', [30333, 9944, 9616]), both)).toThrow('wallets')
  })
})

describe('a port that is in use', () => {
  it('is our own other network’s where that one runs, or the same network’s for something else', () => {
    const two = profile('two', [30400, 9944, 9616])
    expect(portHolder([ONE, two], [running('one'), running('two', 'failed')], 'two', 9944)).toBe('one')
    expect(portHolder([ONE, two], [running('one', 'stopped')], 'two', 9944)).toBeUndefined()
    expect(portHolder([profile('one', [30333, 30333, 9615])], [running('one', 'failed')], 'one', 30333)).toBe('one')
    expect(portHolder([ONE], [running('one', 'failed')], 'one', 30333)).toBeUndefined()
  })
})

describe('beside the field', () => {
  const details = (of: NetworkProfile) => ({ profile: of, dataPath: '', development: true, sealable: true, canValidate: true, pendingRestart: [], move: undefined })
  const told = (path: string, value: unknown) => portClash(path, value, 'two', profile('two', [30400, 9950, 9616]).settings, [details(ONE)])

  it('the same is told before anything is sent', () => {
    expect(told('rpc.port', 30401)).toBe("Port 30401 is this network's port for peers.")
    expect(told('network.port', 9944)).toBe('Port 9944 is the port for wallets and apps of one.')
    expect(told('network.port', 9943)).toBe('Port 9944 is the port for wallets and apps of one.')
    expect(told('prometheus.port', 9950)).toContain('wallets and apps')
    expect([told('rpc.port', 9999), told('rpc.port', 0), told('network.inPeers', 9944), told('rpc.port', 'x')]).toEqual([undefined, undefined, undefined, undefined])
  })
})
