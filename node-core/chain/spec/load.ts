/**
 * Finding, reading and checking a chain specification.
 *
 * `--chain` takes the name of a network that we know (see networks.ts), the path of a JSON file, or the link of an invitation. Its genesis is the
 * state itself (`genesis.raw`), the runtime's configuration that makes it (`genesis.runtimeGenesis`), or the root of the state alone
 * (`genesis.stateRootHash`, see genesis.ts). What a configuration makes is made where the specification is loaded, so that everybody behind sees a
 * state or its root.
 */
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Hash, Hex } from '../../base/bytes.ts'
import { ChainSpecError } from './errors.ts'
import { INVITATION_PREFIX, openInvitation } from './invitation.ts'
import { openNetworkFile, type NetworkFile } from './network-file.ts'
import { KNOWN_NETWORKS } from './networks.ts'
import { readLightSyncState } from './light-sync-state.ts'
import { CODE_KEY, readRawGenesis, SpecIssues, type SpecIssue } from './raw-genesis.ts'
import { madeSpec, resolveSpec, type ResolveOptions } from './resolve.ts'
import { isExactObject, parseExact } from './runtime-genesis/exact-json.ts'
import { KEPT_GENESIS_FILE } from './runtime-genesis/kept.ts'
import { readRuntimeGenesis } from './runtime-genesis/written.ts'
import { chainSpecSchema, stateRootSchema, type ChainSpec, type WrittenSpec } from './schema.ts'
import { whyUnreadable } from './spec-file.ts'

export interface LoadOptions {
  /** The folder that holds the specifications of the known networks, `<name>.json`. */
  readonly chainsPath: string
  /** Holds the data of chains: a genesis that was made is kept there. Nothing is kept where it is left out. */
  readonly basePath?: string
  readonly genesisWorkerUrl?: URL | undefined
}

/** Folder of one chain's data. */
export function chainDataPath(basePath: string, { id }: Pick<ChainSpec, 'id'>): string {
  return join(basePath, 'chains', id)
}

/** Where a data folder keeps the genesis that was made for one of its chains. */
export function keptGenesisPath(basePath: string, spec: Pick<ChainSpec, 'id'>): string {
  return join(chainDataPath(basePath, spec), KEPT_GENESIS_FILE)
}

/** Loads by name or path. Throws a {@link ChainSpecError}. */
export async function loadChainSpec(nameOrPath: string, options: LoadOptions): Promise<ChainSpec> {
  const { spec, path, shipped } = await readNamedSpec(nameOrPath, options)
  return resolveSpec(spec, path, resolveOptions(spec, shipped, options))
}

function resolveOptions(spec: WrittenSpec, shipped: string | undefined, { basePath, genesisWorkerUrl }: LoadOptions): ResolveOptions {
  return { shipped, kept: basePath === undefined ? undefined : keptGenesisPath(basePath, spec), workerUrl: genesisWorkerUrl }
}

export interface NamedSpec {
  readonly spec: WrittenSpec
  readonly path: string
  /** Where the genesis lies that was made when the app was built. */
  readonly shipped: string | undefined
}

/** Reads by name or path, without making a genesis. Throws a {@link ChainSpecError}. */
export async function readNamedSpec(nameOrPath: string, { chainsPath, genesisWorkerUrl }: Pick<LoadOptions, 'chainsPath' | 'genesisWorkerUrl'>): Promise<NamedSpec> {
  if (nameOrPath.startsWith(INVITATION_PREFIX)) {
    const invited = await openInvitation(nameOrPath, { code: await shippedRuntime({ chainsPath }), workerUrl: genesisWorkerUrl })
    return { spec: readSpec(invited, 'The invitation'), path: 'The invitation', shipped: undefined }
  }
  const known = KNOWN_NETWORKS.find((network) => network.names.includes(nameOrPath))
  const path = known === undefined ? resolve(nameOrPath) : join(chainsPath, `${known.id}.json`)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    const names = KNOWN_NETWORKS.map((network) => network.id).join(', ')
    throw new ChainSpecError('CHAIN_SPEC_NOT_FOUND', `The chain specification ${path} cannot be read: ${whyUnreadable(error)}.`, {
      data: { path },
      hint:
        known === undefined
          ? `Give --chain the path of a chain specification, or one of the names ${names}.`
          : 'The installation is incomplete: build or install the app again.',
      cause: error,
    })
  }
  const file = openNetworkFile(text, path)
  if (file.kind === 'known') return readNamedSpec(file.name, { chainsPath })
  return { spec: readOpened(file, path), path, shipped: known === undefined ? undefined : shippedGenesisPath(chainsPath, known.id) }
}

/** The runtime of our own networks, as it lies at `:code`. Throws a {@link ChainSpecError}. */
export async function shippedRuntime(options: Pick<LoadOptions, 'chainsPath'>): Promise<Hex> {
  const { spec, path } = await readNamedSpec('local', options)
  const { genesis } = spec
  if ('runtimeGenesis' in genesis) return genesis.runtimeGenesis.code
  throw new ChainSpecError('CHAIN_SPEC_NO_GENESIS', `${path} does not match this version of the app.`, { hint: 'Rebuild or reinstall the app.' })
}

