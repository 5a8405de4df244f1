/**
 * What the user opened: to which peers which local program, and which local ports lead to a peer's. Pure: the rules, whether they can be as they are given, and
 * who may reach what.
 *
 * A link needs both sides: an *opening* on the one, and a *forward* or the SOCKS door on the other. A peer that asks for what is opened for others hears
 * the same as for what is not opened at all, so that nobody finds out what is.
 */
import { isPeerId } from '../../network/peers/address.ts'
import { isName, MAX_NAME_LENGTH } from '../names.ts'
import { isReachable } from './addresses.ts'
import { LinkError } from './errors.ts'
import { checkIpRule, type IpRule } from './ip/rule.ts'
import { isPort, type Wanted } from './wire.ts'

export const MAX_OPENINGS = 256
export const MAX_FORWARDS = 64
export const MAX_PEERS = 64

/** Where a program listens. */
export interface Target {
  /** An IP address: a name could lead elsewhere tomorrow. */
  readonly host: string
  readonly port: number
}

/** A local program that some peers may reach. */
export interface Opening {
  /** What peers ask for; the opening is known by it. */
  readonly port: number
  /** Peers may ask for this instead. */
  readonly name?: string | undefined
  /** Peer ids, 1 to 64. */
  readonly peers: readonly string[]
  readonly target: Target
  /** Over a relay too, which sees how much is said and when. */
  readonly relayed: boolean
}

/** As an opening is given: the target is the same port on 127.0.0.1 where nothing else is said. */
export type NewOpening = Pick<Opening, 'port' | 'name' | 'peers'> & { readonly target?: Partial<Target>; readonly relayed?: boolean }

/** A local port that leads to a peer's. */
export interface Forward {
  /** On 127.0.0.1; the forward is known by it. */
  readonly localPort: number
  readonly peer: string
  readonly wanted: Wanted
  /** A way over a relay will do. */
  readonly relayed: boolean
}

export type NewForward = Pick<Forward, 'localPort' | 'peer' | 'wanted'> & { readonly relayed?: boolean }

/** The door for programs that name the peer themselves. */
export interface SocksRule {
  readonly localPort: number
  readonly relayed: boolean
  /** SHA-256 of the password that programs must say, in hexadecimal; undefined where every program of this computer may use the door. */
  readonly passwordHash?: string | undefined
}

export interface LinkRules {
  readonly openings: readonly Opening[]
  readonly forwards: readonly Forward[]
  readonly socks?: SocksRule | undefined
  readonly ip?: IpRule | undefined
}

export const NO_RULES: LinkRules = { openings: [], forwards: [] }

/** With one opening more. Throws NET_LINK_{INVALID,TAKEN,FULL}. */
export function withOpening(rules: LinkRules, { port, name, peers, target = {}, relayed = false }: NewOpening): LinkRules {
  const opening: Opening = { port, ...(name === undefined ? {} : { name }), peers: [...new Set(peers)], target: { host: target.host ?? '127.0.0.1', port: target.port ?? port }, relayed }
  checkOpening(opening)
  const other = rules.openings.find((one) => one.port === port || (name !== undefined && one.name === name))
  if (other !== undefined) throw taken(other.port === port ? `Port ${port} is opened already` : `Something is opened as "${name}" already`)
  if (rules.openings.length >= MAX_OPENINGS) throw full(`${MAX_OPENINGS} ports are opened already.`)
  return { ...rules, openings: [...rules.openings, opening] }
}

/** Throws NET_LINK_UNKNOWN. */
export function withoutOpening(rules: LinkRules, port: number): LinkRules {
  const openings = rules.openings.filter((one) => one.port !== port)
  if (openings.length === rules.openings.length) throw new LinkError('NET_LINK_UNKNOWN', `Port ${port} is not opened for anybody.`, { data: { port } })
  return { ...rules, openings }
}

/** With one peer more for whom it is opened, or as before where he is among them. Throws NET_LINK_{UNKNOWN,INVALID}. */
export function withPeer(rules: LinkRules, port: number, peer: string): LinkRules {
  const opening = openingOf(rules, port)
  const changed = { ...opening, peers: [...new Set([...opening.peers, peer])] }
  checkOpening(changed)
  return withChanged(rules, opening, changed)
}

/** With one peer less; where he was the only one, without the opening. Throws NET_LINK_UNKNOWN. */
export function withoutPeer(rules: LinkRules, port: number, peer: string): LinkRules {
  const opening = openingOf(rules, port)
  const peers = opening.peers.filter((one) => one !== peer)
  if (peers.length === opening.peers.length) throw new LinkError('NET_LINK_UNKNOWN', `Port ${port} is not opened for the peer ${peer}.`, { data: { port, peer } })
  return peers.length === 0 ? withoutOpening(rules, port) : withChanged(rules, opening, { ...opening, peers })
}

/** With one forward more. Throws NET_LINK_{INVALID,TAKEN,FULL}. */
export function withForward(rules: LinkRules, { localPort, peer, wanted, relayed = false }: NewForward): LinkRules {
  const forward: Forward = { localPort, peer, wanted, relayed }
  checkForward(forward)
  if (isLocalPortTaken(rules, localPort)) throw taken(`Port ${localPort} of this computer leads somewhere already`)
  if (rules.forwards.length >= MAX_FORWARDS) throw full(`${MAX_FORWARDS} ports of this computer lead to peers already.`)
  return { ...rules, forwards: [...rules.forwards, forward] }
}

