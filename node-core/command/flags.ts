/**
 * The flags of the command line: which there are, and how a line is read. Their names and their grammar are those of Substrate's nodes: a
 * flag that may have several values takes all words up to the next flag (`--bootnodes A B`), a single one may be given once. What the
 * values mean is decided in options.ts.
 *
 * Whoever mistypes a flag must not get a node that quietly does something else: what is not understood is refused with one sentence.
 */
import { parseArgs } from 'node:util'
import { NodeError } from '../base/errors.ts'
import { MAX_BANDWIDTH_LIMIT, MAX_PRUNING, type Pruning } from '../chain/node/options.ts'

const flags = {
  dev: { type: 'boolean' },
  chain: { type: 'string' },
  tmp: { type: 'boolean' },
  'base-path': { type: 'string', short: 'd' },
  name: { type: 'string' },
  validator: { type: 'boolean' },
  'force-authoring': { type: 'boolean' },
  sealing: { type: 'string' },
  sync: { type: 'string' },
  'blocks-pruning': { type: 'string' },
  'state-pruning': { type: 'string' },
  'finalize-delay-sec': { type: 'string' },
  'force-sealing': { type: 'boolean' },
  alice: { type: 'boolean' },
  bob: { type: 'boolean' },
  charlie: { type: 'boolean' },
  dave: { type: 'boolean' },
  eve: { type: 'boolean' },
  ferdie: { type: 'boolean' },
  'keystore-passphrase-file': { type: 'string' },
  port: { type: 'string' },
  'rpc-port': { type: 'string' },
  'rpc-cors': { type: 'string' },
  'rpc-methods': { type: 'string' },
  'rpc-external': { type: 'boolean' },
  'unsafe-rpc-external': { type: 'boolean' },
  'rpc-max-connections': { type: 'string' },
  'rpc-max-request-size': { type: 'string' },
  'rpc-max-response-size': { type: 'string' },
  'rpc-max-subscriptions-per-connection': { type: 'string' },
  'rpc-message-buffer-capacity-per-connection': { type: 'string' },
  'rpc-rate-limit': { type: 'string' },
  'rpc-max-batch-request-len': { type: 'string' },
  'rpc-disable-batch-requests': { type: 'boolean' },
  log: { type: 'string', short: 'l', multiple: true },
  'node-key': { type: 'string' },
  'no-mdns': { type: 'boolean' },
  bootnodes: { type: 'string', multiple: true },
  'listen-addr': { type: 'string', multiple: true },
  'public-addr': { type: 'string', multiple: true },
  'reserved-nodes': { type: 'string', multiple: true },
  'reserved-only': { type: 'boolean' },
  'topology-file': { type: 'string' },
  'network-key-file': { type: 'string' },
  'in-peers': { type: 'string' },
  'out-peers': { type: 'string' },
  'download-limit': { type: 'string' },
  'upload-limit': { type: 'string' },
  upnp: { type: 'boolean' },
  quic: { type: 'boolean' },
  'relay-server': { type: 'boolean' },
  net: { type: 'boolean' },
  'net-token-file': { type: 'string' },
  'net-plain-file': { type: 'string' },
  'net-keep-for-others': { type: 'boolean' },
  'net-upload-limit': { type: 'string' },
  'net-download-limit': { type: 'string' },
  'prometheus-port': { type: 'string' },
  'prometheus-external': { type: 'boolean' },
  'no-prometheus': { type: 'boolean' },
  raw: { type: 'boolean' },
  'disable-default-bootnode': { type: 'boolean' },
  dashboard: { type: 'boolean' },
  'dashboard-port': { type: 'string' },
  'dashboard-token-file': { type: 'string' },
  'service-port': { type: 'string' },
  'service-token-file': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'V' },
} as const

type Flags = typeof flags
export type FlagName = keyof Flags

/** By flag: true where it was given, its value, or its values. */
export type FlagValues = {
  readonly [Name in FlagName]?: Flags[Name] extends { readonly multiple: true } ? string[] : Flags[Name] extends { readonly type: 'boolean' } ? true : string
}

/** Every flag that the command line takes, without the dashes. */
export const FLAG_NAMES: readonly string[] = Object.keys(flags)

export const COMMANDS = ['build-spec'] as const

interface Definition {
  readonly type: 'boolean' | 'string'
  readonly short?: string
  readonly multiple?: boolean
}

export interface CommandWords {
  readonly values: FlagValues
  readonly command: (typeof COMMANDS)[number] | undefined
}

