/**
 * `genesis.runtimeGenesis` of a specification: the runtime's code, and what its genesis is to be in the runtime's own words.
 *
 * There are three ways to say it. `config` is the whole configuration, `patch` is merged over the runtime's defaults, and `namedPreset`
 * names a patch that the runtime itself carries, with a patch of one's own over it where it is written as a pair. The state itself
 * is not here: the runtime makes it (see builder.ts).
 */
import { normalHex, HEX_EXPECTED, SpecIssues } from '../raw-genesis.ts'
import type { Hex } from '../../../base/bytes.ts'
import { isExactObject, type ExactObject, type ExactValue } from './exact-json.ts'

export interface RuntimeGenesis {
  /** What is to lie at `:code`, perhaps compressed. */
  readonly code: Hex
  readonly how: GenesisConfiguration
}

export type GenesisConfiguration =
  | { readonly kind: 'config'; readonly config: ExactValue }
  | { readonly kind: 'patch'; readonly patch: ExactValue }
  | { readonly kind: 'namedPreset'; readonly name: string; readonly patch: ExactValue }

const KINDS = ['config', 'patch', 'namedPreset'] as const

/** Reads what stands at `genesis.runtimeGenesis`. Throws {@link SpecIssues}. */
export function readRuntimeGenesis(value: ExactValue | undefined): RuntimeGenesis {
  if (!isExactObject(value)) throw refused([], 'expected an object with code and config, patch or namedPreset')
  const unknown = Object.keys(value).find((key) => key !== 'code' && !KINDS.some((kind) => kind === key))
  if (unknown !== undefined) throw refused([unknown], `this part is not known; there are code, ${KINDS.join(', ')}`)
  const code = normalHex(value['code'])
  if (value['code'] === undefined || code === '0x') throw refused(['code'], 'the runtime is missing')
  if (code === undefined) throw refused(['code'], HEX_EXPECTED)
  const said = KINDS.filter((kind) => value[kind] !== undefined)
  const [kind] = said
  if (kind === undefined) throw refused([], 'one of config, patch and namedPreset is missing')
  if (said.length > 1) throw refused([], `it has ${said.join(' and ')}, and it is unclear which counts`)
  return { code, how: readConfiguration(kind, value[kind] as ExactValue) }
}

/** The inverse of {@link readRuntimeGenesis}. */
export function writeRuntimeGenesis({ code, how }: RuntimeGenesis): ExactObject {
  switch (how.kind) {
    case 'config':
      return { code, config: how.config }
    case 'patch':
      return { code, patch: how.patch }
    case 'namedPreset':
      return { code, namedPreset: [how.name, how.patch] }
  }
}

function readConfiguration(kind: (typeof KINDS)[number], value: ExactValue): GenesisConfiguration {
  if (kind === 'namedPreset') return readPreset(value)
  if (!isExactObject(value)) throw refused([kind], 'expected an object')
  return kind === 'config' ? { kind, config: value } : { kind, patch: value }
}

/** A name, or a list of a name and a patch; what follows in it is a mark without content. */
function readPreset(value: ExactValue): GenesisConfiguration {
  const [name, patch = {}] = Array.isArray(value) ? (value as readonly ExactValue[]) : [value]
  if (typeof name !== 'string') throw refused(['namedPreset'], 'expected the name of a preset, or a list of a name and a patch')
  if (!isExactObject(patch)) throw refused(['namedPreset', '1'], 'expected an object')
  return { kind: 'namedPreset', name, patch }
}

function refused(path: PropertyKey[], message: string): SpecIssues {
  return new SpecIssues([{ path, message }])
}
