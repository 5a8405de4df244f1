/**
 * Finding, reading and checking a chain specification.
 *
 * `--chain` takes the name of a network that we know (see networks.ts) or the path of a JSON file.
 */
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { errorMessage } from '../../base/errors.ts'
import { ChainSpecError } from './errors.ts'
import { KNOWN_NETWORKS } from './networks.ts'
import { readRawGenesis, SpecIssues, type RawGenesis, type SpecIssue } from './raw-genesis.ts'
import { chainSpecSchema, type ChainSpec } from './schema.ts'
import { whyUnreadable } from './spec-file.ts'

/** `:code`, where the Wasm runtime lives. */
export const CODE_KEY = '0x3a636f6465'

export interface LoadOptions {
  /** The folder that holds the specifications of the known networks, `<name>.json`. */
  readonly chainsPath: string
}

/** Loads by name or path. Throws a {@link ChainSpecError}. */
export async function loadChainSpec(nameOrPath: string, options: LoadOptions): Promise<ChainSpec> {
  const known = KNOWN_NETWORKS.find((network) => network.names.includes(nameOrPath))
  const path = known === undefined ? resolve(nameOrPath) : join(options.chainsPath, `${known.id}.json`)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    const names = KNOWN_NETWORKS.map((network) => network.id).join(', ')
    throw new ChainSpecError('CHAIN_SPEC_NOT_FOUND', `The chain specification ${path} cannot be read: ${whyUnreadable(error)}.`, {
      data: { path },
      hint:
        known === undefined
          ? `Give --chain the path of a raw chain specification, or one of the names ${names}.`
          : 'The installation is incomplete: build or install the app again.',
      cause: error,
    })
  }
  return parseChainSpec(text, path)
}

/** Parses and checks. `source` is named in errors. */
export function parseChainSpec(text: string, source: string): ChainSpec {
  let json: unknown
  try {
    // Editors of one system begin a file with this mark.
    json = JSON.parse(text.replace(/^\ufeff/, ''))
  } catch (error) {
    throw new ChainSpecError('CHAIN_SPEC_NOT_JSON', `${source} is not JSON: ${errorMessage(error)}.`, {
      hint: 'Check that the file is complete, or export it again with build-spec --raw.',
      cause: error,
    })
  }
  const parsed = chainSpecSchema.safeParse(json)
  if (!parsed.success) throw invalid(source, parsed.error.issues)
  const raw = rawGenesisOf(parsed.data.genesis, source)
  if (raw.top[CODE_KEY] === undefined) {
    throw new ChainSpecError('CHAIN_SPEC_NO_CODE', `The genesis of ${source} has no runtime: the key :code (${CODE_KEY}) is missing.`, {
      hint: 'Without a Wasm runtime there is nothing to execute. Export the specification with build-spec --raw.',
    })
  }
  return { ...parsed.data, genesis: { raw } }
}

function rawGenesisOf(genesis: unknown, source: string): RawGenesis {
  if (typeof genesis !== 'object' || genesis === null || !('raw' in genesis)) {
    throw new ChainSpecError('CHAIN_SPEC_NO_GENESIS', `${source} has no raw genesis: ${whatGenesisIs(genesis)}.`, {
      hint: 'A full node needs the whole genesis state. Export the specification with build-spec --raw.',
    })
  }
  const others = Object.entries(genesis).flatMap(([form, value]) => (form === 'raw' || value === null ? [] : [form]))
  if (others.length > 0) throw invalid(source, [{ path: ['genesis'], message: `it has several forms (raw, ${others.slice(0, 3).join(', ')}), and nobody says which counts` }])
  try {
    return readRawGenesis(genesis.raw)
  } catch (error) {
    throw error instanceof SpecIssues ? invalid(source, error.issues, 'genesis.raw') : error
  }
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

function whatGenesisIs(genesis: unknown): string {
  if (genesis === undefined || genesis === null) return 'the field "genesis" is missing'
  const keys = typeof genesis === 'object' ? Object.keys(genesis) : []
  if (keys.includes('stateRootHash')) return 'it holds only a state root, which is enough for a light client'
  if (keys.includes('runtime') || keys.includes('runtimeGenesis')) return 'it is in human-readable form'
  return 'the field "genesis.raw" is missing'
}
