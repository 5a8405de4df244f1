/**
 * The one door of network files: whatever a person opens, drops, names or is sent goes through here.
 *
 * A network file is a chain specification (see addition.ts for what this app adds). Two more forms are understood, because people have them: what
 * earlier versions of this app exported (`format: nodestead-network`, a specification in an envelope of settings), of which the role, the
 * account and everything else that belonged to one computer is left out; and the name of a network that ships with the app, in such
 * an envelope. What is no network file is told in a sentence about the file. Nothing of its content is quoted: it may be a letter, or a key.
 */
import { readAddition, type SpecAddition } from './addition.ts'
import { ChainSpecError } from './errors.ts'
import { KNOWN_NETWORKS } from './networks.ts'
import { isRecord } from './raw-genesis.ts'
import { isExactObject, parseExact, printExact, type ExactObject } from './runtime-genesis/exact-json.ts'
import { checkSignature } from './signature.ts'

/** What a file turned out to be. `json` and `text` are the same, with exact numbers. */
export type NetworkFile =
  | { readonly kind: 'spec'; readonly text: string; readonly json: Readonly<Record<string, unknown>>; readonly addition: SpecAddition | undefined }
  | { readonly kind: 'known'; readonly name: string }

const ENVELOPE = 'nodestead-network'
const INDENT = 2
const ASK_AGAIN = 'Ask for the file again: on its way it lost its end, or was changed.'

/** `source` is named in errors. Throws a {@link ChainSpecError}. Whether its fields are right, `readSpec` says (load.ts). */
export function openNetworkFile(text: string, source: string): NetworkFile {
  // Editors of one system begin a file with this mark.
  const plain = text.replace(/^\ufeff/, '')
  if (plain.trim() === '') throw new ChainSpecError('CHAIN_SPEC_EMPTY', `${source} is empty.`, { hint: ASK_AGAIN })
  const json = parsed(plain, source)
  if (!isRecord(json)) throw otherFile(source)
  if (json['format'] === ENVELOPE) return openEnvelope(plain, json, source)
  if (!('genesis' in json) && !('id' in json && 'name' in json)) throw otherFile(source)
  return { kind: 'spec', text: plain, json, addition: checkedAddition(plain, json, source) }
}

function parsed(text: string, source: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new ChainSpecError('CHAIN_SPEC_NOT_JSON', `${source} is not a network file: it is not JSON, or is incomplete.`, {
      hint: 'Choose a chain specification or an invitation. If this is one, it was not copied completely: ask for it again.',
    })
  }
}

function checkedAddition(text: string, json: Readonly<Record<string, unknown>>, source: string): SpecAddition | undefined {
  const addition = readAddition(json['nodestead'])
  if (addition === 'newer') throw newer(source)
  if (addition === 'unreadable') throw new ChainSpecError('CHAIN_SPEC_INVALID', `The list of members in ${source} cannot be read.`, { hint: ASK_AGAIN })
  if (addition === undefined) return undefined
  if (addition.signature !== undefined && !isSigned(text, addition)) {
    throw new ChainSpecError('CHAIN_SPEC_BAD_SIGNATURE', `${source} was changed after it was signed${addition.by === undefined ? '' : ` by node ${addition.by.peerId}`}.`, {
      hint: 'Do not use it. Ask whoever built the network for a new one.',
    })
  }
  return addition
}

function isSigned(text: string, addition: SpecAddition): boolean {
  try {
    return checkSignature(parseExact(text) as ExactObject, addition) === 'valid'
  } catch {
    // Nested deeper than anything that is signed.
    return false
  }
}

function openEnvelope(text: string, json: Readonly<Record<string, unknown>>, source: string): NetworkFile {
  const { version, kind = 'chain', chain } = json
  if (typeof version !== 'number' || version > 1) throw newer(source)
  if (kind !== 'chain') throw new ChainSpecError('CHAIN_SPEC_NEWER', `${source} describes a kind of network that this version does not support.`, { hint: 'Update Nodestead, then open the file again.' })
  const envelope = parseExact(text)
  const spec = isExactObject(envelope) ? envelope['chainSpec'] : undefined
  if (isExactObject(spec)) {
    const inner = printExact(spec, INDENT)
    return { kind: 'spec', text: inner, json: JSON.parse(inner) as Record<string, unknown>, addition: undefined }
  }
  const name = isRecord(chain) && chain['kind'] === 'known' ? chain['name'] : undefined
  const known = KNOWN_NETWORKS.find(({ id }) => id === name)
  if (known === undefined) throw new ChainSpecError('CHAIN_SPEC_NO_GENESIS', `${source} was exported without its chain specification.`, { hint: 'Export the network again.' })
  return { kind: 'known', name: known.id }
}

function otherFile(source: string): ChainSpecError {
  return new ChainSpecError('CHAIN_SPEC_OTHER_FILE', `${source} is JSON, but not a network file: it has no network name, no id and no genesis.`, {
    hint: 'Choose a chain specification or an invitation.',
  })
}

function newer(source: string): ChainSpecError {
  return new ChainSpecError('CHAIN_SPEC_NEWER', `${source} was written by a newer version of Nodestead.`, { hint: 'Update Nodestead, then open the file again.' })
}
