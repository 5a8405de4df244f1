import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { V8_FLAGS } from '../node-core/base/v8-flags.ts'

export default defineConfig({
  root: join(import.meta.dirname, '..'),
  test: {
    include: ['test/{unit,conformance,integration,interop}/**/*.test.ts'],
    // Two cores; tests of the runtime start worker threads of their own.
    maxWorkers: 2,
    // Node strips types by Wasm in each thread, before any code of ours could say so.
    execArgv: [...V8_FLAGS],
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 60_000,
    dangerouslyIgnoreUnhandledErrors: false,
    restoreMocks: true,
  },
})
