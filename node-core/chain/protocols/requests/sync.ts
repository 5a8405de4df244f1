/**
 * `/sync/2`: blocks for others and from others (Polkadot Host spec, section 4.8.3 "Requesting Blocks").
 *
 * The server walks from the block that was named, up the best chain or down to genesis, and stops at what was asked for,
 * at a size (of what a limited line carries in time, where it is limited), or at a block whose justification changes the authorities: whoever receives the response knows one set of
 * authorities, and light clients ban a peer whose response they would need two for.
 *
 * The client checks everything that can be checked without a chain. That the blocks follow each other, and from what, is
 * for the syncer to judge; it also must be content with fewer blocks than it asked for.
 */
import type { Hash } from '../../../base/bytes.ts'
import { assertExtrinsic, type Extrinsic, type Justification } from '../../scale/block.ts'
import { decodeHeader, encodeHeader, encodedHeaderHash, type Header } from '../../scale/header.ts'
import type { StoredBlocks } from '../chain.ts'
import type { RequestAnswer, RequestHandler, RequestSender, RequestSpec } from '../../../network/contracts.ts'
import { BLOCKS_BUDGET } from './budgets.ts'
import { REFUSED, decodeResponse, decodingHandler, mismatch, respond } from './errors.ts'
import type { ProtobufWriter } from './protobuf.ts'
import {
  blockDataMessage, decodeBlockRequest, decodeBlockResponse, encodeBlockRequest, encodeBlockResponse, type BlockRequest,
} from './sync-messages.ts'

export type { BlockRequest } from './sync-messages.ts'

const MIB = 1024 * 1024

export const SYNC_SPEC: RequestSpec = {
  protocol: '/sync/2',
  maxRequestBytes: 4096,
  maxResponseBytes: 16 * MIB,
  timeoutMs: 20_000,
  perMinute: 3000,
  noRepeats: true,
  places: { total: 8, perPeer: 2 },
  usualResponseBytes: 8 * MIB,
  budget: BLOCKS_BUDGET,
}

/** Blocks in one response, as everywhere in this family of networks. */
export const MAX_BLOCKS = 128

/** A response that is larger than this takes no further block. */
const SOFT_RESPONSE_BYTES = 8 * MIB

/** What a block's entry needs around it: tag and length. */
const ENTRY_OVERHEAD = 8

/**
 * What a finalized header does to the authorities whose votes make blocks final: `scheduled` changes them when it is finalized (delay 0);
 * `other` is any other way (delayed or forced), which no justification alone proves.
 */
export type AuthorityChange = (header: Header) => 'scheduled' | 'other' | undefined

export interface SyncDependencies {
  readonly blocks: StoredBlocks
  readonly authorityChange: AuthorityChange
  /** A peer asked for blocks that begin with this one. */
  readonly onAsked?: (peer: string, hash: Hash) => void
}

export function syncHandler(dependencies: SyncDependencies): RequestHandler {
  return decodingHandler(SYNC_SPEC, decodeBlockRequest, (request, signal, peer, fitting) => {
    if (typeof request.from === 'string') dependencies.onAsked?.(peer, request.from)
    return serveBlocks(dependencies, request, signal, fitting)
  })
}

async function serveBlocks(dependencies: SyncDependencies, request: BlockRequest, signal: AbortSignal, fitting = SOFT_RESPONSE_BYTES): Promise<RequestAnswer> {
  const { blocks, authorityChange } = dependencies
  const limit = Math.min(request.maxBlocks ?? MAX_BLOCKS, MAX_BLOCKS)
  const entries: ProtobufWriter[] = []
  let size = 0
  let hash = typeof request.from === 'number' ? blocks.hashByNumber(request.from) : request.from
  while (hash !== undefined && entries.length < limit) {
    const header = blocks.header(hash)
    if (header === undefined) break
    const body: readonly Extrinsic[] | undefined = request.body ? await blocks.body(hash) : []
    // A block without its body is not what was asked for, and nothing can be left out in the middle.
    if (body === undefined) break
    const justifications: readonly Justification[] | undefined = request.justifications ? await blocks.justifications(hash) : undefined
    if (signal.aborted) return REFUSED
    const entry = blockDataMessage(
      { hash, header: request.header ? encodeHeader(header) : new Uint8Array(0), body, justifications },
      request.multipleJustifications,
    )
    size += entry.size + ENTRY_OVERHEAD
    if (size > (entries.length === 0 ? SYNC_SPEC.maxResponseBytes : Math.min(fitting, SOFT_RESPONSE_BYTES))) break
    entries.push(entry)
    if (justifications !== undefined && authorityChange(header) !== undefined) break
    hash = request.direction === 'descending' ? parentOf(header) : childOf(blocks, hash, header)
  }
  return respond(encodeBlockResponse(entries))
}

function parentOf(header: Header): Hash | undefined {
  return header.number === 0 ? undefined : header.parentHash
}

/** The child on the best chain; none where the block is on a fork, because its children would be a guess. */
function childOf(blocks: SyncDependencies['blocks'], hash: Hash, header: Header): Hash | undefined {
  const child = blocks.hashByNumber(header.number + 1)
  return child !== undefined && blocks.header(child)?.parentHash === hash ? child : undefined
}

/** A block from a peer: its parts are there exactly if they were asked for. */
export interface ReceivedBlock {
  readonly hash: Hash
  readonly header: Header | undefined
  readonly body: readonly Extrinsic[] | undefined
  /** Undefined where the peer has none, too. */
  readonly justifications: readonly Justification[] | undefined
}

/**
 * Asks a peer for blocks: between none (it has none of them) and as many as were asked for, in the order that was asked
 * for. Throws a ResponseError, whose `fault` is what the peer should pay, and what {@link RequestSender} throws.
 */
export async function requestBlocks(
  sender: RequestSender, peer: string, request: BlockRequest, signal?: AbortSignal,
): Promise<ReceivedBlock[]> {
  const response = await sender.request(peer, SYNC_SPEC, encodeBlockRequest(request), signal)
  return decodeBlocks(response, request)
}

/** The checks of {@link requestBlocks}: counts, that everything asked for is there, and that hashes are those of the headers. */
export function decodeBlocks(response: Uint8Array, request: BlockRequest): ReceivedBlock[] {
  return decodeResponse('block', () => {
    const limit = Math.min(request.maxBlocks ?? MAX_BLOCKS, MAX_BLOCKS)
    const blocks = decodeBlockResponse(response, limit).map((block): ReceivedBlock => {
      const { hash, justifications } = block
      if (!request.body && block.body.length > 0) throw mismatch(`Block ${hash} comes with a body that nobody asked for.`)
      for (const extrinsic of block.body) assertExtrinsic(extrinsic)
      return {
        hash,
        header: request.header ? checkedHeader(hash, block.header) : undefined,
        body: request.body ? block.body : undefined,
        justifications: request.justifications ? justifications : undefined,
      }
    })
    checkStart(blocks[0], request)
    return blocks
  })
}

function checkedHeader(hash: Hash, encoded: Uint8Array): Header {
  if (encoded.length === 0) throw mismatch(`Block ${hash} comes without the header that was asked for.`)
  if (encodedHeaderHash(encoded) !== hash) throw mismatch(`The header that came as block ${hash} is of another block.`)
  return decodeHeader(encoded)
}

function checkStart(first: ReceivedBlock | undefined, { from }: BlockRequest): void {
  if (first === undefined) return
  const isWrong = typeof from === 'number' ? first.header !== undefined && first.header.number !== from : first.hash !== from
  if (isWrong) throw mismatch(`The response begins with block ${first.hash}, not with the one that was asked for.`)
}
