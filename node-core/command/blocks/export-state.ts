/**
 * Writing the state of a block as a chain specification, entry by entry: memory does not grow with the state. The trie is built again on the way,
 * so that a state of which a part is missing or damaged is not handed out.
 */
import { rename, rm } from 'node:fs/promises'
import { EMPTY, equalBytes, fromHex, toHex, utf8, type Hash } from '../../base/bytes.ts'
import { TrieAssembler, type AssemblySink } from '../../chain/joining/state/assembler.ts'
import type { OfflineChain } from '../../chain/node/offline.ts'
import type { ChainSpec } from '../../chain/spec/schema.ts'
import { CHILD_PREFIX, isChildKey } from '../../chain/trie/child.ts'
import { isHashed } from '../../chain/trie/nodes/node.ts'
import type { StateVersion } from '../../chain/trie/types.ts'
import { CommandError, invalid } from '../definition/errors.ts'
import { requireGoing } from '../offline-chain.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { fileOutput, standardOutput, type BlockOutput } from './block-output.ts'
import { blockAt } from './export.ts'
import { stateFileHead } from './state-file.ts'

export interface ExportedState {
  readonly number: number
  readonly hash: Hash
  readonly stateRoot: Hash
  /** Of the main trie and of child tries. */
  readonly entries: number
}

const KEYS_AT_ONCE = 1000
const FLUSH_BYTES = 64 * 1024
const NOWHERE: AssemblySink<true> = { value: () => true, node: () => true }

/** `block`: hash or height; the best one where it is left out. Throws OPTIONS_INVALID, and DATA_INVALID where the state is not kept or not whole. */
export async function exportState(chain: OfflineChain, spec: ChainSpec, block: string | undefined, path: string | undefined, terminal: Terminal, signal: AbortSignal): Promise<ExportedState> {
  const { blocks, storage, executor } = chain
  const hash = blockNamed(chain, block)
  const header = blocks.header(hash)
  if (header === undefined) throw invalid(`Block ${block ?? hash} is not here.`)
  if (!storage.has(header.stateRoot)) throw new CommandError('DATA_INVALID', `The state of block ${header.number} is not kept.`, { hint: 'Choose a newer block, or use the data of a node with --state-pruning archive.' })
  const signed = await blockAt(blocks, header.number, hash)
  const { stateVersion } = await executor.version(header.stateRoot)
  const temporary = path === undefined ? undefined : `${path}.part`
  if (temporary !== undefined) await rm(temporary, { force: true })
  const output = temporary === undefined ? standardOutput() : await fileOutput(temporary)
  const progress = terminal.progress({ label: 'Exporting', unit: 'entries', total: undefined })
  try {
    output.write(utf8(stateFileHead(spec, { genesisHash: blocks.genesisHash, block: signed })))
    output.write(utf8('  "genesis": {\n    "raw": {\n      "top": {'))
    const writing = new EntryWriter(output, stateVersion, (entries) => {
      requireGoing(signal, 'the state was not written to its end.')
      progress.at(entries)
    })
    const children: { readonly key: Uint8Array; readonly root: Uint8Array }[] = []
    const root = await writing.trie('        ', (after) => storage.keys(header.stateRoot, EMPTY, KEYS_AT_ONCE, after), (key) => storage.get(header.stateRoot, key), (key, value) => {
      if (!isChildKey(key)) return true
      children.push({ key: key.slice(CHILD_PREFIX.length), root: value })
      return false
    })
    requireRoot(root, fromHex(header.stateRoot), header.number)
    output.write(utf8('\n      },\n      "childrenDefault": {'))
    for (const [index, { key, root: expected }] of children.entries()) {
      output.write(utf8(`${index === 0 ? '' : ','}\n        "${toHex(key)}": {`))
      const found = await writing.trie('          ', (after) => storage.childKeys(header.stateRoot, key, EMPTY, KEYS_AT_ONCE, after), (inner) => storage.getChild(header.stateRoot, key, inner), () => true)
      requireRoot(found, expected, header.number)
      output.write(utf8('\n        }'))
    }
    output.write(utf8(`${children.length === 0 ? '' : '\n      '}}\n    }\n  }\n}\n`))
    progress.at(writing.entries)
    await output.finish(undefined)
    if (temporary !== undefined && path !== undefined) await rename(temporary, path)
    return { number: header.number, hash, stateRoot: header.stateRoot, entries: writing.entries }
  } catch (error) {
    await output.close()
    if (temporary !== undefined) await rm(temporary, { force: true })
    throw error
  } finally {
    progress.end()
  }
}

function blockNamed({ blocks }: OfflineChain, block: string | undefined): Hash {
  if (block === undefined) return blocks.best().hash
  if (/^0x[0-9a-f]{64}$/i.test(block)) return block.toLowerCase() as Hash
  if (!/^\d{1,10}$/.test(block)) throw invalid(`"${block}" is neither the hash nor the height of a block.`)
  const hash = blocks.hashByNumber(Number(block))
  if (hash === undefined) throw invalid(`Block ${block} is not here.`)
  return hash
}

function requireRoot(found: Uint8Array, expected: Uint8Array, number: number): void {
  if (equalBytes(found, expected)) return
  throw new CommandError('DATA_INVALID', `The entries of block ${number}'s state build to ${toHex(found)}, and not to ${toHex(expected)}.`, {
    hint: 'Either the data are damaged, or the chain is moving its state to another version of the trie: then a block after that can be exported.',
  })
}

class EntryWriter {
  entries = 0
  readonly #output: BlockOutput
  readonly #version: StateVersion
  readonly #onPage: (entries: number) => void

  constructor(output: BlockOutput, version: StateVersion, onPage: (entries: number) => void) {
    this.#output = output
    this.#version = version
    this.#onPage = onPage
  }

  /** Writes the entries that `isWritten` lets through; gives the root of all of them. */
  async trie(indent: string, keys: (after?: Uint8Array) => Uint8Array[], get: (key: Uint8Array) => Uint8Array | undefined, isWritten: (key: Uint8Array, value: Uint8Array) => boolean): Promise<Uint8Array> {
    const assembler = new TrieAssembler(NOWHERE)
    let isFirst = true
    for (let page = keys(); page.length > 0; page = keys(page.at(-1))) {
      for (const key of page) {
        const value = get(key) ?? EMPTY
        assembler.add(key, key.length, value, isHashed(value, this.#version))
        if (!isWritten(key, value)) continue
        this.#output.write(utf8(`${isFirst ? '' : ','}\n${indent}"${toHex(key)}": "${toHex(value)}"`))
        isFirst = false
        this.entries++
        if (this.#output.waiting >= FLUSH_BYTES) await this.#output.flush()
      }
      this.#onPage(this.entries)
    }
    return assembler.finish().root
  }
}
