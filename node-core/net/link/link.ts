/**
 * The private link between programs: a program of this computer talks to one of a peer's computer as if both were on one, over a stream of the network, which
 * is encrypted and knows who is at its other end. No port of a router is opened for it, and nobody else sees that there is anything.
 *
 *   program ── 127.0.0.1:port ── forward ──┐                                   ┌── opening ── 127.0.0.1:port ── program
 *   program ── SOCKS5 ─────────── door ────┴── stream of /nodestead/link/1 ────┘
 *
 * Both users open it, each on his side: the one a local program for certain peers (*opening*), the other a local port (*forward*), or the SOCKS door. What is not
 * opened for a peer is refused, and the peer does not learn whether it is opened for others.
 *
 *   rules.ts rules-file.ts   what is opened, for whom; its file
 *   wire.ts first-frame.ts   what is said on a stream before it carries a connection
 *   serving.ts               answers peers; connects to local programs
 *   opener.ts lead.ts        asks peers; forwards.ts and socks.ts use them for programs
 *   socks-handshake.ts       SOCKS5, pure; hosts.ts: names of peers as names of hosts
 *   traffic.ts places.ts     figures of connections; how many there may be
 *   loopback-port.ts         a port that only this computer reaches
 *   ip/ tun.ts               the IP link, for whatever is more than TCP between two programs; what it needs on each system
 *
 * What this does not protect against: whoever is let in can say to the program what he wants, so a program that trusts every connection from its own computer
 * trusts the peers that it is opened for; and a port of this computer is open to all its users and programs. Over a relay, which has to be allowed on both
 * sides, the relay sees when and how much is said, and no word of it.
 */
import { randomBytes } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import type { Disposer } from '../../base/disposers.ts'
import { describeError, errorMessage } from '../../base/errors.ts'
import { Emitter, type EventSource } from '../../base/events.ts'
import type { Logger } from '../../base/logger.ts'
import { SerialQueue } from '../../base/serial-queue.ts'
import type { PeerJudge } from '../../network/contracts.ts'
import type { StreamDoor } from '../../network/streams.ts'
import { LinkError } from './errors.ts'
import { ForwardPort } from './forwards.ts'
import { tunDevices, type OpenDevice } from './ip/device.ts'
import type { IpLinkState } from './ip/ip-link.ts'
import { IpLinks } from './ip/ip-links.ts'
import type { IpRule } from './ip/rule.ts'
import { Lead } from './lead.ts'
import { Opener, type Reach } from './opener.ts'
import { Places, type PlaceLimits } from './places.ts'
import { RulesFile } from './rules-file.ts'
import { NO_RULES, withForward, withIp, withOpening, withoutForward, withoutIp, withoutOpening, withoutPeer, withoutSocks, withPeer, withSocks, type Forward, type LinkRules, type NewForward, type NewOpening, type SocksRule } from './rules.ts'
import { Serving } from './serving.ts'
import { passwordHashOf, SocksDoor, SOCKS_USER } from './socks.ts'
import { Traffic, type TrafficFigures } from './traffic.ts'
import { noDevices, tunSupport } from './tun.ts'
import type { ForwardState, LinkEvents, OpeningState, SocksState } from './types.ts'
import { LINK_PROTOCOL } from './wire.ts'

const LIMITS: PlaceLimits = { perPeer: 64, all: 512 }
/** Beyond the connections that there may be: these are told that there is no place, and not only closed. */
const REFUSED = 8
const MAX_CHANGES = 64

export interface LinkDependencies {
  readonly door: Pick<StreamDoor, 'serve' | 'open'>
  readonly reach: Reach
  readonly judge: Pick<PeerJudge, 'report'>
  readonly clock: Clock
  readonly logger: Logger
}

export interface LinkOptions {
  /** Of the file of rules; its owner's alone. */
  readonly folder: string
  /** Of connections from peers, and of connections to them. 64 with a peer, 512 in all where nothing is said. */
  readonly limits?: PlaceLimits
  /** Of the IP link. Those of this system where nothing is said. */
  readonly openDevice?: OpenDevice | undefined
  /** The script of the thread behind such a device. */
  readonly workerUrl?: URL | undefined
}

/** A forward or the door, at work or not. */
interface Port<T> {
  readonly door: T
  failure: LinkError | undefined
}

export class PrivateLink {
  readonly events: EventSource<LinkEvents>
  readonly #emitter = new Emitter<LinkEvents>()
  readonly #deps: LinkDependencies
  readonly #file: RulesFile
  readonly #changes = new SerialQueue(MAX_CHANGES)
  readonly #serving: Serving
  readonly #lead: Lead
  readonly #ip: IpLinks
  readonly #limits: PlaceLimits
  readonly #outbound = new Traffic()
  readonly #forwards = new Map<number, Port<ForwardPort>>()
  #socks: Port<SocksDoor> | undefined
  #rules = NO_RULES
  #state: 'new' | 'running' | 'stopped' = 'new'
  #unserve: Disposer | undefined

