/**
 * From a specification as it is written to one whose genesis is a state, or the root of one.
 *
 * A genesis that a runtime has to make is looked for where it may be kept already: beside the specification that ships with the
 * app, then beside the chain's data. Where it is not, it is made in a thread of its own, and kept beside the data for the next start.
 */
import { ChainSpecError } from './errors.ts'
import { buildRawGenesis, GenesisFault } from './runtime-genesis/builder.ts'
import { readKept, writeKept } from './runtime-genesis/kept.ts'
import { buildInThread } from './runtime-genesis/thread.ts'
import type { RawGenesis } from './raw-genesis.ts'
import type { ChainSpec, WrittenSpec } from './schema.ts'

export interface ResolveOptions {
  /** A file that came with the specification. */
  readonly shipped?: string | undefined
  /** A file that is read, and written where it does not fit. */
  readonly kept?: string | undefined
  readonly workerUrl?: URL | undefined
}

/** `source` is named in errors. Throws a {@link ChainSpecError}. */
export async function resolveSpec(spec: WrittenSpec, source: string, { shipped, kept, workerUrl }: ResolveOptions = {}): Promise<ChainSpec> {
  const { genesis } = spec
  if (!('runtimeGenesis' in genesis)) return { ...spec, genesis }
  for (const path of [shipped, kept]) {
    const found = path === undefined ? undefined : await readKept(path, genesis.runtimeGenesis)
    if (found !== undefined) return { ...spec, genesis: { raw: found } }
  }
  const raw = await made(source, () => buildInThread(genesis.runtimeGenesis, { workerUrl }))
  // A folder that cannot be written says so itself, to the node that opens it.
  if (kept !== undefined) await writeKept(kept, genesis.runtimeGenesis, raw).catch(() => undefined)
  return { ...spec, genesis: { raw } }
}

/** In the calling thread, and nothing is kept. Throws a {@link ChainSpecError}. */
export function madeSpec(spec: WrittenSpec, source: string): ChainSpec {
  const { genesis } = spec
  if (!('runtimeGenesis' in genesis)) return { ...spec, genesis }
  return { ...spec, genesis: { raw: faultless(source, () => buildRawGenesis(genesis.runtimeGenesis)) } }
}

/** Runs `work` on the runtime of the file; what is wrong with that becomes a {@link ChainSpecError}. */
export function faultless<T>(source: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw badGenesis(source, error)
  }
}

async function made(source: string, work: () => Promise<RawGenesis>): Promise<RawGenesis> {
  try {
    return await work()
  } catch (error) {
    throw badGenesis(source, error)
  }
}

function badGenesis(source: string, error: unknown): unknown {
  if (!(error instanceof GenesisFault)) return error
  return new ChainSpecError('CHAIN_SPEC_BAD_GENESIS', `The genesis of ${source} cannot be built: ${error.message}.`, {
    hint: 'Correct genesis.runtimeGenesis, or export the file with build-spec --raw from the program that wrote it.',
    cause: error,
  })
}

