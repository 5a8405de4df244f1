/**
 * What `call` does with a method of JSON-RPC: it is asked at the node's own port for JSON-RPC, over HTTP, which the node's status names. Methods that change the node are
 * answered as that port answers programs of this computer.
 */
import { request } from 'node:http'
import type { JsonValue } from '@bufbuild/protobuf'
import { NodeError } from '../../base/errors.ts'
import { CommandError, invalid } from '../definition/errors.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { CALL_MS, type NodeLine } from './line.ts'

/** The largest answer that a node gives unless it was told otherwise, and some room. */
const MAX_ANSWER = 64 * 1024 * 1024

interface Answer {
  readonly result?: JsonValue
  readonly error?: { readonly code?: number; readonly message?: string; readonly data?: JsonValue }
}

/** `state_getStorage`: a word of small letters, one underscore, and a name. */
export function isRpcMethod(name: string): boolean {
  return /^[a-zA-Z][a-zA-Z0-9]*_[a-zA-Z0-9_]+$/.test(name)
}

export async function callRpc(line: NodeLine, terminal: Terminal, { method, words, network, signal }: { readonly method: string; readonly words: readonly string[]; readonly network: string | undefined; readonly signal: AbortSignal }): Promise<undefined> {
  if (line.place.socketPath === undefined) throw invalid('Methods of JSON-RPC are asked on the computer of the node: --node names its service API, which has none.', 'node')
  if (/(^|_)(un)?subscribe|_v\d+_(follow|submitAndWatch)/i.test(method)) throw invalid(`${method} is a subscription, which takes a WebSocket.`)
  const { name, rpcAddress } = await line.network(network)
  if (rpcAddress === '') throw new CommandError('NODE_NOT_FOUND', `${name} does not answer JSON-RPC: its node is stopped, or has the port switched off.`, { hint: 'See the command status.' })
  const url = new URL(rpcAddress.replace(/^ws/, 'http'))
  const text = await post(url, JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: paramsOf(words) }), signal)
  const { result = null, error } = parsed(text)
  if (error !== undefined) {
    throw new NodeError('RPC_REFUSED', `${method} is refused: ${error.message ?? 'no reason is given'} (${error.code ?? 'no code'}).${typeof error.data === 'string' ? ` ${error.data}` : ''}`, { hint: error.code === -32601 ? 'rpc_methods lists what there is.' : 'See what its parameters are.' })
  }
  terminal.result(result, typeof result === 'string' ? result : JSON.stringify(result, undefined, terminal.sheet.isScreen ? 2 : 0))
  return undefined
}

/** One JSON array or object is all of them; otherwise each word is one, JSON or a text. */
export function paramsOf(words: readonly string[]): JsonValue {
  const values = words.map((word): JsonValue => {
    try {
      return JSON.parse(word) as JsonValue
    } catch {
      return word
    }
  })
  return values.length === 1 && typeof values[0] === 'object' && values[0] !== null ? values[0] : values
}

function parsed(text: string): Answer {
  try {
    const answer: unknown = JSON.parse(text)
    if (typeof answer === 'object' && answer !== null) return answer
  } catch {
    // Said below.
  }
  throw new CommandError('NODE_SILENT', 'What came from the port of JSON-RPC is no answer of it.', { hint: 'Another program may have that port.' })
}

function post(url: URL, body: string, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const failed = (reason: string): void => reject(signal.aborted ? new CommandError('INTERRUPTED', 'Interrupted.') : new CommandError('NODE_SILENT', `JSON-RPC at ${url.host} does not answer: ${reason}.`, { hint: 'See the command status.' }))
    const asking = request(url, { method: 'POST', agent: false, signal, timeout: CALL_MS, headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) } }, (response) => {
      const parts: Buffer[] = []
      let size = 0
      response.on('data', (part: Buffer) => {
        parts.push(part)
        size += part.length
        if (size > MAX_ANSWER) response.destroy(new Error('the answer is too large'))
      })
      response.on('error', (error) => failed(error.message))
      response.on('end', () => resolve(Buffer.concat(parts).toString('utf8')))
    })
    asking.on('timeout', () => asking.destroy(new Error('nothing came for a long time')))
    asking.on('error', (error) => failed(error.message))
    asking.end(body)
  })
}
