/** The decoder: keeps the types of a few runtimes and describes blocks and accounts by them. It runs in a thread of its own (worker.ts). */
import { toHex } from '../../base/bytes.ts'
import { errorMessage, isNodeError } from '../../base/errors.ts'
import { Lru } from '../../base/lru.ts'
import { ScaleReader } from '../../scale/reader.ts'
import { describeEvents, outcomeOf } from './block-events.ts'
import { nameLog, nameVoters } from './digest.ts'
import { describeExtrinsic } from './extrinsics.ts'
import { readMetadata } from './metadata.ts'
import type { RuntimeTypes } from './runtime-types.ts'
import { Names, type NamingOptions } from './names.ts'
import type { AccountKey, BlockContents, DecoderResult, DecoderTask, OpenedRuntime, RawBlock } from './protocol.ts'
import type { NamedValue, Undecodable } from './types.ts'
import { ValueReader } from './values.ts'

/** Runtimes kept: a few megabytes each. */
const KEPT_RUNTIMES = 4
/** Values told of one block; a block of an ordinary chain has some hundred. */
const MAX_VALUES = 50_000

type Known = { readonly types: RuntimeTypes } | { readonly undecodable: Undecodable }

export class Decoder {
  readonly #names: Names
  readonly #runtimes = new Lru<string, Known>(KEPT_RUNTIMES)

  constructor(naming: NamingOptions) {
    this.#names = new Names(naming)
  }

  perform(task: DecoderTask): DecoderResult {
    switch (task.kind) {
      case 'open':
        return this.open(task.runtime, task.metadata)
      case 'block':
        return this.block(task.block)
      case 'accountKey':
        return this.accountKey(task.runtime, task.publicKey)
      case 'account':
        return this.account(task.runtime, task.value)
    }
  }

  open(runtime: string, metadata: Uint8Array | undefined): OpenedRuntime {
    let known = this.#runtimes.get(runtime)
    if (known === undefined) {
      if (metadata === undefined) return { kind: 'unknown' }
      known = read(metadata, runtime)
      this.#runtimes.set(runtime, known)
    }
    if ('undecodable' in known) return { kind: 'undecodable', undecodable: known.undecodable }
    return { kind: 'open', eventsKey: known.types.events?.key }
  }

  block({ runtime, body, events, digest, justifications }: RawBlock): BlockContents {
    const types = this.#types(runtime)
    const tools = types === undefined ? undefined : { runtime: types, values: this.#reader(types) }
    const happened = tools === undefined || events === undefined ? undefined : describeEvents(events, tools.runtime, tools.values)
    const nameOf = (key: `0x${string}`): string => this.#names.label(key)
    return {
      extrinsics: body.map((extrinsic, index) => {
        const caused = happened?.byExtrinsic.get(index) ?? []
        return { ...describeExtrinsic(extrinsic, index, tools), events: caused, ...outcomeOf(caused) }
      }),
      events: happened?.ofBlock ?? [],
      eventsProblem: happened?.problem,
      digest: digest.map((log) => nameLog(log, nameOf)),
      justifications: justifications.map((justification) => nameVoters(justification, nameOf)),
    }
  }

  accountKey(runtime: string | undefined, publicKey: Uint8Array): AccountKey {
    const account = this.#names.account(publicKey)
    const key = this.#types(runtime)?.accounts?.keyOf(account.address)
    return { account, storageKey: key === undefined ? undefined : toHex(key) }
  }

  account(runtime: string, value: Uint8Array): readonly NamedValue[] {
    const types = this.#types(runtime)
    if (types?.accounts === undefined) return []
    const told = this.#reader(types).read(types.accounts.type, new ScaleReader(value))
    return told.kind === 'fields' ? told.fields : [{ name: '', value: told }]
  }

  #types(runtime: string | undefined): RuntimeTypes | undefined {
    const known = runtime === undefined ? undefined : this.#runtimes.get(runtime)
    return known !== undefined && 'types' in known ? known.types : undefined
  }

  #reader(types: RuntimeTypes): ValueReader {
    return new ValueReader(types, { accountOf: (publicKey) => this.#names.account(publicKey), limit: MAX_VALUES })
  }
}

/** `runtime` begins with the name of its specification. */
function read(metadata: Uint8Array, runtime: string): Known {
  try {
    return { types: readMetadata(metadata, runtime.split('/', 1)[0] as string) }
  } catch (error) {
    const version = isNodeError(error) && error.code === 'EXPLORER_OLD_METADATA' ? error.data?.['version'] : undefined
    return { undecodable: typeof version === 'number' ? { reason: 'oldMetadata', version } : { reason: 'failed', message: errorMessage(error) } }
  }
}
