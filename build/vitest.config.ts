import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { V8_FLAGS } from '../node-core/base/v8-flags.ts'
import { longestFirst } from './test-order.ts'

const ROOT = join(import.meta.dirname, '..')
const TESTS = 'test/{unit,conformance,integration,interop}/**/*.test.ts'

/** These wait for programs and nodes, which a busy machine keeps waiting: build/suites.ts runs them a second time where they fail. */
const withProcesses = globSync(TESTS, { cwd: ROOT })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => /^test\/(integration|interop)\//.test(path) || readFileSync(join(ROOT, path), 'utf8').includes(`'node:child_process'`))

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return longestFirst(await super.sort(files))
  }
}

export default defineConfig({
  root: ROOT,
  test: {
    // Node itself loads the modules, whose compiled code it keeps (suites.ts).
    experimental: { viteModuleRunner: false },
    // Two cores; tests of the runtime start worker threads of their own.
    maxWorkers: 2,
    // Node strips types by Wasm in each thread, before any code of ours could say so.
    execArgv: [...V8_FLAGS],
    pool: 'forks',
    isolate: false,
    sequence: { sequencer: LongestFirst },
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // What failed is shown whole.
    chaiConfig: { truncateThreshold: 0 },
    expect: { poll: { timeout: 10_000 } },
    dangerouslyIgnoreUnhandledErrors: false,
    restoreMocks: true,
    projects: [
      // Files of a worker share the modules that they import: each is loaded once. So tests leave no trace in modules; what a module does when it is loaded is
      // looked at in a thread or a process of its own.
      { extends: true, test: { name: 'unit', include: [TESTS], exclude: withProcesses } },
      { extends: true, test: { name: 'processes', include: withProcesses, maxWorkers: 3, sequence: { groupOrder: 1 }, testTimeout: 120_000, hookTimeout: 120_000, expect: { poll: { timeout: 60_000 } } } },
    ],
  },
})
