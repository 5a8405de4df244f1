/**
 * Runs the checks of the test command and counts what passed and failed in each.
 *
 * What starts programs and windows waits for a machine that may be busy with something else: it is tried a second time where it
 * fails, or ends without a report, and what passes only then is told as flaky. Unit tests are not: one that fails on a busy machine
 * has a race in it.
 */
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { ElectronDist } from './electron-dist.ts'
import { concluded, counting, NOTHING, retried, type Attempt, type SuiteResult } from './attempts.ts'
import { execute, type ExecuteOptions } from './execute.ts'
import { canIsolate } from './isolation.ts'
import { findChromium } from './system-deps.ts'
import { failedFiles, playwrightOutcome, readReport, vitestOutcome, type PlaywrightReport, type VitestReport } from './test-reports.ts'
import { ROOT } from './terminal.ts'

/** Where reports and screenshots go. */
export const RESULTS = join(ROOT, 'test-results')
const E2E = join(ROOT, 'test', 'e2e')

/** A check that either passes or fails as a whole: a linter, a type checker. */
export async function runCheck(name: string, command: string, args: readonly string[], options: Pick<ExecuteOptions, 'env' | 'isPatient'> = {}): Promise<SuiteResult> {
  const { code, seconds, tail } = await execute(name, command, args, options)
  const failures = code === 0 ? [] : [`${name}\n${tail}`]
  return { name, passed: 1 - failures.length, failed: failures.length, skipped: 0, seconds, failures, flaky: [] }
}

/** Tests without processes of their own: a failure is a failure. */
export async function runUnitTests(): Promise<SuiteResult> {
  const name = 'unit tests'
  return concluded(name, await runVitest(name, 'unit'))
}

/** Tests that start programs and nodes: the files in which something failed are run a second time. */
export async function runProcessTests(): Promise<SuiteResult> {
  const name = 'tests with processes'
  const { attempt, lost } = await counting(name, () => runVitest(name, 'processes'))
  if (attempt.report === undefined || attempt.outcome.failed === 0) return concluded(name, attempt, lost)
  const again = await runVitest(`${name}, once more where they failed`, 'processes', failedFiles(attempt.report))
  return concluded(name, retried(attempt, again, vitestOutcome(attempt.report, again.report)), lost)
}

/**
 * The suites of Playwright, or those whose names begin like one of `only`: real Electron and real Chromium. Playwright itself tries
 * a test that fails a second time.
 */
export async function runEndToEnd(electron: ElectronDist, only: readonly string[] = []): Promise<SuiteResult> {
  const name = 'windows'
  const apps = await runCheck('the apps that the suites of windows start', 'node', [join(E2E, 'fixtures', 'prepare.ts')], { env: { ELECTRON_OVERRIDE_DIST_PATH: electron.folder } })
  if (apps.failed > 0) return apps
  const specs = (await readdir(E2E)).filter((file) => file.endsWith('.spec.ts') && only.some((word) => file.startsWith(word)))
  const { attempt, lost } = await counting(name, () => runPlaywright(name, electron, specs))
  return concluded(name, attempt, lost)
}

async function runVitest(name: string, project: 'unit' | 'processes', files: readonly string[] = []): Promise<Attempt<VitestReport>> {
  const output = await freshReport(`vitest-${project}${files.length > 0 ? '-again' : ''}`)
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${output}`]
  // What Node.js made of our sources is kept for all processes of the tests: it halves the start of each.
  const env = { NODE_COMPILE_CACHE: join(ROOT, '.cache', 'compiled') }
  const execution = await execute(name, 'vitest', ['run', '--config', 'build/vitest.config.ts', '--project', project, ...reporters, ...files], { env })
  const report = await readReport<VitestReport>(output)
  return { ...execution, report, outcome: report === undefined ? NOTHING : vitestOutcome(report) }
}

/** Those of the specs whose names are given, or all. */
async function runPlaywright(name: string, electron: ElectronDist, specs: readonly string[]): Promise<Attempt<PlaywrightReport>> {
  const output = await freshReport(name)
  const args = ['test', '--config', 'test/e2e/playwright.config.ts', '--reporter=line,json', ...specs.map((spec) => `test/e2e/${spec.replaceAll('.', '\\.')}$`)]
  const display = process.platform === 'linux' && !process.env['DISPLAY'] && !canIsolate() ? ['xvfb-run', '-a'] : []
  const [command = '', ...words] = [...display, 'playwright', ...args]
  const env = { PLAYWRIGHT_JSON_OUTPUT_FILE: output, ELECTRON_OVERRIDE_DIST_PATH: electron.folder, CHROMIUM_PATH: findChromium() ?? '' }
  const execution = await execute(name, command, words, { env })
  const report = await readReport<PlaywrightReport>(output)
  return { ...execution, report, outcome: report === undefined ? NOTHING : playwrightOutcome(report) }
}

/** A place for a report in which none is left from before. */
async function freshReport(name: string): Promise<string> {
  await mkdir(RESULTS, { recursive: true })
  const path = join(RESULTS, `${name}.json`)
  await rm(path, { force: true })
  return path
}