export function shippedGenesisPath(chainsPath: string, id: string): string {
  return join(chainsPath, `${id}.genesis.json`)
}

/** Parses and checks, and makes the genesis in the calling thread where the file has none: for tools. `source` is named in errors. */
export function parseChainSpec(text: string, source: string): ChainSpec {
  return madeSpec(readSpec(text, source), source)
}

/** Parses and checks. `source` is named in errors. Throws a {@link ChainSpecError}. */
export function readSpec(text: string, source: string): WrittenSpec {
  const file = openNetworkFile(text, source)
  if (file.kind === 'spec') return readOpened(file, source)
  throw new ChainSpecError('CHAIN_SPEC_NO_GENESIS', `${source} only names a built-in network: ${file.name}.`, { hint: 'Choose that network from the list.' })
}

/** The specification of a file that was opened. Throws a {@link ChainSpecError}. */
export function readOpened({ text, json }: Extract<NetworkFile, { readonly kind: 'spec' }>, source: string): WrittenSpec {
  const { data, error } = chainSpecSchema.safeParse(json)
  if (data === undefined) throw invalid(source, error.issues)
  checked(source, 'lightSyncState', () => readLightSyncState(data.lightSyncState))
  return { ...data, genesis: readGenesis(data.genesis, text, source) }
}

const FORMS = ['raw', 'runtimeGenesis', 'stateRootHash'] as const

function readGenesis(genesis: unknown, text: string, source: string): WrittenSpec['genesis'] {
  const said = typeof genesis === 'object' && genesis !== null ? Object.entries(genesis) : []
  // What says null says nothing, unless nothing else is there.
  const forms = (said.length === 1 ? said : said.filter(([, value]) => value !== null)).map(([name]) => name)
  const form = FORMS.find((name) => forms.includes(name))
  if (form === undefined) throw noGenesis(forms, genesis, source)
  const others = forms.filter((name) => name !== form)
  if (others.length > 0) throw invalid(source, [{ path: ['genesis'], message: `it has several forms (${form}, ${others.slice(0, 3).join(', ')}), and it is unclear which counts` }])
  const value = (genesis as Readonly<Record<string, unknown>>)[form]
  return checked(source, `genesis.${form}`, (): WrittenSpec['genesis'] => {
    switch (form) {
      case 'runtimeGenesis':
        return { runtimeGenesis: readRuntimeGenesis(exactGenesis(text)) }
      case 'stateRootHash':
        return { stateRootHash: readStateRoot(value) }
      case 'raw': {
        const raw = readRawGenesis(value)
        if (raw.top[CODE_KEY] === undefined) throw noCode(source)
        return { raw }
      }
    }
  })
}

/** Runs what reads the member `path` of the file; what it finds wrong is told of that file. */
function checked<T>(source: string, path: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw error instanceof SpecIssues ? invalid(source, error.issues, path) : error
  }
}

function readStateRoot(value: unknown): Hash {
  const { data, error } = stateRootSchema.safeParse(value)
  if (data === undefined) throw new SpecIssues(error.issues)
  return data
}

/** The digits of its numbers are still in the text. */
function exactGenesis(text: string): Parameters<typeof readRuntimeGenesis>[0] {
  const spec = parseExact(text)
  const genesis = isExactObject(spec) ? spec['genesis'] : undefined
  return isExactObject(genesis) ? genesis['runtimeGenesis'] : undefined
}

function noCode(source: string): ChainSpecError {
  return new ChainSpecError('CHAIN_SPEC_NO_CODE', `The genesis of ${source} has no runtime: the key :code (${CODE_KEY}) is missing.`, {
    hint: 'A chain needs its Wasm runtime. Export the specification with build-spec --raw.',
  })
}

function invalid(source: string, issues: readonly SpecIssue[], prefix = ''): ChainSpecError {
  const shown = issues.slice(0, 3).map((issue) => {
    const path = [prefix, ...issue.path.map((part) => shorten(String(part)))].filter((part) => part !== '').join('.')
    return `${path || 'the file'}: ${issue.message}`
  })
  return new ChainSpecError('CHAIN_SPEC_INVALID', `${source} is not a valid chain specification: ${shown.join('; ')}.`, {
    hint: 'Correct these fields, or export the specification again with build-spec --raw.',
  })
}

/** Storage keys have any length; their beginning says which one it is. */
function shorten(part: string): string {
  return part.length > 80 ? `${part.slice(0, 80)}…` : part
}

function noGenesis(forms: readonly string[], genesis: unknown, source: string): ChainSpecError {
  const problem = (what: string, hint: string): ChainSpecError => new ChainSpecError('CHAIN_SPEC_NO_GENESIS', `${source} has no usable genesis: ${what}.`, { hint })
  const exportIt = 'Take the specification that the people of the network publish, or export it with build-spec --raw.'
  if (genesis === undefined || genesis === null) return problem('the field "genesis" is missing', exportIt)
  if (forms.includes('runtime')) {
    return problem('it uses the format from before 2024 (genesis.runtime), which only the program that wrote it can read', 'Let that program export it: build-spec --chain <this file> --raw.')
  }
  return problem('none of the fields "genesis.raw", "genesis.runtimeGenesis" and "genesis.stateRootHash" is present', exportIt)
}
