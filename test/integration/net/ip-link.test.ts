/**
 * An IP link between two computers, each a network namespace with a TUN device that root made in it: programs that know nothing of it talk by addresses that only
 * these two have, in TCP and in UDP. Skipped where namespaces or TUN devices cannot be made.
 */
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadIdentity } from '../../../node-core/network/host/identity.ts'
import { MeshLab, whyNoMesh } from '../../helpers/mesh-lab.ts'
import { comes, type LabProcess } from '../../helpers/router-lab.ts'

const why = whyNoMesh() ?? (existsSync('/dev/net/tun') ? undefined : 'there is no /dev/net/tun')
const DEVICE = 'nodestead0'
const MIB = 1024 * 1024

describe.skipIf(why !== undefined)(`an IP link between two computers${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
  let lab: MeshLab
  let nodes: readonly LabProcess[]
  let ids: readonly string[]

  beforeAll(async () => {
    lab = new MeshLab(2)
    const dataOf = (i: number): string => join(lab.folder, `node${i}`)
    const topologyFile = join(lab.folder, 'peers.json')
    ids = await Promise.all([0, 1].map(async (i) => (await loadIdentity(dataOf(i), undefined)).peerId))
    writeFileSync(topologyFile, JSON.stringify({ peers: ids.map((id, i) => ({ id, addresses: [`/ip4/${lab.address(i)}/tcp/30333`] })), longestRetrySeconds: 2 }))
    nodes = ids.map((_, i) => lab.startNet(i, { dataPath: dataOf(i), port: 0, listenAddrs: [`/ip4/${lab.address(i)}/tcp/30333`], topologyFile }))
    for (const node of nodes) await comes(() => node.lines.some(({ peers }) => (peers as string[] | undefined)?.length === 1), 'the connection', [node])
  })
  afterAll(() => lab.remove())

  /** Tells a node, and waits for what it says to that. */
  async function tell(computer: 0 | 1, line: object): Promise<Record<string, unknown>> {
    const { child, lines } = nodes[computer] as LabProcess
    const before = lines.length
    child.stdin?.write(`${JSON.stringify(line)}\n`)
    return comes(() => lines.slice(before).find((said) => 'done' in said || 'failed' in said || 'ip' in said), 'an answer', [nodes[computer] as LabProcess])
  }
  const rule = (computer: 0 | 1, addresses: readonly string[]): object => ({ ip: { device: DEVICE, peers: [{ peer: ids[computer === 0 ? 1 : 0], addresses, relayed: false }] } })
  const stateOf = async (computer: 0 | 1): Promise<Record<string, unknown>> => (await tell(computer, { tell: 'ip' }))['ip'] as Record<string, unknown>

  it('is refused while the device is not there, with what to do', async () => {
    expect(await tell(0, rule(0, ['10.77.0.2']))).toEqual({ failed: 'NET_LINK_TUN_MISSING' })
    expect(await stateOf(0)).toBeNull()
  })

  it('opens on devices that an administrator made, and a device is for one program alone', async () => {
    for (const computer of [0, 1] as const) {
      lab.command(computer, 'ip', 'tuntap', 'add', 'dev', DEVICE, 'mode', 'tun')
      lab.command(computer, 'ip', 'address', 'add', `10.77.0.${computer + 1}/24`, 'dev', DEVICE)
      lab.command(computer, 'ip', '-6', 'address', 'add', `fd77::${computer + 1}/64`, 'dev', DEVICE, 'nodad')
      lab.command(computer, 'ip', 'link', 'set', DEVICE, 'up')
      expect(await tell(computer, rule(computer, [`10.77.0.${2 - computer}`, `fd77::${2 - computer}`]))).toEqual({ done: 'ip' })
    }
    const again = `
      import { tunDevices } from ${JSON.stringify(join(import.meta.dirname, '../../../node-core/net/link/ip/device.ts'))}
      await tunDevices({ logger: { warn() {} } })('${DEVICE}', {}).catch(({ code }) => console.log(code))`
    expect(await lab.program(0, again)).toBe('NET_LINK_TUN_BUSY\n')
  })

  it.each(['10.77.0.2', 'fd77::2'])('carries a program of TCP to %s and what it answers', async (address) => {
    const serving = lab.program(1, `
      import { createServer } from 'node:net'
      const server = createServer((socket) => { server.close(); socket.pipe(socket) }).listen(7000, '::')
    `)
    const asking = `
      import { createHash } from 'node:crypto'
      import { connect } from 'node:net'
      const dial = () => new Promise((resolve) => { const socket = connect({ host: '${address}', port: 7000, allowHalfOpen: true }, () => resolve(socket)).once('error', () => setTimeout(() => resolve(dial()), 100)) })
      const socket = await dial()
      const sent = Buffer.alloc(${8 * MIB}, 'what goes comes back')
      socket.end(sent)
      const [mine, theirs] = [createHash('sha256').update(sent), createHash('sha256')]
      for await (const piece of socket) theirs.update(piece)
      console.log(mine.digest('hex') === theirs.digest('hex'))`
    expect(await lab.program(0, asking)).toBe('true\n')
    await serving
  })

  it('carries datagrams, as large as the device takes them', async () => {
    const serving = lab.program(1, `
      import { createSocket } from 'node:dgram'
      const socket = createSocket('udp4').bind(7001)
      socket.on('message', (message, { port, address }) => message.length === 0 ? socket.close() : socket.send(message, port, address))`)
    const asking = `
      import { createSocket } from 'node:dgram'
      const socket = createSocket('udp4')
      const heard = new Set()
      socket.on('message', (message) => { heard.add(message.length); if (heard.size === 4) { clearInterval(timer); socket.send('', 7001, '10.77.0.2', () => { console.log([...heard].sort((a, b) => a - b).join()); socket.close() }) } })
      const timer = setInterval(() => { for (const size of [1, 100, 1472, 9000]) if (!heard.has(size)) socket.send(Buffer.alloc(size), 7001, '10.77.0.2') }, 100)`
    expect(await lab.program(0, asking)).toBe('1,100,1472,9000\n')
    await serving
  })

  it('takes nothing that says it comes from another computer', async () => {
    lab.command(0, 'ip', 'address', 'add', '10.77.0.66/32', 'dev', DEVICE)
    await lab.program(0, `
      import { createSocket } from 'node:dgram'
      const socket = createSocket('udp4').bind(0, '10.77.0.66', () => socket.send('from nobody', 7001, '10.77.0.2', () => socket.close()))`)
    await expect.poll(async () => ((await stateOf(1))['peers'] as { foreign: number }[])[0]?.foreign).toBe(1)
  })

  it('says that the device was taken away, and closes', async () => {
    lab.command(1, 'ip', 'link', 'delete', DEVICE)
    await expect.poll(async () => ((await stateOf(1))['failure'] as { code?: string } | null)?.code).toMatch(/^NET_LINK_TUN_/)
    for (const computer of [0, 1] as const) {
      expect(await tell(computer, { ip: null })).toEqual({ done: 'ip' })
      expect(await stateOf(computer)).toBeNull()
    }
    // It is free for others: a device that a program has cannot be had twice.
    expect(await tell(0, rule(0, ['10.77.0.2']))).toEqual({ done: 'ip' })
  })
})
