/**
 * The genesis state, made by the runtime itself through its `GenesisBuilder` API.
 *
 * `get_preset(None)` gives the runtime's default configuration as JSON, `get_preset(Some(name))` a patch that it carries,
 * and `build_state(JSON)` writes the state that a whole configuration comes to. The calls run on an empty storage in an instance of our
 * executor that belongs to no node. The same code and the same configuration give the same state on every machine: the runtime has
 * neither a clock nor randomness here.
 *
 * The code comes from a file that anybody may have written. It can do nothing but compute, within the executor's limits of
 * memory; it may compute for ever, which is why the node makes a genesis in a thread of its own (thread.ts).
 */
import { fromBinaryString, fromHex, fromUtf8, toHex, utf8 } from '../../../base/bytes.ts'
import { errorMessage } from '../../../base/errors.ts'
import { decodeAll, ScaleError, type ScaleReader } from '../../../scale/reader.ts'
import { ScaleWriter } from '../../../scale/writer.ts'
import { compileCode } from '../../runtime/code/code.ts'
import { emptyContext, encodedCodeVersion } from '../../runtime/code/code-version.ts'
import { RuntimeError } from '../../runtime/errors.ts'
import { LoadedRuntime } from '../../runtime/guest/loaded-runtime.ts'
import type { CallContext } from '../../runtime/host/context.ts'
import { CODE_KEY, sortedStorage, type GenesisStorage, type RawGenesis } from '../raw-genesis.ts'
import { isExactObject, parseExact, printExact, type ExactValue } from './exact-json.ts'
import { mergePatch } from './merge.ts'
import type { RuntimeGenesis } from './written.ts'

/** Why there is no state: a clause without a full stop, about the runtime of the file. */
export class GenesisFault extends Error {}

/** Throws a {@link GenesisFault}. */
export function buildRawGenesis({ code, how }: RuntimeGenesis): RawGenesis {
  const runtime = new GenesisRuntime(fromHex(code))
  const storage = runtime.buildState(how.kind === 'config' ? how.config : mergePatch(runtime.defaults(), patchOf(runtime, how)))
  return { ...storage, top: sortedStorage({ ...storage.top, [CODE_KEY]: code }) }
}

/** The same in the form without presets, for a file. Throws a {@link GenesisFault}. */
export function withoutPreset(genesis: RuntimeGenesis): RuntimeGenesis {
  const { code, how } = genesis
  return how.kind === 'namedPreset' ? { code, how: { kind: 'patch', patch: patchOf(new GenesisRuntime(fromHex(code)), how) } } : genesis
}

function patchOf(runtime: GenesisRuntime, how: Exclude<RuntimeGenesis['how'], { kind: 'config' }>): ExactValue {
  return how.kind === 'patch' ? how.patch : mergePatch(runtime.preset(how.name), how.patch)
}

class GenesisRuntime {
  readonly #runtime: LoadedRuntime

  constructor(code: Uint8Array) {
    try {
      this.#runtime = new LoadedRuntime(compileCode(code))
    } catch (error) {
      throw new GenesisFault(errorMessage(error), { cause: error })
    }
  }

  defaults(): ExactValue {
    const found = this.#presetText(undefined)
    if (found === undefined) throw new GenesisFault('the runtime has no default configuration to apply a patch to')
    return readConfiguration(found, 'the default configuration')
  }

  preset(name: string): ExactValue {
    const found = this.#presetText(name)
    if (found !== undefined) return readConfiguration(found, `the preset ${JSON.stringify(name)}`)
    const names = this.#decode(this.#call('GenesisBuilder_preset_names', new Uint8Array(0)), (reader) => reader.vec(text))
    throw new GenesisFault(`the runtime has no preset ${JSON.stringify(name)}; it has ${names.length === 0 ? 'none' : names.join(', ')}`)
  }

  /** `:code` is left to the caller. */
  buildState(configuration: ExactValue): RawGenesis {
    const context: CallContext = { ...emptyContext(), versionOf: encodedCodeVersion }
    const answer = this.#call('GenesisBuilder_build_state', new ScaleWriter().bytes(utf8(printExact(configuration))).finish(), context)
    const refusal = this.#decode(answer, (reader) => reader.option(text))
    if (refusal !== undefined) throw new GenesisFault(`the runtime refuses it: ${withoutPlace(refusal)}`)
    let top: GenesisStorage = {}
    const childrenDefault: Record<string, GenesisStorage> = {}
    for (const [childKey, entries] of context.storage.written()) {
      const storage = sortedStorage(Object.fromEntries(entries.map(([key, value]) => [toHex(fromBinaryString(key)), toHex(value)])))
      if (childKey === undefined) top = storage
      else childrenDefault[toHex(fromBinaryString(childKey))] = storage
    }
    return { top, childrenDefault }
  }

  #presetText(name: string | undefined): string | undefined {
    const writer = new ScaleWriter().bool(name !== undefined)
    if (name !== undefined) writer.bytes(utf8(name))
    return this.#decode(this.#call('GenesisBuilder_get_preset', writer.finish()), (reader) => reader.option(text))
  }

  #call(method: string, args: Uint8Array, context = emptyContext()): Uint8Array {
    try {
      return this.#runtime.call(method, args, context)
    } catch (error) {
      if (!(error instanceof RuntimeError)) throw error
      throw new GenesisFault(reasonOf(error), { cause: error })
    }
  }

  #decode<T>(answer: Uint8Array, decode: (reader: ScaleReader) => T): T {
    try {
      return decodeAll(answer, 'the answer', decode)
    } catch (error) {
      if (error instanceof ScaleError) throw new GenesisFault(`the runtime answers in an unknown form: ${error.message}`, { cause: error })
      throw error
    }
  }
}

function reasonOf(error: RuntimeError): string {
  const { panic } = error.data
  if (error.code === 'RUNTIME_NO_SUCH_API') return 'the runtime makes no genesis of its own (it has no GenesisBuilder, as those of before 2024)'
  if (typeof panic !== 'string') return errorMessage(error)
  // "panicked at src/lib.rs:585:5:" is a line of its own.
  return `the runtime refuses it: ${panic.replace(/^panicked at [^\n]*:\n/, '').replace(/\.$/, '')}`
}

function text(reader: ScaleReader): string {
  return fromUtf8(reader.bytes())
}

function readConfiguration(json: string, what: string): ExactValue {
  try {
    const value = parseExact(json)
    if (isExactObject(value)) return value
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  throw new GenesisFault(`${what} of the runtime is no JSON object`)
}

/** The place that the runtime names is one in the merged text, which nobody sees. */
function withoutPlace(refusal: string): string {
  return refusal.replace(/ at line \d+ column \d+\.?$/, '').replace(/\.$/, '')
}
