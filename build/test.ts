/**
 * `npm test`: brings what the tests need, builds, and runs every check. Ends with `N passed, N failed`.
 * Nothing is left out silently: what cannot be run is a failure with an instruction.
 */
import { rm } from 'node:fs/promises'
import type { SuiteResult } from './attempts.ts'
import { runAudit } from './audit.ts'
import { buildChainSpecs } from './chain-specs.ts'
import { ensureTestElectron } from './electron-dist.ts'
import { runAlone } from './run-lock.ts'
import { RESULTS, runCheck, runEndToEnd, runProcessTests, runUnitTests } from './suites.ts'
import { ensureSystemDeps } from './system-deps.ts'
import { main, say, step } from './terminal.ts'

main(() => runAlone(async () => {
  const started = performance.now()
  await rm(RESULTS, { recursive: true, force: true })
  say('What the tests need')
  await step('system packages', ensureSystemDeps)
  const electron = await step('Electron', ensureTestElectron)
  await step('chain specifications', buildChainSpecs)

  const results: SuiteResult[] = [...(await runChecks()), await runUnitTests(), await runProcessTests(), await runEndToEnd(electron)]

  const flaky = results.flatMap((result) => result.flaky)
  if (flaky.length > 0) say(`\n── flaky: passed, but only when tried once more; each is a fault to be mended\n\n${flaky.join('\n\n')}`)
  const failures = results.flatMap((result) => result.failures)
  if (failures.length > 0) say(`\n── what failed, once more\n\n${failures.join('\n\n')}`)
  say('')
  for (const { name, passed, failed, skipped, seconds } of results) {
    say(`  ${name.padEnd(24)} ${String(passed).padStart(5)} passed ${String(failed).padStart(4)} failed ${String(skipped).padStart(4)} skipped ${seconds.toFixed(0).padStart(5)} s`)
  }
  say(`  ${((performance.now() - started) / 60_000).toFixed(1)} minutes in all\n`)
  const total = (key: 'passed' | 'failed' | 'skipped') => results.reduce((sum, result) => sum + result[key], 0)
  const skipped = total('skipped')
  process.stdout.write(`${total('passed')} passed, ${total('failed')} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`)
  if (total('failed') > 0 || total('passed') === 0) process.exitCode = 1
}))

/** All that is no suite, on two cores: most of these use one alone. The linter takes as long as the other checks together. */
async function runChecks(): Promise<readonly SuiteResult[]> {
  const others = async (): Promise<SuiteResult[]> => [
    // Builds the app on its way: all suites stand on what it leaves in `out/`.
    await runCheck('a release, rehearsed', 'node', ['build/release/release.ts', '--dry-run']),
    await runCheck('types', 'tsc', ['-p', '.']),
    await runCheck('types of the renderer', 'svelte-check', ['--tsconfig', 'renderer/tsconfig.json', '--fail-on-warnings']),
    await runCheck('walls', 'depcruise', ['--config', 'build/walls.config.mjs', 'node-core', 'electron', 'renderer', 'build', 'test']),
  ]
  const lint = runCheck('lint', 'eslint', ['--config', 'build/eslint.config.ts', '--max-warnings', '0', '.'])
  return (await Promise.all([others(), lint, runAudit()])).flat()
}
