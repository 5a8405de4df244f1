/** Ports for a network that is added: none that another network here has, and free at this moment. */
import { createServer } from 'node:net'
import type { PortChoice } from '../kinds/profiles.ts'

const FIRST: PortChoice = { port: 30333, rpc: 9944, prometheus: 9615 }
const TRIES = 200

/** Every port that a network with these settings asks for. */
export function claimedPorts({ port, rpc, prometheus }: PortChoice): readonly number[] {
  return [port, port + 1, rpc, prometheus]
}

/** `taken` are the ports of the other networks. */
export async function choosePorts(taken: ReadonlySet<number>, isFree: (port: number) => Promise<boolean> = canListen): Promise<PortChoice> {
  const used = new Set(taken)
  const take = async (first: number, width: number): Promise<number> => {
    for (let port = first, tries = 0; tries < TRIES; port += width, tries++) {
      const ports = Array.from({ length: width }, (_, index) => port + index)
      if (ports.some((candidate) => used.has(candidate))) continue
      const free = await Promise.all(ports.map(isFree))
      if (free.includes(false)) continue
      for (const candidate of ports) used.add(candidate)
      return port
    }
    return 0
  }
  return { port: await take(FIRST.port, 2), rpc: await take(FIRST.rpc, 1), prometheus: await take(FIRST.prometheus, 1) }
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)))
  })
}
