/** Whether a port for peers can be had now: no program listens on it, and no other network here is set to it. */
import { createServer } from 'node:net'
import type { NetworkAdminView } from '../networks/admin-types.ts'
import { profilesOf, type NetworkProfile } from '../kinds/table.ts'
import { choosePorts, claimedPorts } from './free-ports.ts'
import type { NetworkSummary } from '../types.ts'

/** `taken`: a program listens there; `network`: another network is set to it; `denied`: this user may not listen there. */
export type PortState = 'free' | 'taken' | 'network' | 'denied'

export interface PortCheck {
  /** For peers over TCP; the next one is for those that come over WebSocket. */
  readonly port: number
  readonly state: PortState
  /** The name of the other network, where that is what stands in the way. */
  readonly network: string | undefined
  /** Free at this moment; undefined where `port` is, or none was found. */
  readonly suggestion: number | undefined
}

export interface PortCheckDependencies {
  readonly admin: Pick<NetworkAdminView, 'list'>
  readonly networks: () => readonly NetworkSummary[]
  readonly probe?: (port: number) => Promise<'free' | 'taken' | 'denied'>
}

/** `own` is the network that the port is for: what its own node listens on is no obstacle. */
export async function checkPeerPort({ admin, networks, probe = probePort }: PortCheckDependencies, port: number, own?: string): Promise<PortCheck> {
  const profiles = admin.list().map(({ profile }) => profile)
  const others = profiles.filter(({ id }) => id !== own)
  const portsOf = (profile: NetworkProfile): readonly number[] => claimedPorts(profilesOf(profile).portsOf(profile.settings))
  const holder = others.find((profile) => portsOf(profile).some((used) => used !== 0 && (used === port || used === port + 1)))
  if (holder !== undefined) return { port, state: 'network', network: holder.settings.name, suggestion: await suggest() }
  const mine = profiles.find(({ id }) => id === own)
  const runs = mine !== undefined && networks().some(({ id, status }) => id === own && status.state === 'running')
  if (runs && profilesOf(mine).portsOf(mine.settings).port === port) return { port, state: 'free', network: undefined, suggestion: undefined }
  const states = await Promise.all([probe(port), probe(port + 1)])
  const state = states.find((found) => found !== 'free') ?? 'free'
  return { port, state, network: undefined, suggestion: state === 'free' ? undefined : await suggest() }

  async function suggest(): Promise<number | undefined> {
    const taken = new Set(others.flatMap(portsOf))
    const chosen = await choosePorts(taken, async (candidate) => (await probe(candidate)) === 'free')
    return chosen.port === 0 ? undefined : chosen.port
  }
}

/** Both are tried: on some systems one address can be had although the other is taken. */
export async function probePort(port: number): Promise<'free' | 'taken' | 'denied'> {
  for (const host of ['0.0.0.0', '127.0.0.1']) {
    const code = await listenOnce(port, host)
    if (code !== undefined) return code === 'EACCES' || code === 'EPERM' ? 'denied' : 'taken'
  }
  return 'free'
}

function listenOnce(port: number, host: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'unknown'))
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(undefined)))
  })
}
