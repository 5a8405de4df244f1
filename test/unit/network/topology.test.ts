/** A fixed topology: what its file may say, and what a change of it leads to. */
import { chmod, mkdtemp, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FakeClock } from '../../../node-core/base/clock.ts'
import { createLogger } from '../../../node-core/base/logger.ts'
import { FixedTopology, type TopologyHost } from '../../../node-core/network/topology/fixed-topology.ts'
import { checkNetworkKey, readNetworkKey } from '../../../node-core/network/topology/network-key.ts'
import { parseTopology, readTopology } from '../../../node-core/network/topology/topology-file.ts'
import { writeNetworkKey } from '../../helpers/network-key-file.ts'

const [A, B, C] = ['12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp', '12D3KooWDFcW1hdRMU23b86f3iHqvrWMd7pv7CtDS8mpYj57TgBd', '12D3KooWAvtrW2y1mAMyVnHS9pyZpZvdWQ6mLfhHjm88LXqLKjd5'] as const
const AT = (port: number): string => `/ip4/192.0.2.1/tcp/${port}`

let folder = ''
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'nodestead-topology-'))))
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('the file', () => {
  test('lists peers with their addresses, and how long to wait', () => {
    expect(parseTopology(JSON.stringify({ peers: [{ id: A, name: 'Ada', addresses: [AT(1), `${AT(2)}/p2p/${A}`] }] }), 'f')).toEqual({
      peers: [{ id: A, name: 'Ada', addresses: [AT(1), `${AT(2)}/p2p/${A}`] }],
      longestRetrySeconds: 60,
    })
    expect(parseTopology('{"peers":[],"longestRetrySeconds":5}', 'f')).toEqual({ peers: [], longestRetrySeconds: 5 })
  })

  test.each([
    ['no JSON', 'peers: []', 'it is no JSON'],
    ['no peers', '{}', 'peers'],
    ['something else', '{"peers":[],"bootnodes":[]}', 'bootnodes'],
    ['no peer id', `{"peers":[{"id":"ada","addresses":[]}]}`, '"ada" is not a peer id'],
    ['one twice', JSON.stringify({ peers: [{ id: A, addresses: [] }, { id: A, addresses: [] }] }), 'is in it twice'],
    ['no multiaddress', JSON.stringify({ peers: [{ id: A, addresses: ['localhost:1'] }] }), '"localhost:1" is not a multiaddress'],
    ['the address of another', JSON.stringify({ peers: [{ id: A, addresses: [`${AT(1)}/p2p/${B}`] }] }), 'names another peer'],
    ['too long a wait', '{"peers":[],"longestRetrySeconds":100000}', 'longestRetrySeconds'],
    ['too many addresses', JSON.stringify({ peers: [{ id: A, addresses: Array.from({ length: 17 }, () => AT(1)) }] }), 'addresses'],
  ])('is refused with %s', (_what, text, why) => {
    expect(() => parseTopology(text, 'peers.json')).toThrow(expect.objectContaining({ code: 'NETWORK_TOPOLOGY_INVALID', message: expect.stringContaining(why) as unknown }))
  })

  test.each([
    ['json', 'peers: []', ''],
    ['form', '{"peers":[{"id":"a"}]}', 'peers.0.addresses'],
    ['peer-id', `{"peers":[{"id":"${'a'.repeat(100)}","addresses":[]}]}`, 'a'.repeat(80)],
    ['twice', JSON.stringify({ peers: [{ id: A, addresses: [] }, { id: A, addresses: [] }] }), A],
    ['address', JSON.stringify({ peers: [{ id: A, addresses: ['localhost:1'] }] }), 'localhost:1'],
    ['other-peer', JSON.stringify({ peers: [{ id: A, addresses: [`${AT(1)}/p2p/${B}`] }] }), `${AT(1)}/p2p/${B}`],
  ])('tells what is wrong in it apart: %s', (problem, text, subject) => {
    expect(() => parseTopology(text, 'peers.json')).toThrow(expect.objectContaining({ data: { path: 'peers.json', problem, subject: subject.slice(0, 80) } }))
  })

  test('that is no file, or longer than any, is not read', async () => {
    await expect(readTopology(folder)).rejects.toMatchObject({ code: 'NETWORK_TOPOLOGY_UNREADABLE' })
    await writeFile(join(folder, 'long'), Buffer.alloc(1024 * 1024 + 1, ' '))
    await expect(readTopology(join(folder, 'long'))).rejects.toMatchObject({ code: 'NETWORK_TOPOLOGY_UNREADABLE', message: expect.stringContaining('more than') as unknown })
  })

  test('that is not there says so', async () => {
    await expect(readTopology(join(folder, 'none.json'))).rejects.toMatchObject({ code: 'NETWORK_TOPOLOGY_UNREADABLE' })
  })
})

