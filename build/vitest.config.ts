import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { V8_FLAGS } from '../node-core/base/v8-flags.ts'

const ROOT = join(import.meta.dirname, '..')
const TESTS = 'test/{unit,conformance,integration,interop}/**/*.test.ts'

/** These wait for programs and nodes, which a busy machine keeps waiting: build/suites.ts runs them a second time where they fail. */
const withProcesses = globSync(TESTS, { cwd: ROOT })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => /^test\/(integration|interop)\//.test(path) || readFileSync(join(ROOT, path), 'utf8').includes(`'node:child_process'`))

export default defineConfig({
  root: ROOT,
  test: {
    // Two cores; tests of the runtime start worker threads of their own.
    maxWorkers: 2,
    // Node strips types by Wasm in each thread, before any code of ours could say so.
    execArgv: [...V8_FLAGS],
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 10_000 } },
    dangerouslyIgnoreUnhandledErrors: false,
    restoreMocks: true,
    projects: [
      { extends: true, test: { name: 'unit', include: [TESTS], exclude: withProcesses } },
      { extends: true, test: { name: 'processes', include: withProcesses, maxWorkers: 3, sequence: { groupOrder: 1 }, testTimeout: 120_000, hookTimeout: 120_000, expect: { poll: { timeout: 60_000 } } } },
    ],
  },
})
