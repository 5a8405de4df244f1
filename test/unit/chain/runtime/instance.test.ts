/** Calls into small hand-made runtimes: what goes wrong in one ends that call, and leaves nothing behind. */
import { describe, expect, test } from 'vitest'
import { utf8 } from '../../../../node-core/base/bytes.ts'
import { RuntimeError } from '../../../../node-core/chain/runtime/errors.ts'
import { readLayout } from '../../../../node-core/chain/runtime/guest/wasm-layout.ts'
import { testRunner, u64, type TestRunner } from '../../../helpers/runtime-state.ts'
import { op, spanOf, wasmModule, type WasmImport, type WasmSpec } from '../../../helpers/wasm-module.ts'

const MALLOC: WasmImport = { name: 'ext_allocator_malloc_version_1', params: ['i32'], results: ['i32'] }
const LOG: WasmImport = { name: 'ext_logging_log_version_1', params: ['i32', 'i64', 'i64'], results: [] }
const NOTHING = new Uint8Array(0)

function failureOf({ runner, root }: TestRunner, method: string): RuntimeError {
  try {
    runner.call(root, method, NOTHING)
  } catch (error) {
    if (error instanceof RuntimeError) return error
    throw error
  }
  throw new Error(`${method} did not fail`)
}

/** Adds one to the number at 1024 and returns its address. */
const COUNT_IN_MEMORY = [
  ...op.i32(1024), ...op.i32(1024), ...op.i32Load, ...op.i32(1), ...op.i32Add, ...op.i32Store, ...spanOf(1024, 4),
]

describe.each(['imported', 'own'] as const)('a runtime with %s memory', (memory) => {
  const build = (spec: WasmSpec): TestRunner => testRunner(wasmModule({ memory, ...spec }))

  test('receives its arguments and returns a copy of its result', () => {
    // The span of the arguments is put together as the result.
    const echo = [...op.localGet(0), ...op.i64ExtendI32U, ...op.i64(3n << 32n), ...op.i64Or]
    const { runner, root } = build({ entries: { echo: { body: echo } } })
    expect(runner.call(root, 'echo', Uint8Array.of(7, 8, 9))).toEqual(Uint8Array.of(7, 8, 9))
  })

  test('starts every call with the memory as it was at first', () => {
    const { runner, root } = build({ entries: { count: { body: COUNT_IN_MEMORY } }, data: { offset: 1024, bytes: Uint8Array.of(41) } })
    for (let i = 0; i < 3; i++) expect(runner.call(root, 'count', NOTHING)[0]).toBe(42)
  })

  test('finds zeros in fresh heap memory, whatever an earlier call left there', () => {
    const body = [
      ...op.i32(8), ...op.call(0), ...op.localSet(2),
      // Returns what lies there before it is written.
      ...op.i32(1024), ...op.localGet(2), ...op.i32Load, ...op.i32Store,
      ...op.localGet(2), ...op.i32(-1), ...op.i32Store, ...spanOf(1024, 4),
    ]
    const { runner, root } = build({ imports: [MALLOC], entries: { peek: { locals: 1, body } } })
    for (let i = 0; i < 2; i++) expect(runner.call(root, 'peek', NOTHING)).toEqual(new Uint8Array(4))
  })

  test('cannot carry a global over to the next call', () => {
    const body = [
      ...op.globalGet(1), ...op.i32(1), ...op.i32Add, ...op.globalSet(1),
      ...op.i32(1024), ...op.globalGet(1), ...op.i32Store, ...spanOf(1024, 4),
    ]
    const { runner, root } = build({ globals: 2, entries: { count: { body } } })
    for (let i = 0; i < 3; i++) expect(runner.call(root, 'count', NOTHING)[0]).toBe(1)
  })

  test('that traps fails with its last words, and works again', () => {
    const message = utf8('panicked at the disco')
    const panic = [...op.i32(0), ...spanOf(1024, 0), ...spanOf(1024, message.length), ...op.call(0), ...op.unreachable]
    const runner = build({
      imports: [LOG], data: { offset: 1024, bytes: message }, entries: { panic: { body: panic }, fine: { body: spanOf(1024, 3) } },
    })
    const error = failureOf(runner, 'panic')
    expect(error.code).toBe('RUNTIME_TRAP')
    expect(error.message).toContain('panicked at the disco')
    expect(error.data['panic']).toBe('panicked at the disco')
    expect(runner.runner.call(runner.root, 'fine', NOTHING)).toEqual(utf8('pan'))
  })

  test('that recurses for ever fails, and works again', () => {
    const recurse = [...op.localGet(0), ...op.localGet(1), ...op.call(0)]
    const runner = build({ entries: { recurse: { body: recurse }, fine: { body: spanOf(0, 0) } } })
    const error = failureOf(runner, 'recurse')
    expect(error.code).toBe('RUNTIME_TRAP')
    expect(error.message).toContain('stack overflow')
    expect(runner.runner.call(runner.root, 'fine', NOTHING)).toEqual(NOTHING)
  })

  test('that allocates without end runs out of memory', () => {
    const hoard = [...op.loop, ...op.i32(1024 * 1024), ...op.call(0), ...op.drop, ...op.br(0), ...op.end, ...op.unreachable]
    const code = wasmModule({ memory, imports: [MALLOC], entries: { hoard: { body: hoard } } })
    expect(failureOf(testRunner(code, { ':heappages': u64(64) }), 'hoard').code).toBe('RUNTIME_OUT_OF_MEMORY')
  })

  test('cannot grow its memory beyond the limit by itself', () => {
    const grow = [...op.i32(1024), ...op.i32(65), ...op.memoryGrow, ...op.i32Store, ...spanOf(1024, 4)]
    const code = wasmModule({ memory, entries: { grow: { body: grow } } })
    const { runner, root } = testRunner(code, { ':heappages': u64(64) })
    expect(runner.call(root, 'grow', NOTHING)).toEqual(Uint8Array.of(255, 255, 255, 255))
  })

  test('that grows its memory within the limit is seen where it is', () => {
    // The result lies in the page that was added.
    const added = 2 * 65_536
    const grow = [...op.i32(1), ...op.memoryGrow, ...op.drop, ...op.i32(added), ...op.i32(77), ...op.i32Store, ...spanOf(added, 1)]
    const { runner, root } = build({ entries: { grow: { body: grow } } })
    expect(runner.call(root, 'grow', NOTHING)).toEqual(Uint8Array.of(77))
  })
})

