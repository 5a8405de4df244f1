/**
 * Keeps compiled Wasm for as long as its module: V8 would free code that no instance uses any more, among it the wrappers that
 * threads share. In the V8 of Node 24 and of Electron that races with threads that begin and end, and takes the whole process
 * with it ("Check failed: jit_page.has_value()", https://github.com/nodejs/node/issues/64500). What is kept instead is the first,
 * quickly made code of functions that were compiled once more since; a runtime that goes takes all of it along.
 */
import { setFlagsFromString } from 'node:v8'

/** Before the first thread that runs Wasm; more than once does nothing more. */
export function keepCompiledCode(): void {
  setFlagsFromString('--no-wasm-code-gc')
}