/** Throws a NodeError `OPTIONS_INVALID` that names the flag. */
export function readFlags(argv: readonly string[]): CommandWords {
  const { tokens } = parseArgs({ args: [...argv], options: flags, allowPositionals: true, strict: false, tokens: true })
  const values: Record<string, true | string | string[]> = {}
  let command: CommandWords['command']
  /** The flag that the next word may belong to. */
  let open: string | undefined
  for (const token of tokens) {
    switch (token.kind) {
      case 'option': {
        const definition = definitionOf(token.name, token.rawName)
        if (values[token.name] !== undefined && definition.multiple !== true) throw invalid(`--${token.name} is given twice.`)
        values[token.name] = valueOf(definition, token, values[token.name])
        open = token.name
        break
      }
      case 'positional': {
        const list = open === undefined ? undefined : values[open]
        if (Array.isArray(list)) list.push(filled(open as string, token.value))
        else command = commandOf(token.value, command, open)
        break
      }
      case 'option-terminator':
        open = undefined
        break
    }
  }
  return { values, command }
}

function definitionOf(name: string, rawName: string): Definition {
  if (Object.hasOwn(flags, name)) return flags[name as FlagName]
  const similar = closest(name, FLAG_NAMES)
  throw invalid(`Unknown option '${rawName}'${similar === undefined ? '.' : `; did you mean --${similar}?`}`)
}

interface OptionToken {
  readonly name: string
  readonly rawName: string
  readonly value?: string | undefined
  readonly inlineValue?: boolean | undefined
}

function valueOf({ type, multiple }: Definition, { name, rawName, value, inlineValue }: OptionToken, before: unknown): true | string | string[] {
  if (type === 'boolean') {
    if (value !== undefined) throw invalid(`--${name} takes no value.`)
    return true
  }
  if (value === undefined) throw invalid(`--${name} needs a value.`)
  if (inlineValue !== true && value.length > 1 && value.startsWith('-')) {
    throw invalid(`--${name} needs a value, and ${value} looks like a flag. If it is the value, write --${name}=${value}`)
  }
  // The other form that short flags are known with: -l=info.
  const text = filled(name, inlineValue === true && !rawName.startsWith('--') ? value.replace(/^=/, '') : value)
  return multiple === true ? [...((before as string[] | undefined) ?? []), text] : text
}

function filled(name: string, value: string): string {
  if (value.trim() === '') throw invalid(`--${name} must not be empty.`)
  return value
}

function commandOf(word: string, known: CommandWords['command'], flag: string | undefined): CommandWords['command'] {
  const command = COMMANDS.find((name) => name === word)
  if (command !== undefined && known === undefined) return command
  const similar = command === undefined ? closest(word, COMMANDS) : undefined
  const takesOne = flag !== undefined && flags[flag as FlagName].type === 'string'
  const why = similar !== undefined ? ` Did you mean ${similar}?` : takesOne ? ` --${flag} takes one value; one with spaces goes into quotes.` : ''
  throw invalid(command === undefined ? `"${word}" is not a command.${why}` : `"${word}" is given twice.`)
}

/** The name that is a typing error or two away, or that was cut off; undefined where none is near. */
function closest<Name extends string>(word: string, names: readonly Name[]): Name | undefined {
  const limit = word.length < 5 ? 1 : 2
  let best: { readonly name: Name; readonly distance: number } | undefined
  for (const name of names) {
    const distance = name.startsWith(word) && word.length >= 4 ? 1 : editDistance(word, name)
    if (distance <= limit && distance < (best?.distance ?? Infinity)) best = { name, distance }
  }
  return best?.name
}

/** Letters to insert, delete or replace (Levenshtein). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replace = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replace, (row[j] as number) + 1, (next[j - 1] as number) + 1))
    }
    row = next
  }
  return row[b.length] as number
}

export function portOf(flag: FlagName, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback
  const number = Number(text)
  if (!/^\d+$/.test(text) || number > 65535) throw invalid(`--${flag} takes a port from 0 to 65535, not "${text}".`)
  return number
}

export function countOf(flag: FlagName, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback
  if (!/^\d{1,4}$/.test(text) || Number(text) > 1000) throw invalid(`--${flag} takes a number from 0 to 1000, not "${text}".`)
  return Number(text)
}

/** A number of `what` from `least` to `most`; undefined where the flag was not given. */
export function amountOf(flag: FlagName, text: string | undefined, what: string, most: number, least = 1): number | undefined {
  if (text === undefined) return undefined
  if (/^\d{1,8}$/.test(text) && Number(text) >= least && Number(text) <= most) return Number(text)
  throw invalid(`--${flag} takes ${what} from ${least} to ${most}, not "${text}".`)
}

export function rateOf(flag: FlagName, text: string | undefined): number {
  if (text === undefined) return 0
  if (!/^\d{1,7}$/.test(text) || Number(text) > MAX_BANDWIDTH_LIMIT) throw invalid(`--${flag} takes kB a second from 0 (no limit) to ${MAX_BANDWIDTH_LIMIT}, not "${text}".`)
  return Number(text)
}

export function pruningOf(flag: FlagName, text: string): Pruning {
  if (text === 'archive' || text === 'archive-canonical') return text
  if (/^\d{1,10}$/.test(text) && Number(text) <= MAX_PRUNING) return Number(text)
  throw invalid(`--${flag} takes archive, archive-canonical, or a number of blocks, not "${text}".`)
}