/** Throws NET_LINK_UNKNOWN. */
export function withoutForward(rules: LinkRules, localPort: number): LinkRules {
  const forwards = rules.forwards.filter((one) => one.localPort !== localPort)
  if (forwards.length === rules.forwards.length) throw new LinkError('NET_LINK_UNKNOWN', `Port ${localPort} of this computer leads to no peer.`, { data: { localPort } })
  return { ...rules, forwards }
}

/** With the SOCKS door, or another one than before. Throws NET_LINK_{INVALID,TAKEN}. */
export function withSocks(rules: LinkRules, socks: SocksRule): LinkRules {
  checkLocalPort(socks.localPort)
  if (rules.forwards.some(({ localPort }) => localPort === socks.localPort)) throw taken(`Port ${socks.localPort} of this computer leads somewhere already`)
  return { ...rules, socks }
}

export function withoutSocks({ openings, forwards, ip }: LinkRules): LinkRules {
  return { openings, forwards, ...(ip === undefined ? {} : { ip }) }
}

/** With the IP link, or another one than before. Throws NET_LINK_INVALID. */
export function withIp(rules: LinkRules, ip: IpRule): LinkRules {
  checkIpRule(ip)
  return { ...rules, ip }
}

export function withoutIp({ openings, forwards, socks }: LinkRules): LinkRules {
  return { openings, forwards, ...(socks === undefined ? {} : { socks }) }
}

/** What a peer means, if it may have it. */
export function openingFor({ openings }: LinkRules, peer: string, wanted: Wanted): Opening | undefined {
  const opening = openings.find((one) => ('port' in wanted ? one.port === wanted.port : one.name === wanted.name))
  return opening?.peers.includes(peer) === true ? opening : undefined
}

/** Rules that somebody wrote, checked as if they were given one by one. Throws what that throws. */
export function checkedRules({ openings, forwards, socks, ip }: LinkRules): LinkRules {
  let rules = NO_RULES
  for (const opening of openings) rules = withOpening(rules, opening)
  for (const forward of forwards) rules = withForward(rules, forward)
  if (socks !== undefined) rules = withSocks(rules, socks)
  return ip === undefined ? rules : withIp(rules, ip)
}

function openingOf({ openings }: LinkRules, port: number): Opening {
  const opening = openings.find((one) => one.port === port)
  if (opening === undefined) throw new LinkError('NET_LINK_UNKNOWN', `Port ${port} is not opened for anybody.`, { data: { port } })
  return opening
}

function withChanged(rules: LinkRules, before: Opening, after: Opening): LinkRules {
  return { ...rules, openings: rules.openings.map((one) => (one === before ? after : one)) }
}

function checkOpening({ port, name, peers, target }: Opening): void {
  if (!isPort(port)) throw invalid(`${port} is no port`, 'A port is a whole number from 1 to 65535.')
  if (name !== undefined && !isName(name)) throw invalid(`"${name.slice(0, MAX_NAME_LENGTH)}" is not a name`, `Use 1 to ${MAX_NAME_LENGTH} lower-case letters, digits, and '.', '_' or '-' between them.`)
  if (peers.length === 0 || peers.length > MAX_PEERS) throw invalid(`${peers.length} peers are named`, `Name 1 to ${MAX_PEERS} peers by their ids.`)
  for (const peer of peers) checkPeer(peer)
  if (!isReachable(target.host)) throw invalid(`"${target.host.slice(0, 64)}" is not the IP address of a computer`, 'Use 127.0.0.1 for a program of this computer.')
  if (!isPort(target.port)) throw invalid(`${target.port} is no port`, 'A port is a whole number from 1 to 65535.')
}

function checkForward({ localPort, peer, wanted }: Forward): void {
  checkLocalPort(localPort)
  checkPeer(peer)
  if ('port' in wanted ? !isPort(wanted.port) : !isName(wanted.name)) throw invalid('what is wanted of the peer is neither a port nor a name', 'Say the port that the peer opened, or its name.')
}

function checkLocalPort(port: number): void {
  if (!isPort(port)) throw invalid(`${port} is no port of this computer`, 'A port is a whole number from 1 to 65535.')
}

function checkPeer(peer: string): void {
  // Its base58 takes time that grows with the square of its length.
  if (peer.length > 128 || !isPeerId(peer)) throw invalid(`"${peer.slice(0, 64)}" is not a peer id`, 'It is what stands behind /p2p/ in the address of a peer.')
}

function isLocalPortTaken({ forwards, socks }: LinkRules, localPort: number): boolean {
  return socks?.localPort === localPort || forwards.some((one) => one.localPort === localPort)
}

function invalid(why: string, hint: string): LinkError {
  return new LinkError('NET_LINK_INVALID', `The private link cannot be as it was given: ${why}.`, { hint })
}

function taken(what: string): LinkError {
  return new LinkError('NET_LINK_TAKEN', `${what}.`, { hint: 'Remove that first, or choose another one.' })
}

function full(what: string): LinkError {
  return new LinkError('NET_LINK_FULL', what, { hint: 'Remove one that is no longer used.' })
}
