/**
 * Finds routers: SSDP (UPnP Device Architecture, section 1.3), a question to everybody on the local network, by UDP to
 * 239.255.255.250 port 1900. A device that is asked for answers where its description is.
 *
 * Anybody may answer, so an answer must point back to where it came from: it cannot make the node ask a third party.
 */
import { createSocket } from 'node:dgram'
import { networkInterfaces } from 'node:os'
import { isIPv4 } from 'node:net'

const GROUP = '239.255.255.250'
const PORT = 1900
const TARGETS = ['urn:schemas-upnp-org:device:InternetGatewayDevice:1', 'urn:schemas-upnp-org:device:InternetGatewayDevice:2']
const MAX_ANSWER_BYTES = 4096
const MAX_ROUTERS = 8
/** Datagrams get lost: the question is put twice. */
const REPEAT_MS = 800
const WAIT_MS = 3_000
/** How long a second router may take after the first. */
const MORE_MS = 250

/** Where the descriptions are; empty where nobody answered in three seconds. Rejects only when aborted. */
export async function searchRouters(signal: AbortSignal): Promise<readonly URL[]> {
  const found = new Map<string, URL>()
  const own = Object.values(networkInterfaces()).flatMap((list) => (list ?? []).filter(({ family, internal }) => family === 'IPv4' && !internal))
  const sockets = own.map(({ address }) => ({ address, socket: createSocket('udp4') }))
  const timers: NodeJS.Timeout[] = []
  let onAbort = (): void => undefined
  try {
    signal.throwIfAborted()
    await new Promise<void>((resolve, reject) => {
      onAbort = () => reject(signal.reason as Error)
      signal.addEventListener('abort', onAbort)
      timers.push(setTimeout(resolve, WAIT_MS))
      for (const { address, socket } of sockets) {
        const ask = (): void => {
          for (const target of TARGETS) {
            // An interface that cannot send has no router behind it.
            socket.send(`M-SEARCH * HTTP/1.1\r\nHOST: ${GROUP}:${PORT}\r\nMAN: "ssdp:discover"\r\nMX: 1\r\nST: ${target}\r\n\r\n`, PORT, GROUP, () => undefined)
          }
        }
        socket.on('error', () => undefined)
        socket.on('message', (message, { address: from }) => {
          const location = readAnswer(message, from)
          if (location === undefined || found.size >= MAX_ROUTERS) return
          found.set(location.href, location)
          if (found.size === 1) timers.push(setTimeout(resolve, MORE_MS))
        })
        socket.bind(0, address, () => {
          try {
            socket.setMulticastInterface(address)
            socket.setMulticastTTL(2)
          } catch {
            // The interface has gone meanwhile.
            return
          }
          ask()
          timers.push(setTimeout(ask, REPEAT_MS))
        })
      }
    })
  } finally {
    signal.removeEventListener('abort', onAbort)
    for (const timer of timers) clearTimeout(timer)
    for (const { socket } of sockets) socket.close()
  }
  return [...found.values()]
}

/** The description's address in an answer that came `from`; undefined for anything else. */
export function readAnswer(message: Buffer, from: string): URL | undefined {
  if (message.length > MAX_ANSWER_BYTES) return undefined
  const text = message.toString('latin1')
  if (!/^HTTP\/1\.[01] 200\b/i.test(text) || !/^st:.*InternetGatewayDevice/im.test(text)) return undefined
  const location = /^location:[ \t]*(\S+)[ \t]*\r?$/im.exec(text)?.[1]
  if (location === undefined || !URL.canParse(location)) return undefined
  const url = new URL(location)
  return url.protocol === 'http:' && isIPv4(url.hostname) && url.hostname === from ? url : undefined
}
