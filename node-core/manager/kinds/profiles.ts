/**
 * Networks as they are remembered, whatever their kind: what every profile has, and what a kind says of its own (ProfileKind).
 *
 * A profile is plain data that goes into `networks.json`. There are no secrets in it.
 */
import { isAbsolute } from 'node:path'
import { z } from 'zod'
import type { Hash } from '../../base/bytes.ts'
import { parseLogFilter } from '../../base/logger.ts'
import type { Installation } from './installation.ts'
import type { PortPurpose } from './trouble.ts'

/** Version 1 had no kinds: each of its networks is a chain. */
export const PROFILE_VERSION = 2

/** Also a folder name. */
export const profileId = z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}$/)
export const profileName = z.string().trim().min(1).max(64)
/** Absolute path of the folder that holds a network's data. */
export const profileFolder = z.string().min(1).max(4096).refine((path) => isAbsolute(path), 'not an absolute path')
export const logFilter = z.string().max(256).refine(isLogFilter, 'not a log filter').meta({ format: 'log-filter' })

function isLogFilter(text: string): boolean {
  try {
    parseLogFilter(text)
    return true
  } catch {
    return false
  }
}

export interface NetworkProfileBase {
  readonly id: string
  readonly kind: string
  readonly folder: string
  readonly settings: {
    readonly name: string
    /** Start its node when the app opens. */
    readonly autoStart: boolean
    readonly log: string
  }
}

/** Ports for a network that is added: none that another network here has. */
export interface PortChoice {
  /** For peers; the next one is its WebSocket door. */
  readonly port: number
  readonly rpc: number
  readonly prometheus: number
}

/** Options of every way to add a network. What is left out is chosen: a name, a folder of its own, free ports. */
export interface NewNetwork {
  readonly name?: string | undefined
  /** Absolute; empty, not there yet, or with data of this very network. */
  readonly folder?: string | undefined
  readonly role?: 'full' | 'validator' | undefined
  /** A well-known account, where the kind has any. */
  readonly account?: string | undefined
  readonly autoStart?: boolean | undefined
  readonly upnp?: boolean | undefined
  /** Keys that were made before, and their passphrase where nobody remembers it: the node is an authority with them. */
  readonly draft?: { readonly id: string; readonly passphrase?: string | undefined } | undefined
}

/** A network that is about to be added. */
export interface Blueprint<Identity = unknown> {
  readonly kind: string
  /** Its name, where no other is given. */
  readonly name: string
  /** What the profile says of the network itself. */
  readonly identity: Identity
  /** Files for its folder, by their names. */
  readonly files: Readonly<Record<string, string>>
  /** The settings of the network that it is a copy of. */
  readonly settings?: unknown
}

/** What is decided when a network is added. */
export interface NewProfile {
  readonly id: string
  readonly name: string
  readonly folder: string
  readonly ports: PortChoice
  readonly options: NewNetwork
}

/** Who shares a network, as others are to find and recognise the node. */
export interface Sharer {
  /** The identity of its node; undefined where none can be had, and the file stays unsigned. */
  readonly identity: { readonly peerId: string; revealSeed(): Uint8Array } | undefined
  /** Multiaddresses with the node's peer id, the best first. */
  readonly addresses: readonly string[]
}

/** A network to take to another computer. Nothing in it is secret. */
export interface SharedNetwork {
  /** The file. */
  readonly text: string
  /** The same as one link, where that is possible. */
  readonly link: string | undefined
  readonly genesisHash: Hash
}

/** What the second node of a network is told of the first. */
export interface FirstNode {
  /** Where it is reached from this computer. */
  readonly address: string
  /** Accounts whose keys everybody knows, as far as they take part in making blocks: one of them may be the second node's. */
  readonly authorities: readonly string[]
}

export interface ProfileKind<Profile extends NetworkProfileBase = NetworkProfileBase, Choice = unknown, Identity = unknown, Summary = unknown> {
  readonly schema: z.ZodType<Profile>
  /** The profile as its data want it: those of an earlier version may be of another network than the profile says now. */
  asFound(profile: Profile): Profile
  /** Where the node's data are. */
  dataPathOf(profile: Profile): string
  /** What belongs to the network in its folder, relative to it: this is moved and deleted, and nothing else. */
  ownedPaths(profile: Profile): readonly string[]
  /** True where keys that everybody knows may be used. */
  isDevelopment(profile: Profile): boolean
  /** True where both are of the same network: what one has, the other gets from it. */
  isSameNetwork(profile: Profile, other: Profile): boolean
  /** True where blocks may be made on request: a network that no other node is in. */
  isSealable(profile: Profile): boolean
  /** This node can be a validator of the network. */
  canValidate(profile: Profile): boolean
  /** The ports of its node; 0 where it has none of the sort, or the system chooses. */
  portsOf(settings: Profile['settings']): PortChoice
  /** Each port that its node listens on with these settings, and what for; 0 where the system chooses. */
  claims(settings: Profile['settings']): readonly { readonly purpose: PortPurpose; readonly port: number }[]
  /** The network whose data lie in a folder that no list names; undefined where none is recognized. */
  leftIn(folder: string): Promise<{ readonly name: string; readonly choice: Choice } | undefined>
  /** The settings with another port; undefined where they name whole addresses instead. */
  withPort(settings: Profile['settings'], purpose: PortPurpose, ports: PortChoice): Profile['settings'] | undefined
  /** Throws a NodeError where these settings do not fit this network. */
  check(profile: Profile): void
  /** What a person is about to add, before it is decided. Throws where it is nothing that can be added. */
  look(choice: Choice, installation: Installation): Promise<Summary>
  prepare(choice: Choice, installation: Installation): Promise<Blueprint<Identity>>
  /** The same network once more. */
  copy(profile: Profile): Promise<Blueprint<Identity>>
  /**
   * A second node of the same network beside this one, which runs; `all` are the networks of this computer, none of whose keys it signs
   * with. Throws a NodeError where there can be none.
   */
  beside(profile: Profile, all: readonly Profile[], first: FirstNode): Promise<Blueprint<Identity>>
  /** True where a folder holds data of this network, left from an earlier profile. */
  hasData(identity: Identity, folder: string): Promise<boolean>
  build(blueprint: Blueprint<Identity>, choices: NewProfile): Profile
  /** What others need to join the network: nothing of this computer, and no keys. */
  shared(profile: Profile, sharer: Sharer, installation: Installation): Promise<SharedNetwork>
}

/** Settings that take effect at once; the others at the node's next start. */
const LIVE: readonly string[] = ['name', 'autoStart']

/** Dotted names of the settings in which two differ and that need a restart. */
export function restartChanges(from: unknown, to: unknown): readonly string[] {
  return differences(from, to, '').filter((path) => !LIVE.includes(path))
}

function differences(from: unknown, to: unknown, path: string): string[] {
  if (isRecord(from) && isRecord(to)) {
    const keys = new Set([...Object.keys(from), ...Object.keys(to)])
    return [...keys].flatMap((key) => differences(from[key], to[key], path === '' ? key : `${path}.${key}`))
  }
  return JSON.stringify(from) === JSON.stringify(to) ? [] : [path]
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
