/** What a router's answers become, over real HTTP on loopback; and the readers below, with hostile input. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTcpServer, type AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { readAnswer } from '../../../../node-core/network/nat/discovery.ts'
import { isPublicIPv4 } from '../../../../node-core/network/nat/public-address.ts'
import { findRouter, type Router } from '../../../../node-core/network/nat/router.ts'
import { parseXml, textOf } from '../../../../node-core/network/nat/xml.ts'

const IP1 = 'urn:schemas-upnp-org:service:WANIPConnection:1'
const description = (control = '/control', service = IP1): string =>
  `<?xml version="1.0"?>\r\n<root xmlns="urn:schemas-upnp-org:device-1-0"><device><friendlyName>Box &amp; Co</friendlyName><deviceList><device><serviceList>
   <service><serviceType>${service}</serviceType><controlURL>${control}</controlURL></service></serviceList></device></deviceList></device></root>`
const soap = (inside: string): string => `<s:Envelope xmlns:s="x"><s:Body>${inside}</s:Body></s:Envelope>`
const fault = (code: number, text: string): string =>
  soap(`<s:Fault><detail><UPnPError><errorCode>${code}</errorCode><errorDescription>${text}</errorDescription></UPnPError></detail></s:Fault>`)

const servers: Server[] = []
const signal = new AbortController().signal

async function serve(answer: (request: IncomingMessage, body: string, response: ServerResponse) => void): Promise<URL> {
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => answer(request, body, response))
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/root.xml`)
}

/** A router that describes itself well and answers calls so. */
async function routerThat(answer: (action: string, body: string) => { status?: number; body: string }): Promise<Router> {
  const url = await serve((request, body, response) => {
    if (request.method === 'GET') return void response.end(description())
    const { status = 200, body: text } = answer(/#(\w+)"/.exec(String(request.headers['soapaction']))?.[1] ?? '', body)
    response.writeHead(status).end(text)
  })
  return findRouter(signal, () => Promise.resolve([url]))
}

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

describe('a router', () => {
  it('of version 1 is found, and does what it is asked', async () => {
    const bodies: string[] = []
    const router = await routerThat((action, body) => {
      bodies.push(body)
      return { body: soap(`<u:${action}Response xmlns:u="${IP1}"><NewExternalIPAddress>45.33.32.1</NewExternalIPAddress></u:${action}Response>`) }
    })
    expect([router.name, router.localAddress]).toEqual(['Box & Co', '127.0.0.1'])
    expect(await router.externalAddress(signal)).toBe('45.33.32.1')
    await router.map({ transport: 'tcp', internal: 30333, external: 31333, leaseSeconds: 60 }, signal)
    await router.unmap({ transport: 'tcp', external: 31333 }, signal)
    await router.map({ transport: 'udp', internal: 30333, external: 30333, leaseSeconds: 60 }, signal)
    await router.unmap({ transport: 'udp', external: 30333 }, signal)
    expect(bodies[1]).toContain('<NewExternalPort>31333</NewExternalPort><NewProtocol>TCP</NewProtocol><NewInternalPort>30333</NewInternalPort><NewInternalClient>127.0.0.1</NewInternalClient>')
    expect(bodies[1]).toContain('<NewLeaseDuration>60</NewLeaseDuration>')
    expect(bodies[2]).toContain('<NewExternalPort>31333</NewExternalPort><NewProtocol>TCP</NewProtocol>')
    for (const body of bodies.slice(3)) expect(body).toContain('<NewExternalPort>30333</NewExternalPort><NewProtocol>UDP</NewProtocol>')
    expect(bodies).toHaveLength(5)
  })

  it('that keeps mappings for good gets one for good', async () => {
    const leases: (string | undefined)[] = []
    const router = await routerThat((action, body) => {
      const lease = /<NewLeaseDuration>(\d+)/.exec(body)?.[1]
      leases.push(lease)
      return lease === '0' ? { body: soap(`<u:${action}Response/>`) } : { status: 500, body: fault(725, 'OnlyPermanentLeasesSupported') }
    })
    await router.map({ transport: 'tcp', internal: 1, external: 1, leaseSeconds: 60 }, signal)
    expect(leases).toEqual(['60', '0'])
  })

  it('says what it refuses, and whether the port is taken', async () => {
    const router = await routerThat((action) => ({ status: 500, body: action === 'DeletePortMapping' ? fault(714, 'NoSuchEntryInArray') : fault(action === 'AddPortMapping' ? 718 : 606, 'Action not <![CDATA[author]]>ized\n') }))
    await expect(router.map({ transport: 'tcp', internal: 1, external: 1, leaseSeconds: 60 }, signal)).rejects.toMatchObject({ code: 'NAT_PORT_TAKEN' })
    await expect(router.externalAddress(signal)).rejects.toMatchObject({ code: 'NAT_ROUTER_REFUSED', message: 'The router refuses: Action not authorized (606).' })
    await router.unmap({ transport: 'udp', external: 1 }, signal)
  })

  it.each([
    ['', 'NAT_ROUTER_OFFLINE'],
    ['0.0.0.0', 'NAT_ROUTER_OFFLINE'],
    ['somewhere', 'NAT_ROUTER_MALFORMED'],
  ])('whose address outside is "%s" is %s', async (address, code) => {
    const router = await routerThat((action) => ({ body: soap(`<u:${action}Response><NewExternalIPAddress>${address}</NewExternalIPAddress></u:${action}Response>`) }))
    await expect(router.externalAddress(signal)).rejects.toMatchObject({ code })
  })

  it.each([
    ['not XML', 'hello'],
    ['cut off', description().slice(0, 200)],
    ['a document type', `<!DOCTYPE root [<!ENTITY a "b">]>${description()}`],
    ['no connection', description('/control', 'urn:other')],
    ['controlled elsewhere', description('http://10.0.0.1/control')],
    ['controlled by another protocol', description('file:///etc/passwd')],
    ['too long', `<root>${' '.repeat(200 * 1024)}</root>`],
    ['too deep', '<a>'.repeat(10_000)],
  ])('that describes itself badly (%s) is malformed', async (_, text) => {
    const url = await serve((_request, _body, response) => void response.end(text))
    await expect(findRouter(signal, () => Promise.resolve([url]))).rejects.toMatchObject({ code: 'NAT_ROUTER_MALFORMED' })
  })

  it.each(['garbage', '', soap('<u:SomethingElseResponse/>'), '<a></b>'])('that answers a call with "%s" is malformed', async (text) => {
    const router = await routerThat(() => ({ body: text }))
    await expect(router.externalAddress(signal)).rejects.toMatchObject({ code: 'NAT_ROUTER_MALFORMED' })
  })

  it('that does not speak HTTP is malformed; one that hangs up is silent', async () => {
    for (const [answer, code] of [['what?\r\n\r\n', 'NAT_ROUTER_MALFORMED'], [undefined, 'NAT_ROUTER_SILENT']] as const) {
      const server = createTcpServer((socket) => {
        socket.on('error', () => undefined)
        if (answer === undefined) socket.destroy()
        else socket.end(answer)
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
      await expect(findRouter(signal, () => Promise.resolve([url]))).rejects.toMatchObject({ code })
      server.close()
    }
  })

  it('that never ends its answer is given up', async () => {
    const stopper = new AbortController()
    const url = await serve((_request, _body, response) => {
      response.write('<root>')
      stopper.abort()
    })
    await expect(findRouter(stopper.signal, () => Promise.resolve([url]))).rejects.toMatchObject({ code: 'NAT_ROUTER_SILENT' })
  })

  it('is passed over where another one works', async () => {
    const bad = await serve((_request, _body, response) => void response.end('hello'))
    const good = await serve((_request, _body, response) => void response.end(description()))
    expect((await findRouter(signal, () => Promise.resolve([bad, good]))).name).toBe('Box & Co')
    await expect(findRouter(signal, () => Promise.resolve([]))).rejects.toMatchObject({ code: 'NAT_ROUTER_ABSENT' })
  })
})

describe('an answer to the search', () => {
  const answer = (location: string, st = 'urn:schemas-upnp-org:device:InternetGatewayDevice:1'): Buffer =>
    Buffer.from(`HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=120\r\nST: ${st}\r\nLOCATION: ${location}\r\n\r\n`)

  it('points to a description at the one who sent it', () => {
    expect(readAnswer(answer('http://192.168.1.1:5000/root.xml'), '192.168.1.1')?.href).toBe('http://192.168.1.1:5000/root.xml')
    expect(readAnswer(answer('http://192.168.1.2:5000/root.xml'), '192.168.1.1')).toBeUndefined()
    expect(readAnswer(answer('https://192.168.1.1/'), '192.168.1.1')).toBeUndefined()
    expect(readAnswer(answer('http://router.local/'), '192.168.1.1')).toBeUndefined()
    expect(readAnswer(answer('http://192.168.1.1/', 'urn:a-printer'), '192.168.1.1')).toBeUndefined()
    expect(readAnswer(Buffer.from('NOTIFY * HTTP/1.1\r\n'), '192.168.1.1')).toBeUndefined()
    expect(readAnswer(Buffer.concat([answer('http://192.168.1.1/'), Buffer.alloc(5000)]), '192.168.1.1')).toBeUndefined()
  })
})

describe('XML', () => {
  it('is read with prefixes, comments, CDATA and entities', () => {
    const root = parseXml('\ufeff<?xml version="1.0"?><!-- a < b --><s:a x="1"><b/><c> 1 &lt; <![CDATA[<2>]]>&nope; </c></s:a>\n\0')
    expect(root.name).toBe('a')
    expect(root.children.map(({ name }) => name)).toEqual(['b', 'c'])
    expect(textOf(root, 'c')).toBe('1 < <2>&nope;')
  })

  it.each(['', 'a', '<a>', '</a>', '<a></b>', '<a/><b/>', '<a/>b', '<a', '<!DOCTYPE a><a/>', '<a><!-- </a>', '< a/>', '<a>'.repeat(40) + '</a>'.repeat(40), `<a>${'<b/>'.repeat(5000)}</a>`])('refuses %s', (text) => {
    expect(() => parseXml(text)).toThrow(SyntaxError)
  })

  it('takes no longer for what is made to take long', () => {
    const started = performance.now()
    for (const text of ['<'.repeat(100_000), `<a>${'&'.repeat(100_000)}</a>`, `<a${' '.repeat(100_000)}`, '<!--'.repeat(25_000)]) {
      try {
        parseXml(text)
      } catch (error) {
        expect(error).toBeInstanceOf(SyntaxError)
      }
    }
    expect(performance.now() - started).toBeLessThan(1000)
  })
})

describe('public addresses', () => {
  it.each(['45.33.32.1', '1.1.1.1', '100.63.255.255', '100.128.0.1', '172.32.0.1', '223.255.255.255'])('%s is one', (address) => {
    expect(isPublicIPv4(address)).toBe(true)
  })

  it.each(['', '10.0.0.1', '100.64.0.0', '172.31.255.255', '192.168.0.1', '127.0.0.1', '0.1.2.3', '198.51.100.7', '255.255.255.255', '::1', 'x'])('%s is none', (address) => {
    expect(isPublicIPv4(address)).toBe(false)
  })
})
