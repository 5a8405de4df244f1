/** The message loop of an executor thread. */
import type { MessagePort } from 'node:worker_threads'
import { NodeStore } from '../../trie/nodes/node-store.ts'
import type { TrieSource } from '../../trie/types.ts'
import type { CodeSubstitution } from '../code/code-substitutes.ts'
import { EMPTY_KEYSTORE, type HostKeystore } from '../host/keystore.ts'
import { loadLateFunctions } from '../host/late-functions.ts'
import { createOffchainServices, type IndexedValues } from '../host/offchain-services.ts'
import { transferables, type Request, type WorkerMessage } from './protocol.ts'
import { Runner } from '../runner.ts'
import { WorkerService } from './worker-service.ts'

/** Trie nodes, and what blocks left for offchain calls; `close` releases them. */
export interface ServedSource {
  readonly source: TrieSource
  readonly indexed?: IndexedValues
  /** The record of the root of a block's state. */
  readonly blockRoot?: (block: Uint8Array) => number | undefined
  close(): Promise<void>
}

export interface ServeOptions {
  readonly maxLogLevel: number
  readonly substitution?: CodeSubstitution
  readonly keystore?: HostKeystore
  /** What the cache of trie nodes may take; its own measure where this is undefined. */
  readonly cacheBytes?: number
  /** The number that the first new record gets. */
  readonly nextNode?: number
}

/** Log lines that one request may send: a runtime in a loop must not fill the log. */
const MAX_LOG_LINES = 200
/** Answers to requests that came together go back together, unless they take longer than this. */
const GATHER_MS = 4

/** Answers requests from `port` until it is told to close. */
export function serve(port: MessagePort, served: ServedSource, options: ServeOptions): void {
  let linesLeft = 0
  const send = (messages: readonly WorkerMessage[]): void => port.postMessage(messages, transferables(messages))
  const runner = new Runner(
    {
      store: new NodeStore(served.source, options.cacheBytes),
      counter: { next: options.nextNode ?? 1 },
      ...(served.blockRoot === undefined ? {} : { blockRoot: served.blockRoot }),
      keystore: options.keystore ?? EMPTY_KEYSTORE,
      offchain: createOffchainServices(() => Date.now(), false, served.indexed),
      log: (level, target, message) => {
        if (linesLeft-- > 0) send([{ kind: 'log', level, target, message }])
      },
    },
    options,
  )
  const service = new WorkerService(runner)
  const answer = async (request: Request): Promise<WorkerMessage> => {
    linesLeft = MAX_LOG_LINES
    if (request.name === 'close') await served.close()
    const message = service.answer(request)
    if (message.kind !== 'error' || message.error.code !== 'RUNTIME_FUNCTIONS_NOT_LOADED') return message
    await loadLateFunctions()
    return service.answer(request)
  }
  const answerAll = async (requests: readonly Request[]): Promise<void> => {
    let gathered: WorkerMessage[] = []
    let since = performance.now()
    for (const [i, request] of requests.entries()) {
      gathered.push(await answer(request))
      if (i === requests.length - 1 || performance.now() - since > GATHER_MS) {
        send(gathered)
        gathered = []
        since = performance.now()
      }
      runner.settle()
      if (request.name === 'close') port.close()
    }
  }
  let last = Promise.resolve()
  port.on('message', (requests: readonly Request[]) => {
    last = last.then(() => answerAll(requests))
  })
  send([{ kind: 'ready' }])
}
