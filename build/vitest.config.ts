import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  root: join(import.meta.dirname, '..'),
  test: {
    include: ['test/{unit,conformance,integration,interop}/**/*.test.ts'],
    // Two cores; tests of the runtime start worker threads of their own.
    maxWorkers: 2,
    // Node strips types by Wasm in each thread: node-core/runtime/keep-code.ts says why its code is kept.
    execArgv: ['--no-wasm-code-gc'],
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 60_000,
    dangerouslyIgnoreUnhandledErrors: false,
    restoreMocks: true,
  },
})