test('a host function that is missing is named when it is called, and only then', () => {
  const imports: WasmImport[] = [{ name: 'ext_frobnicate_version_9', params: ['i32'], results: [] }]
  const frobnicate = [...op.i32(0), ...op.call(0), ...spanOf(0, 0)]
  const runner = testRunner(wasmModule({ imports, entries: { frobnicate: { body: frobnicate }, fine: { body: spanOf(0, 0) } } }))
  expect(runner.runner.call(runner.root, 'fine', NOTHING)).toEqual(NOTHING)
  const error = failureOf(runner, 'frobnicate')
  expect(error.code).toBe('RUNTIME_MISSING_HOST_FUNCTION')
  expect(error.data['name']).toBe('ext_frobnicate_version_9')
})

test('a result outside of the memory is a trap', () => {
  const runner = testRunner(wasmModule({ entries: { wild: { body: spanOf(65_536, 0x7fff_ffff) } } }))
  expect(failureOf(runner, 'wild').code).toBe('RUNTIME_TRAP')
})

test('a function that the runtime does not export is named', () => {
  const runner = testRunner(wasmModule({ entries: { fine: { body: spanOf(0, 0) } } }))
  expect(failureOf(runner, 'missing').code).toBe('RUNTIME_NO_SUCH_API')
  expect(failureOf(runner, 'memory').code).toBe('RUNTIME_NO_SUCH_API')
})

test('an unknown state is told from a state without code', () => {
  const { runner } = testRunner(wasmModule({ entries: { fine: { body: spanOf(0, 0) } } }))
  expect(() => runner.call(`0x${'11'.repeat(32)}`, 'fine', NOTHING)).toThrow(expect.objectContaining({ code: 'RUNTIME_UNKNOWN_STATE' }))
})

test.each([
  ['bytes that are no Wasm', Uint8Array.of(1, 2, 3)],
  ['a module that is cut off', wasmModule({ entries: { fine: { body: spanOf(0, 0) } } }).slice(0, 40)],
  ['a module without __heap_base', wasmModule({ heapBase: undefined, entries: { fine: { body: spanOf(0, 0) } } })],
  ['a broken zstd frame', Uint8Array.of(0x52, 0xbc, 0x53, 0x76, 0x46, 0xdb, 0x8e, 0x05, 0x28, 0xb5, 0x2f, 0xfd, 0, 88, 1)],
])('%s is refused as code', (_, code) => {
  expect(failureOf(testRunner(code), 'fine').code).toBe('RUNTIME_INVALID_CODE')
})

test('a module with a second mutable global is not used twice', () => {
  const entries = { fine: { body: spanOf(0, 0) } }
  expect(readLayout(wasmModule({ globals: 1, entries })).reusable).toBe(true)
  expect(readLayout(wasmModule({ globals: 2, entries })).reusable).toBe(false)
})