describe('a change of the file', () => {
  class Recorder implements TopologyHost {
    readonly said: string[] = []
    readonly here = new Set<string>()
    admit = (peer: string, addresses: readonly string[]): void => void this.said.push(`+${peer.slice(-3)} ${addresses.join()}`)
    dismiss = (peer: string): void => void this.said.push(`-${peer.slice(-3)}`)
    setLongestRetry = (ms: number): void => void this.said.push(`retry ${ms}`)
    isConnected = (peer: string): boolean => this.here.has(peer)
    lastAttempt = (peer: string) => (peer === C ? { code: 'NETWORK_DIAL_OTHER_PEER', at: 5, nextAt: 10, found: 'x' } : undefined)
  }
  const short = (peer: string): string => peer.slice(-3)
  let stamp = 1
  /** Another time each, whatever the file system can tell apart. */
  async function write(path: string, peers: unknown, seconds?: number): Promise<void> {
    await writeFile(path, typeof peers === 'string' ? peers : JSON.stringify({ peers, ...(seconds === undefined ? {} : { longestRetrySeconds: seconds }) }))
    await utimes(path, stamp, stamp++)
  }

  test('adds, moves and removes; one that is not usable changes nothing and is told', async () => {
    const path = join(folder, 'peers.json')
    const host = new Recorder()
    const topology = new FixedTopology({ clock: new FakeClock(), logger: createLogger([], { default: 'error' }), host }, { path })
    await write(path, [{ id: A, addresses: [AT(1)] }, { id: B, addresses: [AT(2)] }])
    await topology.start(A)
    expect(host.said.splice(0)).toEqual(['retry 60000', `+${short(B)} ${AT(2)}`])

    await topology.look()
    expect(host.said).toEqual([])
    await write(path, [{ id: B, addresses: [AT(3)] }, { id: C, addresses: [AT(4)] }], 7)
    await topology.look()
    expect(host.said.splice(0)).toEqual(['retry 7000', `+${short(B)} ${AT(3)}`, `+${short(C)} ${AT(4)}`])

    await write(path, '{')
    await topology.look()
    expect(topology.view().problem).toMatchObject({ code: 'NETWORK_TOPOLOGY_INVALID' })
    await rm(path)
    await topology.look()
    expect(topology.view().problem).toMatchObject({ code: 'NETWORK_TOPOLOGY_UNREADABLE' })
    expect(host.said).toEqual([])
    host.here.add(B)
    expect(topology.view().members).toEqual([
      { id: B, addresses: [AT(3)], connected: true, failure: undefined },
      { id: C, addresses: [AT(4)], connected: false, failure: { code: 'NETWORK_DIAL_OTHER_PEER', at: 5, nextAt: 10, found: 'x' } },
    ])

    await write(path, [{ id: C, addresses: [AT(4)] }], 7)
    await topology.look()
    expect(host.said).toEqual(['retry 7000', `-${short(B)}`])
    expect(topology.view().problem).toBeUndefined()
    topology.stop()
  })

  test('is looked for every two seconds, until the end', async () => {
    const path = join(folder, 'peers.json')
    const [clock, host] = [new FakeClock(), new Recorder()]
    const topology = new FixedTopology({ clock, logger: createLogger([], { default: 'error' }), host }, { path })
    await write(path, [])
    await topology.start(A)
    await write(path, [{ id: B, addresses: [] }])
    clock.advance(2_000)
    await expect.poll(() => host.said.length).toBe(3)
    await expect.poll(() => clock.nextDue()).toBe(4_000)
    topology.stop()
    expect(clock.nextDue()).toBeUndefined()
  })
})

describe('a network key', () => {
  test('is read in the form of other implementations, and becomes its owner’s alone', async () => {
    const path = join(folder, 'swarm.key')
    await writeNetworkKey(path)
    await chmod(path, 0o644)
    const text = await readFile(path, 'utf8')
    expect(Buffer.from(await readNetworkKey(path)).toString()).toBe(text.trim())
    expect((await stat(path)).mode & 0o777).toBe(0o600)
  })

  test('is checked without a change to the file, and one that is none keeps its mode', async () => {
    const [path, other] = [join(folder, 'swarm.key'), join(folder, 'notes.txt')]
    await writeNetworkKey(path)
    await writeFile(other, 'notes')
    for (const file of [path, other]) await chmod(file, 0o644)
    await expect(checkNetworkKey(path)).resolves.toBeUndefined()
    await expect(checkNetworkKey(other)).rejects.toMatchObject({ code: 'NETWORK_KEY_INVALID' })
    await expect(readNetworkKey(other)).rejects.toMatchObject({ code: 'NETWORK_KEY_INVALID' })
    for (const file of [path, other]) expect((await stat(file)).mode & 0o777).toBe(0o644)
  })

  test('that is none is refused, and nothing of it is said', async () => {
    const path = join(folder, 'swarm.key')
    await writeFile(path, '/key/swarm/psk/1.0.0/\n/base16/\nsecretsecret\n')
    const error = await readNetworkKey(path).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'NETWORK_KEY_INVALID' })
    expect(String(error)).not.toContain('secretsecret')
    await expect(readNetworkKey(join(folder, 'none'))).rejects.toMatchObject({ code: 'NETWORK_KEY_UNREADABLE' })
  })
})
