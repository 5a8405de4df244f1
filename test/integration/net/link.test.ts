/** Programs that talk to each other over a private link, between two nodes on loopback. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../../node-core/base/clock.ts'
import { createLogger } from '../../../node-core/base/logger.ts'
import { linkHost } from '../../../node-core/net/link/hosts.ts'
import { PrivateLink, type LinkOptions } from '../../../node-core/net/link/link.ts'
import { linkMetrics } from '../../../node-core/net/link/metrics.ts'
import { all, dialled, dialling, endOf, freePort, listening, listeningAt, throughSocks, webServer, type Program } from '../../helpers/link-programs.ts'
import { eventually, TestNetwork, type TestPeer } from '../../helpers/network.ts'

const run = promisify(execFile)
const hasCurl = await run('curl', ['--version']).then(() => true, () => false)

interface Side {
  readonly peer: TestPeer
  readonly link: PrivateLink
  /** Codes of connections that were refused. */
  readonly refused: string[]
}

let net: TestNetwork
let here: Side
let there: Side
let localPort: number
const links: PrivateLink[] = []
const programs: Program[] = []
beforeEach(async () => {
  net = new TestNetwork()
  there = await side()
  here = await side(there.peer)
  localPort = await freePort()
})
afterEach(async () => {
  for (const link of links.splice(0)) await link.stop()
  for (const program of programs.splice(0)) await program.stop()
  await net.stop()
})

async function side(other?: TestPeer, limits?: LinkOptions['limits'], options?: Parameters<TestNetwork['start']>[1]): Promise<Side> {
  const peer = await net.start([], options)
  const link = linkOf(peer, other, limits)
  await link.start()
  const refused: string[] = []
  link.events.on('refused', ({ error }) => refused.push(error.code))
  return { peer, link, refused }
}

function linkOf(peer: TestPeer, other?: TestPeer, limits?: LinkOptions['limits']): PrivateLink {
  const { network } = peer
  const link = new PrivateLink(
    {
      door: network.streams,
      reach: (id, options) => network.streams.reach(id, id === other?.id ? [other.address] : [], options),
      judge: network.judge,
      clock: systemClock,
      logger: createLogger([], { default: 'debug' }, 'link'),
    },
    { folder: join(peer.dataPath, 'link'), ...(limits === undefined ? {} : { limits }) },
  )
  links.push(link)
  return link
}

async function program(onSocket: (socket: Socket) => void): Promise<Program> {
  const started = await listening(onSocket)
  programs.push(started)
  return started
}

/** A port of this side that leads to a program of the other. */
async function linked(target: Program): Promise<void> {
  await there.link.open({ port: 80, name: 'web', peers: [here.peer.id], target: { port: target.port } })
  await here.link.forward({ localPort, peer: there.peer.id, wanted: { port: 80 } })
}

const echo = (socket: Socket): void => void socket.pipe(socket)

