/** Whether a port can be had: by somebody else's program, by another network's settings, by the network itself. */
import { createServer, type AddressInfo, type Server } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { NetworkDetails } from '../../../node-core/manager/networks/admin-types.ts'
import { checkPeerPort, probePort } from '../../../node-core/manager/ports/port-check.ts'
import { chainSettingsSchema } from '../../../node-core/manager/kinds/chain/profile.ts'
import type { NetworkSummary, NodeState } from '../../../node-core/manager/types.ts'

function details(id: string, port: number): NetworkDetails {
  const settings = chainSettingsSchema.parse({ name: id, network: { port }, rpc: { port: port + 2 }, prometheus: { port: port + 3 } })
  return { profile: { id, kind: 'chain', chain: { kind: 'known', name: 'dev' }, folder: `/${id}`, settings }, dataPath: '', development: true, sealable: true, canValidate: true, pendingRestart: [], move: undefined }
}

function check(port: number, own?: string, { taken = [], state = 'stopped' }: { taken?: readonly number[]; state?: NodeState } = {}) {
  const admin = { list: () => [details('one', 30333), details('two', 30400)] }
  const networks = (): NetworkSummary[] => [{ id: 'one', name: 'one', kind: 'chain', screens: [], status: { state } as NetworkSummary['status'] }]
  return checkPeerPort({ admin, networks, probe: async (candidate) => (taken.includes(candidate) ? 'taken' : 'free') }, port, own)
}

describe('a port for peers', () => {
  it('is free where nobody listens and no other network is set to it or its neighbour', async () => {
    expect(await check(31000)).toEqual({ port: 31000, state: 'free', network: undefined, suggestion: undefined })
    expect(await check(30333, 'one')).toMatchObject({ state: 'free' })
  })

  it.each([30333, 30332, 30334, 30335])('%i is another network\'s, whose name and a free port are told', async (port) => {
    expect(await check(port)).toMatchObject({ state: 'network', network: 'one', suggestion: 30337 })
  })

  it('is taken where a program has it or the next one', async () => {
    expect(await check(31000, undefined, { taken: [31000] })).toMatchObject({ state: 'taken', suggestion: 30337 })
    expect(await check(31000, undefined, { taken: [31001, 30337] })).toMatchObject({ state: 'taken', suggestion: 30339 })
  })

  it('is no obstacle to itself while its own node listens there', async () => {
    expect(await check(30333, 'one', { taken: [30333, 30334] })).toMatchObject({ state: 'taken' })
    expect(await check(30333, 'one', { taken: [30333, 30334], state: 'running' })).toMatchObject({ state: 'free' })
  })
})

describe('looking at the system', () => {
  let server: Server | undefined
  afterEach(() => new Promise((resolve) => (server === undefined ? resolve(undefined) : server.close(resolve))))

  it.each(['127.0.0.1', '0.0.0.0'])('sees who listens at %s', async (host) => {
    const listening = createServer()
    server = listening
    await new Promise<void>((resolve) => listening.listen(0, host, resolve))
    const { port } = listening.address() as AddressInfo
    expect(await probePort(port)).toBe('taken')
    await new Promise((resolve) => listening.close(resolve))
    server = undefined
    expect(await probePort(port)).toBe('free')
  })
})
