/**
 * The executor thread: opens the database of the node for reading and serves runtime calls.
 *
 * This file is the entry of the thread (a file of its own in the bundled application); see executor.ts for the other side.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { giveMemoryBack } from '../../../base/memory.ts'
import { giveWay } from '../../../base/threads.ts'
import { openTrieSource } from '../../state/trie-source.ts'
import type { ExecutorWorkerData } from './protocol.ts'
import { serve } from './serve.ts'

if (parentPort === null) throw new Error('worker.ts runs in a worker thread only')

/** What a thread in the background remembers of the trie. */
const BACKGROUND_CACHE_BYTES = 8 * 1024 * 1024

const { dataPath, maxLogLevel, substitution, inBackground, nextNode } = workerData as ExecutorWorkerData
if (inBackground) giveWay()
giveMemoryBack()
const cache = inBackground ? { cacheBytes: BACKGROUND_CACHE_BYTES } : {}
const opened = await openTrieSource(dataPath)
serve(parentPort, opened, { maxLogLevel, substitution, nextNode: Math.max(nextNode, opened.nextNode()), ...cache })