describe('a forward', () => {
  it('leads to a server of the web, which sees a connection from its own computer', async () => {
    const web = await webServer()
    programs.push(web)
    await linked(web)
    for (const path of ['/a', '/b']) expect(await (await fetch(`http://127.0.0.1:${localPort}${path}`, { headers: { connection: 'close' } })).text()).toBe(`hello ${path}`)
    await eventually(() => here.link.forwards()[0]?.figures.connections === 0 && there.link.openings()[0]?.figures.connections === 0, 'the end of the connections')
    const [mine, theirs] = [here.link.forwards()[0]?.figures, there.link.openings()[0]?.figures]
    expect(mine).toMatchObject({ opened: 2, refused: 0 })
    expect([mine?.sentBytes, mine?.receivedBytes]).toEqual([theirs?.receivedBytes, theirs?.sentBytes])
    expect(mine?.receivedBytes).toBeGreaterThan(100)
    const metrics = linkMetrics(here.link).map(({ name, read }) => [name, [...(read() as { readonly value: number }[])].map(({ value }) => value)])
    expect(metrics).toContainEqual(['nodestead_link_opened_total', [0, 2]])
  })

  it('carries 10 MiB each way at once, as fast as the slower reader takes them', async () => {
    const size = 10 * 1024 * 1024
    const sent = Buffer.from(Uint8Array.from({ length: size }, (_, i) => (i * 31) ^ (i >> 8)))
    const other = Buffer.from(sent).reverse()
    const heard = createHash('sha256')
    const gate = Promise.withResolvers<void>()
    let isHeard = false
    const target = await program((socket) => {
      socket.pause()
      socket.end(other)
      void (async () => {
        await gate.promise
        for await (const chunk of socket) {
          heard.update(chunk as Buffer)
          await new Promise((resolve) => setImmediate(resolve))
        }
        isHeard = true
      })()
    })
    await linked(target)
    const socket = await dialled(localPort)
    socket.pause()
    socket.end(sent)
    const sentBytes = (): number => here.link.forwards()[0]?.figures.sentBytes ?? 0
    let [before, still] = [0, 0]
    await eventually(() => {
      still = sentBytes() === before && before > 0 ? still + 1 : 0
      before = sentBytes()
      return still === 40
    }, 'a standstill')
    // Nobody reads: the rest waits with the program.
    expect(before).toBeLessThan(size)
    gate.resolve()
    expect((await all(socket)).equals(other)).toBe(true)
    await eventually(() => isHeard, 'the end')
    expect(heard.digest('hex')).toBe(createHash('sha256').update(sent).digest('hex'))
    expect(here.link.forwards()[0]?.figures).toMatchObject({ sentBytes: size, receivedBytes: size })
  })

  it('passes each half\'s end on by itself', async () => {
    const target = await program((socket) => {
      void all(socket).then((question) => {
        socket.write('first ')
        socket.end(`of ${question.toString()}`)
      })
    })
    await linked(target)
    const socket = await dialled(localPort)
    socket.end('question')
    expect((await all(socket)).toString()).toBe('first of question')
    // And the other half first.
    let heard: Promise<Buffer> | undefined
    const speaker = await program((one) => {
      heard = all(one)
      one.end('said')
    })
    await here.link.removeForward(localPort)
    await there.link.open({ port: 81, peers: [here.peer.id], target: { port: speaker.port } })
    await here.link.forward({ localPort, peer: there.peer.id, wanted: { port: 81 } })
    const second = await dialled(localPort)
    expect((await all(second)).toString()).toBe('said')
    second.end('late')
    await eventually(() => heard !== undefined, 'the connection')
    expect((await heard)?.toString()).toBe('late')
  })

  it('passes a reset on as a reset, either way', async () => {
    let serverSide: Socket | undefined
    const target = await program((socket) => (serverSide = socket))
    await linked(target)
    const first = await dialled(localPort)
    await eventually(() => serverSide !== undefined, 'the connection')
    serverSide?.resetAndDestroy()
    expect(await endOf(first)).toBe('ECONNRESET')
    serverSide = undefined
    const second = await dialled(localPort)
    await eventually(() => serverSide !== undefined, 'the connection')
    const end = endOf(serverSide as unknown as Socket)
    second.resetAndDestroy()
    expect(await end).toBe('ECONNRESET')
  })

  it('says why a connection was not opened, and the program sees a reset', async () => {
    const { id } = there.peer
    const attempt = async (): Promise<string | undefined> => endOf(dialling(localPort))
    await here.link.forward({ localPort, peer: id, wanted: { port: 80 } })
    expect(await attempt()).toBe('ECONNRESET')
    // Opened for somebody else is as not opened.
    await there.link.open({ port: 80, peers: [there.peer.id], target: { port: await freePort() } })
    await attempt()
    await there.link.close(80)
    await there.link.open({ port: 80, peers: [here.peer.id], target: { port: await freePort() } })
    await attempt()
    await there.link.stop()
    await attempt()
    await there.peer.network.stop()
    await attempt()
    expect(here.refused).toEqual(['NET_LINK_NOT_OPENED', 'NET_LINK_NOT_OPENED', 'NET_LINK_TARGET_REFUSED', 'NET_LINK_NOT_SPOKEN', 'NET_LINK_PEER_UNREACHABLE'])
    expect(here.link.forwards()[0]?.figures).toMatchObject({ opened: 0, refused: 5, lastRefusal: 'NET_LINK_PEER_UNREACHABLE' })
  })

  it('resets what is open when the peer goes', async () => {
    const target = await program(echo)
    await linked(target)
    const socket = await dialled(localPort)
    socket.write('a')
    await eventually(() => (here.link.forwards()[0]?.figures.receivedBytes ?? 0) > 0, 'an answer')
    const end = endOf(socket)
    await there.peer.network.stop()
    expect(await end).toBe('ECONNRESET')
    await eventually(() => here.link.forwards()[0]?.figures.connections === 0 && target.sockets.size === 0, 'the end at both sides')
  })

  it('resets what is open when either side takes its rule away', async () => {
    const target = await program(echo)
    await linked(target)
    const open = async (): Promise<Socket> => {
      const socket = await dialled(localPort)
      const before = here.link.totals.outbound.receivedBytes
      socket.write('a')
      await eventually(() => here.link.totals.outbound.receivedBytes > before, 'an answer')
      return socket
    }
    const first = endOf(await open())
    await there.link.close(80)
    expect(await first).toBe('ECONNRESET')
    expect(there.link.openings()).toEqual([])
    await there.link.open({ port: 80, peers: [here.peer.id], target: { port: target.port } })
    const second = endOf(await open())
    await here.link.removeForward(localPort)
    expect(await second).toBe('ECONNRESET')
    await expect(dialled(localPort)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    await eventually(() => target.sockets.size === 0, 'the end at the program')
    expect(here.link.totals.outbound).toMatchObject({ opened: 2, connections: 0 })
  })

  it('resets what a peer has open that is forbidden it, and nothing of the others', async () => {
    const target = await program(echo)
    const third = await side(there.peer)
    await there.link.open({ port: 80, peers: [here.peer.id, third.peer.id], target: { port: target.port } })
    const otherPort = await freePort()
    await here.link.forward({ localPort, peer: there.peer.id, wanted: { port: 80 } })
    await third.link.forward({ localPort: otherPort, peer: there.peer.id, wanted: { port: 80 } })
    const [mine, other] = [await dialled(localPort), await dialled(otherPort)]
    for (const socket of [mine, other]) socket.write('a')
    await eventually(() => target.sockets.size === 2 && here.link.totals.outbound.receivedBytes === 1 && third.link.totals.outbound.receivedBytes === 1, 'an answer to each')
    const end = endOf(mine)
    await there.link.forbid(80, here.peer.id)
    expect(await end).toBe('ECONNRESET')
    await eventually(() => target.sockets.size === 1, 'the end at the program')
    other.end('b')
    expect((await all(other)).toString()).toBe('ab')
    await endOf(dialling(localPort))
    expect(here.refused).toEqual(['NET_LINK_NOT_OPENED'])
  })

  it('has so many connections with a peer, and the peer takes so many', async () => {
    const small = await side(there.peer, { perPeer: 2, all: 2 })
    const target = await program(echo)
    await linked(target)
    await there.link.open({ port: 81, peers: [small.peer.id], target: { port: target.port } })
    const port = await freePort()
    await small.link.forward({ localPort: port, peer: there.peer.id, wanted: { port: 81 } })
    const kept = [await dialled(port), await dialled(port)]
    await eventually(() => small.link.forwards()[0]?.figures.connections === 2, 'two connections')
    expect(await endOf(dialling(port))).toBe('ECONNRESET')
    expect(small.refused).toEqual(['NET_LINK_FULL'])
    // A place that is left is free again.
    for (const socket of kept) socket.resume().end()
    await eventually(() => small.link.forwards()[0]?.figures.connections === 0, 'their end')
    const again = await dialled(port)
    again.end('a')
    expect((await all(again)).toString()).toBe('a')
    // The side that serves counts for itself.
    await small.link.open({ port: 80, peers: [here.peer.id], target: { port: target.port } })
    await here.link.removeForward(localPort)
    await here.peer.network.streams.reach(small.peer.id, [small.peer.address])
    await here.link.forward({ localPort, peer: small.peer.id, wanted: { port: 80 } })
    for (let i = 0; i < 2; i++) await dialled(localPort)
    await eventually(() => here.link.forwards()[0]?.figures.connections === 2, 'two connections')
    await endOf(dialling(localPort))
    expect(here.refused).toEqual(['NET_LINK_BUSY'])
  })

  it('and its rules last; a port that is taken is told', async () => {
    const target = await program(echo)
    await linked(target)
    const path = join(here.peer.dataPath, 'link', 'link.json')
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(await readFile(path, 'utf8')).toContain(there.peer.id)
    await here.link.stop()
    const other = linkOf(here.peer, there.peer)
    await expect(other.forward({ localPort: 1, peer: there.peer.id, wanted: { port: 1 } })).rejects.toMatchObject({ code: 'NET_LINK_CLOSED' })
    await other.start()
    expect(other.forwards()).toMatchObject([{ localPort, peer: there.peer.id, wanted: { port: 80 }, relayed: false, failure: undefined }])
    const socket = await dialled(localPort)
    socket.end('a')
    expect((await all(socket)).toString()).toBe('a')
    await expect(other.forward({ localPort: target.port, peer: there.peer.id, wanted: { port: 80 } })).rejects.toMatchObject({ code: 'NET_LINK_PORT_TAKEN' })
    await expect(other.forward({ localPort, peer: there.peer.id, wanted: { port: 80 } })).rejects.toMatchObject({ code: 'NET_LINK_TAKEN' })
    expect(other.forwards()).toHaveLength(1)
    await other.stop()
    const blocker = await listeningAt(localPort)
    const third = linkOf(here.peer, there.peer)
    await third.start()
    expect(third.forwards()[0]?.failure?.message).toContain(`Another program listens at port ${localPort}`)
    await blocker.stop()
  })
})

const outside = Object.values(networkInterfaces()).flat().find((one) => one !== undefined && !one.internal && one.family === 'IPv4')?.address

it.skipIf(outside === undefined)(`neither a forward nor the SOCKS door is reached at another address of this computer${outside === undefined ? ' (it has none)' : ''}`, async () => {
  const [target, socksPort] = [await program(echo), await freePort()]
  await linked(target)
  await here.link.openSocks({ localPort: socksPort })
  for (const port of [localPort, socksPort]) {
    await expect(dialled(port, outside)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    await expect(dialled(port, '::1')).rejects.toThrow()
    ;(await dialled(port)).destroy()
  }
})

describe('the SOCKS door', () => {
  let socksPort: number
  beforeEach(async () => (socksPort = await freePort()))

  it.skipIf(!hasCurl)(`leads curl to a server of the web${hasCurl ? '' : ' (curl is not here)'}`, async () => {
    const web = await webServer()
    programs.push(web)
    await there.link.open({ port: 8080, name: 'web', peers: [here.peer.id], target: { port: web.port } })
    await here.link.openSocks({ localPort: socksPort })
    const curl = async (url: string): Promise<string> => (await run('curl', ['--silent', '--show-error', '--fail', '--max-time', '60', '--socks5-hostname', `127.0.0.1:${socksPort}`, url])).stdout
    expect(await curl(`http://${there.peer.id}.nodestead:8080/id`)).toBe('hello /id')
    expect(await curl(`http://${linkHost(there.peer.id)}:8080/lower-case`)).toBe('hello /lower-case')
    expect(await curl(`http://${linkHost(there.peer.id, 'web')}/name`)).toBe('hello /name')
    // 97: the door refused.
    await expect(curl('http://example.com/')).rejects.toMatchObject({ code: 97 })
    await expect(curl('http://127.0.0.1:1/')).rejects.toMatchObject({ code: 97 })
    await eventually(() => here.link.socks()?.figures.connections === 0, 'the end of the connections')
    expect(here.link.socks()?.figures).toMatchObject({ opened: 3 })
  })

  it('answers with the reply of each refusal, and carries what the peer opened', async () => {
    const target = await program(echo)
    const host = `${there.peer.id}.nodestead`
    await there.link.open({ port: 80, peers: [here.peer.id], target: { port: target.port } })
    await there.link.open({ port: 81, peers: [here.peer.id], target: { port: await freePort() } })
    await here.link.openSocks({ localPort: socksPort })
    const replyTo = async (name: string, port: number): Promise<number | undefined> => {
      const { socket, reply } = await throughSocks(socksPort, name, port)
      await endOf(socket)
      return reply
    }
    const { socket, reply } = await throughSocks(socksPort, host, 80)
    expect(reply).toBe(0)
    socket.end('hello')
    expect((await all(socket)).toString()).toBe('hello')
    expect(await replyTo(host, 82)).toBe(2)
    expect(await replyTo(`chess.${host}`, 80)).toBe(2)
    expect(await replyTo(host, 81)).toBe(5)
    expect(await replyTo('example.com', 80)).toBe(2)
    expect(await replyTo('localhost', target.port)).toBe(2)
    expect(await replyTo(`${there.peer.id.toLowerCase()}.nodestead`, 80)).toBe(4)
    await there.link.stop()
    expect(await replyTo(host, 80)).toBe(4)
    expect(await replyTo(`${linkHost('12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp')}`, 80)).toBe(4)
  })

  it('wants a password where it was opened with one, and keeps only what that is known by', async () => {
    const target = await program(echo)
    await there.link.open({ port: 80, peers: [here.peer.id], target: { port: target.port } })
    const login = await here.link.openSocks({ localPort: socksPort, password: true })
    if (login === undefined) throw new Error('there is no password')
    const host = `${there.peer.id}.nodestead`
    expect((await throughSocks(socksPort, host, 80, login)).reply).toBe(0)
    expect((await throughSocks(socksPort, host, 80, { ...login, password: `${login.password}x` })).reply).toBeUndefined()
    expect((await throughSocks(socksPort, host, 80, { ...login, user: 'root' })).reply).toBeUndefined()
    expect((await throughSocks(socksPort, host, 80)).reply).toBeUndefined()
    expect(await readFile(join(here.peer.dataPath, 'link', 'link.json'), 'utf8')).not.toContain(login.password)
    expect(JSON.stringify(here.link.socks())).not.toContain(login.password)
    // Closed, it resets what is open and is not there any more.
    const { socket } = await throughSocks(socksPort, host, 80, login)
    const end = endOf(socket)
    await here.link.closeSocks()
    expect(await end).toBe('ECONNRESET')
    expect(here.link.socks()).toBeUndefined()
    await expect(dialled(socksPort)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })
})

it('a link is opened over a relay where both sides allow that', async () => {
  const relay = await net.start([], { relayServer: true })
  const hidden = await net.start([], { listenAddrs: [`${relay.address}/p2p-circuit`] })
  await eventually(() => hidden.network.state.listenAddresses().length > 0, 'the reservation')
  const far = linkOf(hidden)
  await far.start()
  const target = await program(echo)
  const near = await side(hidden, undefined, { listenAddrs: [] })
  await far.open({ port: 80, peers: [near.peer.id], target: { port: target.port }, relayed: true })
  // The two ends agree on a direct connection in a moment, so what is refused without leave is unit/net/link/serving.test.ts's to show.
  expect(await near.peer.network.streams.reach(hidden.id, [hidden.address], { relayed: true })).toBe('relayed')
  await near.link.forward({ localPort, peer: hidden.id, wanted: { port: 80 }, relayed: true })
  const socket = await dialled(localPort)
  socket.end('a')
  expect((await all(socket)).toString()).toBe('a')
})
