/**
 * A file of `export-state`, read as a stream: a look at all of it first, which finds whatever is wrong with its form before anything is written, and then its entries,
 * each trie from its beginning. What is in memory does not grow with the file.
 */
import { closeSync, createReadStream, fstatSync, openSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { equalBytes, utf8 } from '../../base/bytes.ts'
import { errorMessage, isNodeError } from '../../base/errors.ts'
import { isChildKey } from '../../chain/trie/child.ts'
import type { Entry } from '../../chain/trie/types.ts'
import { CommandError } from '../definition/errors.ts'
import { JsonFault, JsonReader } from './json-reader.ts'
import { stateOfBlock, type StateOfBlock } from './state-file.ts'

const CODE_KEY = utf8(':code')
const LONGEST_KEY = 4096
/** Entries between two turns of others. */
const ENTRIES_A_TURN = 4096

export interface SurveyedState extends StateOfBlock {
  /** Of the runtime, as it lies in the state. */
  readonly code: Uint8Array
  /** Of the main trie without child roots. */
  readonly entries: number
  /** Of all child tries. */
  readonly childEntries: number
  /** Child tries that have entries. */
  readonly children: number
}

/** What the look at the file has found. */
interface Places {
  nodestead: unknown
  top: number | undefined
  children: number | undefined
  code: Uint8Array | undefined
  entries: number
  childEntries: number
  childTries: number
  /** Where keys do not ascend. */
  disorder: JsonFault | undefined
}

export class StateSource {
  readonly #path: string
  readonly #file: number
  readonly #places: Places = { nodestead: undefined, top: undefined, children: undefined, code: undefined, entries: 0, childEntries: 0, childTries: 0, disorder: undefined }

  /** Throws DATA_INVALID where there is no such file. */
  constructor(path: string) {
    this.#path = path
    try {
      this.#file = openSync(path, 'r')
    } catch (error) {
      throw new CommandError('DATA_INVALID', `${path} cannot be read: ${errorMessage(error)}.`, { cause: error })
    }
    if (fstatSync(this.#file).isFile()) return
    this.close()
    throw new CommandError('DATA_INVALID', `${path} is not a file; it is read more than once, so it cannot be piped.`, { hint: 'Write the state to a file first.' })
  }

  get size(): number {
    return fstatSync(this.#file).size
  }

  close(): void {
    closeSync(this.#file)
  }

  /** Reads everything once. `onProgress` hears of bytes. Throws DATA_INVALID with line, byte and reason, or where the file says nothing of a block. */
  async survey(onProgress: (bytes: number) => void): Promise<SurveyedState> {
    try {
      for (const bytes of this.#walk()) {
        onProgress(bytes)
        await setImmediate()
      }
      const found = stateOfBlock({ nodestead: this.#places.nodestead })
      const { top, code, entries, childEntries, childTries, disorder } = this.#places
      if (found === undefined || top === undefined) {
        throw new CommandError('DATA_INVALID', `${this.#path} does not say of which block its state is.`, { hint: 'Export the state with this program. A chain of its own that begins with such a state is started with --chain and the file.' })
      }
      if (disorder !== undefined) throw disorder
      if (code === undefined) throw new CommandError('DATA_INVALID', `The state in ${this.#path} has no runtime: there is no entry :code.`, { hint: 'Export the state again.' })
      return { ...found, code, entries, childEntries, children: childTries }
    } catch (error) {
      throw await this.explained(error)
    }
  }

  /** By ascending keys, without the roots of child tries. Behind {@link survey}. */
  *top(): Generator<Entry> {
    const { top } = this.#places
    if (top === undefined) return
    for (const [key, value] of new JsonReader(this.#file, top).entries()) yield [key, value]
  }

  /** By the keys of the child tries, without their prefix. The entries of one are taken before the next. */
  *children(): Generator<readonly [key: Uint8Array, entries: Iterable<Entry>]> {
    const { children } = this.#places
    if (children === undefined) return
    const reader = new JsonReader(this.#file, children)
    for (const key of reader.members()) yield [keyOf(key, reader.offset), plain(reader)]
  }

  /** The error as people are told it: a fault of the file with its line, and whatever else as it is. */
  async explained(error: unknown): Promise<unknown> {
    if (error instanceof JsonFault) {
      const { offset, message } = error
      return new CommandError('DATA_INVALID', `${this.#path} is damaged at line ${await lineAt(this.#path, offset)}, byte ${offset}: ${message}.`, { hint: 'Nothing was imported. Export the state again.', data: { offset } })
    }
    if (isNodeError(error) || !(error instanceof Error)) return error
    return new CommandError('DATA_INVALID', `${this.#path} cannot be read: ${error.message}.`, { cause: error })
  }

  *#walk(): Generator<number> {
    const reader = new JsonReader(this.#file)
    for (const name of reader.members()) {
      if (name === 'genesis') yield* this.#walkGenesis(reader)
      else if (name === 'nodestead') this.#places.nodestead = reader.value()
      else reader.value()
    }
    reader.end()
  }

  *#walkGenesis(reader: JsonReader): Generator<number> {
    for (const form of reader.members()) {
      if (form !== 'raw') {
        reader.value()
        continue
      }
      for (const name of reader.members()) {
        if (name === 'top') yield* this.#walkTop(reader)
        else if (name === 'childrenDefault') yield* this.#walkChildren(reader)
        else reader.value()
      }
    }
  }

  *#walkTop(reader: JsonReader): Generator<number> {
    const places = this.#places
    if (places.top !== undefined) throw new JsonFault(reader.offset, 'the state is there a second time')
    places.top = reader.offset
    for (const [key, value, offset] of this.#ascending(reader)) {
      if (isChildKey(key)) throw new JsonFault(offset, 'the root of a child trie stands among the entries of the main trie')
      if (equalBytes(key, CODE_KEY)) places.code = value
      if (++places.entries % ENTRIES_A_TURN === 0) yield reader.offset
    }
  }

  *#walkChildren(reader: JsonReader): Generator<number> {
    const places = this.#places
    if (places.children !== undefined) throw new JsonFault(reader.offset, 'the child tries are there a second time')
    places.children = reader.offset
    let last: Uint8Array | undefined
    for (const name of reader.members()) {
      const { offset } = reader
      const key = keyOf(name, offset)
      if (last !== undefined && Buffer.compare(last, key) >= 0) places.disorder ??= new JsonFault(offset, OUT_OF_ORDER)
      last = key
      const before = places.childEntries
      for (const _ of this.#ascending(reader)) if (++places.childEntries % ENTRIES_A_TURN === 0) yield reader.offset
      if (places.childEntries > before) places.childTries++
    }
  }

  *#ascending(reader: JsonReader): ReturnType<JsonReader['entries']> {
    let last: Uint8Array | undefined
    for (const entry of reader.entries()) {
      const [key, , offset] = entry
      if (key.length > LONGEST_KEY) throw new JsonFault(offset, `the key is longer than ${LONGEST_KEY} bytes`)
      if (last !== undefined && Buffer.compare(last, key) >= 0) this.#places.disorder ??= new JsonFault(offset, OUT_OF_ORDER)
      last = key
      yield entry
    }
  }
}

const OUT_OF_ORDER = 'the key does not come after the one before it'

function* plain(reader: JsonReader): Generator<Entry> {
  for (const [key, value] of reader.entries()) yield [key, value]
}

function keyOf(name: string, offset: number): Uint8Array {
  if (/^0x([0-9a-f]{2})*$/i.test(name) && name.length <= 2 * LONGEST_KEY + 2) return new Uint8Array(Buffer.from(name.slice(2), 'hex'))
  throw new JsonFault(offset, 'the key of the child trie before it is not hexadecimal with 0x before it')
}

/** From 1. */
async function lineAt(path: string, offset: number): Promise<number> {
  if (offset === 0) return 1
  let line = 1
  for await (const chunk of createReadStream(path, { end: offset - 1, highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>) {
    for (let at = chunk.indexOf(0x0a); at !== -1; at = chunk.indexOf(0x0a, at + 1)) line++
  }
  return line
}
