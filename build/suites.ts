/** Runs one check of the test command and counts what passed and failed in it. */
import { spawn } from 'node:child_process'
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { ElectronDist } from './electron-dist.ts'
import { findChromium } from './system-deps.ts'
import { playwrightFailures, readReport, vitestFailures, type PlaywrightReport, type VitestReport } from './test-reports.ts'
import { hasCommand, ROOT, say } from './terminal.ts'

export interface SuiteResult {
  readonly name: string
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  readonly seconds: number
  /** What failed, each with the first lines of why: said once more at the end, where the output above was cut. */
  readonly failures: readonly string[]
}

/** Where reports and screenshots go. */
export const RESULTS = join(ROOT, 'test-results')
const E2E = join(ROOT, 'test', 'e2e')

/** A check that either passes or fails as a whole: a linter, a type checker. */
export async function runCheck(name: string, command: string, args: readonly string[]): Promise<SuiteResult> {
  const { code, seconds, tail } = await execute(name, command, args)
  return { name, passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0, seconds, failures: code === 0 ? [] : [`${name}\n${tail}`] }
}

export async function runVitest(): Promise<SuiteResult> {
  await mkdir(RESULTS, { recursive: true })
  const output = join(RESULTS, 'vitest.json')
  const { code, seconds, tail } = await execute('vitest', 'vitest', ['run', '--config', 'build/vitest.config.ts', '--reporter=default', '--reporter=json', `--outputFile.json=${output}`])
  const report = await readReport<VitestReport>(output)
  const failed = report?.numFailedTests ?? 0
  // A file that does not load, or an error outside of any test, fails the run without failing a test.
  const outside = code !== 0 && failed === 0 ? Math.max(1, report?.numFailedTestSuites ?? 1) : 0
  const failures = [...vitestFailures(report), ...(outside > 0 ? [`vitest, outside of any test\n${tail}`] : [])]
  return { name: 'vitest', passed: report?.numPassedTests ?? 0, failed: failed + outside, skipped: report?.numPendingTests ?? 0, seconds, failures }
}

/** Suites that mostly wait for blocks, time-outs and processes: they leave a core to the others, beside which they run. */
const PATIENT = /^(real-|live|linux-|node|networks|updates|packaged)/

/**
 * The suites of Playwright, or those whose names begin like one of `only`: real Electron and real Chromium, under a virtual
 * display where there is no other. Where they can have a network each, with nothing in it but loopback, its two halves run side
 * by side: the same ports are free to both, and nothing that they do reaches anybody.
 */
export async function runEndToEnd(electron: ElectronDist, only: readonly string[] = []): Promise<readonly SuiteResult[]> {
  const all = (await readdir(E2E)).filter((name) => name.endsWith('.spec.ts')).map((name) => name.replace('.spec.ts', ''))
  const specs = all.filter((name) => only.length === 0 || only.some((word) => name.startsWith(word)))
  await execute('what the suites of windows need', 'node', [join(E2E, 'fixtures', 'prepare.ts')], { ELECTRON_OVERRIDE_DIST_PATH: electron.folder })
  const patient = specs.filter((name) => PATIENT.test(name))
  const halves = [['windows, patient', patient], ['windows', specs.filter((name) => !patient.includes(name))]] as const
  const runs = halves.filter(([, names]) => names.length > 0).map(([name, names]) => () => runPlaywright(name, electron, names))
  if (hasOwnNetworks()) return Promise.all(runs.map((run) => run()))
  const results: SuiteResult[] = []
  for (const run of runs) results.push(await run())
  return results
}

function hasOwnNetworks(): boolean {
  return process.platform === 'linux' && process.getuid?.() === 0 && hasCommand('unshare') && hasCommand('ip')
}

/** Those of the specs whose names are given. */
async function runPlaywright(name: string, electron: ElectronDist, specs: readonly string[]): Promise<SuiteResult> {
  const part = name.replace(/\W+/g, '-')
  const output = join(RESULTS, `${part}.json`)
  const args = ['test', '--config', 'test/e2e/playwright.config.ts', '--reporter=line,json', '--output', join(RESULTS, part), ...specs.map((spec) => `test/e2e/${spec}\\.spec\\.ts$`)]
  const network = hasOwnNetworks() ? ['unshare', '--net', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh'] : []
  const display = process.platform === 'linux' && !process.env['DISPLAY'] ? ['xvfb-run', '-a'] : []
  const [command = '', ...words] = [...network, ...display, 'playwright', ...args]
  const { code, seconds, tail } = await execute(name, command, words, {
    PLAYWRIGHT_JSON_OUTPUT_FILE: output,
    ELECTRON_OVERRIDE_DIST_PATH: electron.folder,
    CHROMIUM_PATH: findChromium() ?? '',
  })
  const report = await readReport<PlaywrightReport>(output)
  const { expected = 0, unexpected = 0, flaky = 0, skipped = 0 } = report?.stats ?? {}
  const failed = unexpected + flaky
  const outside = code !== 0 && failed === 0 ? 1 : 0
  const failures = [...playwrightFailures(report), ...(outside > 0 ? [`${name}, outside of any test\n${tail}`] : [])]
  return { name, passed: expected, failed: failed + outside, skipped, seconds, failures }
}

const TAIL_CHARACTERS = 3000
const DRAIN_MS = 2000

/** `tail` is the end of what it printed. */
function execute(name: string, command: string, args: readonly string[], env: Record<string, string> = {}): Promise<{ code: number; seconds: number; tail: string }> {
  say(`\n── ${name}`)
  const start = performance.now()
  const colours = process.stdout.isTTY ? { FORCE_COLOR: '1' } : {}
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...colours, ...env }, shell: process.platform === 'win32' })
    let tail = ''
    for (const [from, to] of [[child.stdout, process.stdout], [child.stderr, process.stderr]] as const) {
      from.on('data', (chunk: Buffer) => {
        to.write(chunk)
        tail = (tail + chunk.toString()).slice(-TAIL_CHARACTERS)
      })
    }
    child.on('error', (error) => reject(new Error(`${command} cannot be run: ${error.message}. Run npm ci first.`, { cause: error })))
    // A process that it left behind may hold its output open.
    child.on('exit', () => setTimeout(() => [child.stdout, child.stderr].forEach((stream) => stream.destroy()), DRAIN_MS).unref())
    child.on('close', (code, signal) => resolve({ code: code ?? (signal === null ? 0 : 1), seconds: (performance.now() - start) / 1000, tail }))
  })
}