  constructor(dependencies: LinkDependencies, { folder, limits = LIMITS, workerUrl, openDevice = tunSupport().available ? tunDevices({ ...dependencies, workerUrl }) : noDevices() }: LinkOptions) {
    const { clock, door, logger, judge, reach } = dependencies
    const report = judge.report.bind(judge)
    this.#deps = dependencies
    this.#limits = limits
    this.#file = new RulesFile(folder)
    this.events = this.#emitter
    const opener = new Opener({ door, reach, report, clock, logger })
    this.#ip = new IpLinks({ opener, openDevice, report, clock, logger, save: (rule) => this.#save(rule === undefined ? withoutIp(this.#rules) : withIp(this.#rules, rule)) })
    this.#serving = new Serving({ rules: () => this.#rules, ip: this.#ip, places: new Places(limits), report, clock, logger })
    this.#lead = new Lead({ opener, places: new Places(limits), clock })
  }

  /** A port that is taken is told in the state of its forward. Rejects NET_LINK_FILE_{INVALID,OPEN}: nothing is open then. */
  async start(): Promise<void> {
    this.#rules = await this.#file.read()
    this.#state = 'running'
    this.#unserve = this.#deps.door.serve(LINK_PROTOCOL, { perPeer: this.#limits.perPeer + REFUSED, relayed: true }, (stream) => void this.#serving.take(stream))
    for (const forward of this.#rules.forwards) this.#forwards.set(forward.localPort, await this.#started(this.#portOf(forward)))
    if (this.#rules.socks !== undefined) this.#socks = await this.#started(this.#doorOf(this.#rules.socks))
    if (this.#rules.ip !== undefined) await this.#ip.start(this.#rules.ip)
  }

  /** Idempotent. Connections are reset; the rules stay. */
  async stop(): Promise<void> {
    this.#state = 'stopped'
    this.#unserve?.()
    this.#unserve = undefined
    await this.#changes.close()
    this.#serving.stop()
    for (const { door } of this.#forwards.values()) await door.stop()
    await this.#socks?.door.stop()
    await this.#ip.stop()
    this.#forwards.clear()
    this.#socks = undefined
  }

  /** Since the start, what was taken away meanwhile among it. */
  get totals(): { readonly inbound: TrafficFigures; readonly outbound: TrafficFigures } {
    return { inbound: this.#serving.total.figures, outbound: this.#outbound.figures }
  }

  openings(): readonly OpeningState[] {
    return this.#rules.openings.map((opening) => ({ ...opening, figures: this.#serving.figures(opening) }))
  }

  forwards(): readonly ForwardState[] {
    return [...this.#forwards.values()].map(({ door, failure }) => ({ ...door.forward, failure, figures: door.figures }))
  }

  /** Undefined where there is none. */
  socks(): SocksState | undefined {
    if (this.#socks === undefined) return undefined
    const { failure, door } = this.#socks
    const { localPort, relayed, passwordHash } = door.rule
    return { localPort, relayed, wantsPassword: passwordHash !== undefined, failure, figures: door.figures }
  }

  /** Undefined where there is none. */
  ip(): IpLinkState | undefined {
    return this.#ip.state
  }

  /** Lets peers reach a local program. Rejects NET_LINK_{INVALID,TAKEN,FULL,CLOSED}. */
  open(opening: NewOpening): Promise<void> {
    return this.#change(() => this.#save(withOpening(this.#rules, opening)))
  }

  /** Its connections are reset. Rejects NET_LINK_{UNKNOWN,CLOSED}. */
  close(port: number): Promise<void> {
    return this.#change(async () => {
      const opening = this.#rules.openings.find((one) => one.port === port)
      await this.#save(withoutOpening(this.#rules, port))
      if (opening !== undefined) this.#serving.close(opening)
    })
  }

  /** Opens it for one peer more. Rejects NET_LINK_{UNKNOWN,INVALID,CLOSED}. */
  allow(port: number, peer: string): Promise<void> {
    return this.#change(() => this.#saveFor(port, withPeer(this.#rules, port, peer)))
  }

  /** Opens it for one peer less, whose connections are reset; without any it is closed. Rejects NET_LINK_{UNKNOWN,CLOSED}. */
  forbid(port: number, peer: string): Promise<void> {
    return this.#change(() => this.#saveFor(port, withoutPeer(this.#rules, port, peer)))
  }

  /** Leads a local port to a peer. Rejects NET_LINK_{INVALID,TAKEN,FULL,CLOSED}, NET_LINK_PORT_{TAKEN,FAILED}; there is then no such forward. */
  forward(forward: NewForward): Promise<void> {
    return this.#change(async () => {
      const rules = withForward(this.#rules, forward)
      const door = this.#portOf(rules.forwards.at(-1) as Forward)
      await door.start()
      await this.#saveOr(rules, () => door.stop())
      this.#forwards.set(forward.localPort, { door, failure: undefined })
    })
  }

  /** Its connections are reset. Rejects NET_LINK_{UNKNOWN,CLOSED}. */
  removeForward(localPort: number): Promise<void> {
    return this.#change(async () => {
      await this.#save(withoutForward(this.#rules, localPort))
      const port = this.#forwards.get(localPort)
      this.#forwards.delete(localPort)
      await port?.door.stop()
    })
  }

  /**
   * Opens the SOCKS door, in place of the one before. With `password` programs must say the user and the password that are in the answer, and nowhere else. Rejects
   * NET_LINK_{INVALID,TAKEN,CLOSED}, NET_LINK_PORT_{TAKEN,FAILED}; there is then no door.
   */
  openSocks({ localPort, relayed = false, password = false }: { readonly localPort: number; readonly relayed?: boolean; readonly password?: boolean }): Promise<{ readonly user: string; readonly password: string } | undefined> {
    return this.#change(async () => {
      const secret = password ? randomBytes(24).toString('base64url') : undefined
      const rule: SocksRule = { localPort, relayed, ...(secret === undefined ? {} : { passwordHash: passwordHashOf(secret) }) }
      const rules = withSocks(this.#rules, rule)
      await this.#closeSocks()
      const door = this.#doorOf(rule)
      await door.start()
      await this.#saveOr(rules, () => door.stop())
      this.#socks = { door, failure: undefined }
      return secret === undefined ? undefined : { user: SOCKS_USER, password: secret }
    })
  }

  /** Its connections are reset. Rejects NET_LINK_CLOSED. */
  closeSocks(): Promise<void> {
    return this.#change(() => this.#closeSocks())
  }

  /**
   * Opens the IP link, or changes it: peers whose addresses stay keep their streams. Rejects NET_LINK_{INVALID,CLOSED}, NET_LINK_TUN_*; it is then as it was
   * before, and with a device that cannot be had there is none.
   */
  openIp(rule: IpRule): Promise<void> {
    return this.#change(() => this.#ip.open(rule))
  }

  /** Its streams are reset, and the device is free for others. Rejects NET_LINK_CLOSED. */
  closeIp(): Promise<void> {
    return this.#change(() => this.#ip.close())
  }

  async #closeSocks(): Promise<void> {
    if (this.#socks === undefined) return
    const { door } = this.#socks
    await this.#save(withoutSocks(this.#rules))
    this.#socks = undefined
    await door.stop()
  }

  #portOf(forward: Forward): ForwardPort {
    const { logger } = this.#deps
    const onRefused = (refused: Forward, error: LinkError): void => this.#emitter.emit('refused', { forward: refused, error })
    return new ForwardPort({ lead: this.#lead, logger, total: this.#outbound, onRefused }, forward, { maxConnections: this.#limits.perPeer + REFUSED })
  }

  #doorOf(rule: SocksRule): SocksDoor {
    const { clock, logger } = this.#deps
    return new SocksDoor({ lead: this.#lead, clock, logger, total: this.#outbound }, rule, { maxConnections: this.#limits.all + REFUSED })
  }

  async #started<T extends ForwardPort | SocksDoor>(door: T): Promise<Port<T>> {
    try {
      await door.start()
      return { door, failure: undefined }
    } catch (error) {
      const failure = error instanceof LinkError ? error : new LinkError('NET_LINK_PORT_FAILED', `A port of this computer could not be opened (${errorMessage(error)}).`, { cause: error })
      this.#deps.logger.warn('a private link has no port', { reason: describeError(failure) })
      return { door, failure }
    }
  }

  #change<T>(task: () => Promise<T>): Promise<T> {
    if (this.#state !== 'running') return Promise.reject(new LinkError('NET_LINK_CLOSED', 'Private links are not running.', { hint: 'Start the node first.' }))
    return this.#changes.run(task)
  }

  async #save(rules: LinkRules): Promise<void> {
    await this.#file.write(rules)
    this.#rules = rules
    this.#emitter.emit('changed', rules)
  }

  /** Of rules that have another opening of this port than before, or none. */
  async #saveFor(port: number, rules: LinkRules): Promise<void> {
    const [before, after] = [this.#rules, rules].map(({ openings }) => openings.find((one) => one.port === port))
    await this.#save(rules)
    if (before === undefined) return
    if (after === undefined) this.#serving.close(before)
    else this.#serving.change(before, after)
  }

  async #saveOr(rules: LinkRules, undo: () => Promise<void>): Promise<void> {
    await this.#save(rules).catch(async (error: unknown) => {
      await undo()
      throw error
    })
  }
}
