/**
 * `npm test`: brings what the tests need, builds, and runs every check. Ends with `N passed, N failed`.
 * Nothing is left out silently: what cannot be run is a failure with an instruction.
 */
import { rm } from 'node:fs/promises'
import type { SuiteResult } from './attempts.ts'
import { runAudit } from './audit.ts'
import { buildChainSpecs } from './chain-specs.ts'
import { ensureTestElectron, type ElectronDist } from './electron-dist.ts'
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

  const results = (await Promise.all([runChecks(), runSuites(electron)])).flat()

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

/** What builds and starts the product. */
async function runSuites(electron: ElectronDist): Promise<readonly SuiteResult[]> {
  return [
    // Builds the app on its way: all suites stand on what it leaves in `out/`.
    await runCheck('a release, rehearsed', 'node', ['build/release/release.ts', '--dry-run']),
    await runUnitTests(),
    await runProcessTests(),
    await runEndToEnd(electron),
  ]
}

/** What only reads the sources. Suites often wait, for processes and for each other: these use the cores then, and give way where suites have work. */
async function runChecks(): Promise<readonly SuiteResult[]> {
  return [
    await runAudit(),
    await runCheck('lint and types', 'oxlint', ['--type-check', '--max-warnings', '0', '.'], { isPatient: true }),
    await runCheck('lint of the renderer', 'eslint', ['--config', 'build/eslint.config.ts', '--max-warnings', '0', 'renderer'], { isPatient: true }),
    await runCheck('types of the renderer', 'svelte-check', ['--tsconfig', 'renderer/tsconfig.json', '--fail-on-warnings'], { isPatient: true }),
    await runCheck('walls', 'depcruise', ['--config', 'build/walls.config.mjs', 'node-core', 'electron', 'renderer', 'build', 'test'], { isPatient: true }),
  ]
}