export function invalid(message: string): NodeError<'OPTIONS_INVALID'> {
  return new NodeError('OPTIONS_INVALID', message, { hint: 'See --help for what there is.' })
}

/** `invocation` is what a person types before the flags. */
export const usage = (invocation: string): string => `Nodestead: a full node of a Polkadot-family network.

Usage: ${invocation} [flags]
       ${invocation} build-spec --chain <name or file> [--raw] [--node-key <64 hex digits>] [--disable-default-bootnode]

  --dev                  the development network: --chain dev --alice --force-authoring --tmp, unless said otherwise
  --chain <name|file>    dev, local, polkadot, kusama, westend, paseo, the path of a chain specification, or the link of an invitation
  --base-path, -d <dir>  where data is kept            --tmp       keep nothing: a folder that is removed at the end
  --name <text>          the node's name                --validator author and vote with the local keys
  --alice … --ferdie     use a development account's keys (implies --validator)
  --force-authoring      author also while no other node of a network with several authorities is connected
  --sealing <how>        for development, in place of consensus: blocks on request (manual), for each transaction (instant), or every
                         so many milliseconds; finality on request, or --finalize-delay-sec <n> later; --force-sealing on any network
  --sync <full|warp>     execute every block, or begin at the state of a late one (warp on live networks, full elsewhere)
  --blocks-pruning <archive|archive-canonical|n>  blocks to keep: all, those of the finalized chain (live networks), or the newest n of these (at least 256)
  --state-pruning <archive|archive-canonical|n>  states to keep: all, those of the finalized chain, or of its newest n blocks (256 on live networks)
  --keystore-passphrase-file <path>  its first line unlocks the keys of this node, or is chosen for them
  --port <n>             port for peers (30333)         --node-key <64 hex digits>   the node's network key
  --bootnodes <addr…>    peers to begin with; several, or repeated --no-mdns   do not look for peers on the local network
  --listen-addr <addr…>  where to listen for peers instead          --public-addr <addr…> where others reach us
  --reserved-nodes <addr…> peers that always have a slot            --reserved-only       and nobody else has
  --topology-file <path> the peers that alone make up the network, all connected with each other; read again when it changes
  --network-key-file <path>  the key that all members of a private network share; without it nobody can speak with them
  --in-peers <n>         slots for peers who come to us (32)        --out-peers <n>       and for those we choose (8)
  --download-limit <n>   kB a second that all peers together may bring   --upload-limit <n>  and take; 0 is no limit
  --upnp                 have the router pass the ports for peers on  --relay-server      relay for peers behind routers
  --quic                 speak QUIC with peers too, on the UDP port of the same number
  --net                  open the network to programs of this computer: topics, channels, sealed messages, files, by a local socket
  --net-token-file <path>  keep the token of a program that may use all of it in this file, which is made where there is none
  --net-plain-file <path>  plain links to machines of one's own, for topics of services: TCP without encryption
  --net-keep-for-others  keep sealed messages of others for peers who are away
  --net-upload-limit <n> kB a second that shared files may take       --net-download-limit <n>  and fetched ones; 0 is no limit
  --rpc-port <n>         port of JSON-RPC (9944)        --rpc-cors <origin,…|all>    who may call from a browser
  --rpc-methods <how>    methods that change the node: unsafe for everybody, safe for nobody, auto for programs of this computer (auto)
  --rpc-external         serve JSON-RPC to other machines too; --unsafe-rpc-external also where the node is a validator
  --rpc-max-connections <n> (100)   --rpc-max-subscriptions-per-connection <n> (1024)   --rpc-rate-limit <calls a minute>
  --rpc-max-request-size <MiB> (15)   --rpc-max-response-size <MiB> (15)   --rpc-message-buffer-capacity-per-connection <n> (4096)
  --rpc-max-batch-request-len <n> (1000)   --rpc-disable-batch-requests
  --prometheus-port <n>  port of the metrics (9615)     --prometheus-external        and not for this machine only
  --no-prometheus        do not serve metrics
  --dashboard            serve the dashboard too        --dashboard-port <n>         its port (9955)
  --dashboard-token-file <path>  keep the dashboard's token in this file, which is made where there is none: its address stays the same
  --service-port <n>     serve the service API (gRPC, gRPC-web, JSON) on this port of this computer, to clients with a token; needs the next flag once
  --service-token-file <path>  keep the token of a client that may use all of it in this file, which is made where there is none
  --raw                  build-spec: print the genesis state, not the configuration that makes it
  --disable-default-bootnode  build-spec: do not enter this node, by its key, as a peer to begin with
  --log, -l <filter…>    off, error, warn, info, debug, trace; or by module: info,babe=trace,rpc=off
  --help, -h             this text                      --version, -V                the version
`
