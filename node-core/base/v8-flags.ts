/**
 * What V8 must leave undone where threads begin and end, in Node 24 and in Electron, and what it must offer.
 *
 * - Freeing compiled Wasm that no instance uses any more, among it the wrappers that threads share: it races with threads that
 *   begin and end, and takes the whole process with it ("Check failed: jit_page.has_value()", nodejs/node#64500). What is kept
 *   instead is the first, quickly made code of functions that were compiled once more since; a runtime that goes takes all along.
 * - Compiling JavaScript for the first time in the background: a thread that ends waits for that, while that waits for the thread
 *   to collect its garbage, for ever (nodejs/node#54918). Seen in Electron's V8, in one of some four hundred starts and stops of
 *   a node. Such code is quickly made in the thread itself; that of the optimizing compilers is still made in the background.
 * - A function that collects garbage, in contexts that are made from then on (memory.ts).
 * - Buffers count where all memory counts, and not against a limit of their own: V8 13.6 marks the whole heap for some 40 MB of them, which a fast line fills in a
 *   fraction of a second. Without that they go with the young generation, in which they die (buffers.ts).
 */
import { setFlagsFromString } from 'node:v8'

/** Of Node 24. That of Electron 33 does not do it, and older ones do not know the flag. */
const KNOWS_BUFFERS = process.versions.v8.startsWith('13.6.')

export const V8_FLAGS: readonly string[] = ['--no-wasm-code-gc', '--no-concurrent-sparkplug', '--expose-gc', ...(KNOWS_BUFFERS ? ['--external-memory-accounted-in-global-limit'] : [])]

/** Before the first thread; more than once does nothing more. */
export function setV8Flags(): void {
  for (const flag of V8_FLAGS) setFlagsFromString(flag)
}
