/** What the guide is told, step by step, and what that means as flags. */
import type { WellKnownAccount } from '../../chain/node/options.ts'
import type { KeyKind } from '../../keystore/network-keys.ts'
import type { NodeFlagValues } from '../flags.ts'

export interface ChosenNetwork {
  /** As `--chain` takes it. */
  readonly chain: string
  /** Of its specification: names the folder of its data. */
  readonly id: string
  readonly name: string
  /** For development on this computer alone: it runs with Alice's keys, and may be kept nowhere. */
  readonly isDev: boolean
  /** Its authorities may be development accounts. */
  readonly takesAccounts: boolean
  /** A live relay chain, which this node follows and does not validate. */
  readonly isRelay: boolean
  /** Bytes that it needs, as far as is known. */
  readonly diskBytes: number | undefined
  /** What an authority signs with. */
  readonly keys: readonly KeyKind[]
}

/** Where the keys of an authority come from. */
export type KeySource =
  | { readonly from: 'account'; readonly account: WellKnownAccount }
  | { readonly from: 'phrase'; readonly uri: string; readonly isNew: boolean }
  /** The keystore of the data folder. */
  | { readonly from: 'folder' }
  | { readonly from: 'later' }

/** A passphrase that is typed after each start, or one in a file. */
export type Passphrase = { readonly text: string; readonly file: undefined } | { readonly text: string; readonly file: { readonly path: string; readonly isNew: boolean } }

export interface Answers {
  readonly network: ChosenNetwork
  /** The base path; undefined where nothing is kept. */
  readonly folder: string | undefined
  readonly isAuthority: boolean
  readonly keys: KeySource | undefined
  readonly passphrase: Passphrase | undefined
  readonly ports: { readonly peers: number; readonly rpc: number }
  /** Its port; undefined without one. */
  readonly dashboard: number | undefined
}

export const USUAL_PORTS = { peers: 30333, rpc: 9944, dashboard: 9955 } as const

/** As they would be given on the command line; what is usual is left out. */
export function flagsOf(answers: Answers, defaultFolder: string): NodeFlagValues {
  const { network, folder, isAuthority, keys, passphrase, ports, dashboard } = answers
  return {
    ...(network.isDev ? { dev: true } : { chain: network.chain }),
    ...(folder === undefined || (folder === defaultFolder && !network.isDev) ? {} : { 'base-path': folder }),
    ...(isAuthority && !network.isDev ? (keys?.from === 'account' ? { [keys.account]: true } : { validator: true }) : {}),
    ...(passphrase?.file === undefined ? {} : { 'keystore-passphrase-file': passphrase.file.path }),
    ...(ports.peers === USUAL_PORTS.peers ? {} : { port: String(ports.peers) }),
    ...(ports.rpc === USUAL_PORTS.rpc ? {} : { 'rpc-port': String(ports.rpc) }),
    ...(dashboard === undefined ? {} : { dashboard: true }),
    ...(dashboard === undefined || dashboard === USUAL_PORTS.dashboard ? {} : { 'dashboard-port': String(dashboard) }),
  }
}

/** The line that says the same, as a shell reads it. */
export function lineOf(invocation: string, values: NodeFlagValues, platform: NodeJS.Platform = process.platform): string {
  const words = Object.entries(values).flatMap(([name, value]) => (value === true ? [`--${name}`] : [`--${name}`, quoted(String(value), platform)]))
  return [invocation, ...words].join(' ')
}

function quoted(text: string, platform: NodeJS.Platform): string {
  if (/^[\w@%+=:,./-]+$/.test(text) || (platform === 'win32' && /^[\w:,.\\/-]+$/.test(text))) return text
  return platform === 'win32' ? `"${text.replaceAll('"', '""')}"` : `'${text.replaceAll("'", "'\\''")}'`
}

/** `5.5 GB`, `120 GB`. */
export function sizeText(bytes: number): string {
  const [value, unit] = bytes >= 1e12 ? [bytes / 1e12, 'TB'] : bytes >= 1e9 ? [bytes / 1e9, 'GB'] : [bytes / 1e6, 'MB']
  return `${value >= 100 ? Math.round(value) : Number(value.toFixed(1))} ${unit}`
}
