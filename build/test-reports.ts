/**
 * What the reports of vitest and Playwright (JSON) say of a suite, as far as they are read here.
 *
 * A test that failed and passed when it was tried once more counts as passed, and is named as flaky: one late answer does not
 * lose a run, and is not forgotten either. It is a fault of its own, of the product or of the test.
 */
import { readFile } from 'node:fs/promises'
import { stripVTControlCharacters } from 'node:util'

export interface Outcome {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  /** What failed, each a name and the first lines of why. */
  readonly failures: readonly string[]
  /** What passed only when it was tried once more, each a name and the first lines of why it failed before. */
  readonly flaky: readonly string[]
}

export interface VitestReport {
  readonly testResults: readonly VitestFile[]
}

interface VitestFile {
  readonly name: string
  readonly status: string
  /** Why the file did not load. */
  readonly message: string
  readonly assertionResults: readonly { readonly fullName: string; readonly status: string; readonly failureMessages?: readonly string[] }[]
}

export interface PlaywrightReport {
  readonly stats: { readonly expected: number; readonly unexpected: number; readonly flaky: number; readonly skipped: number }
  readonly suites: readonly PlaywrightSuite[]
}

interface PlaywrightSuite {
  readonly suites?: readonly PlaywrightSuite[]
  readonly specs: readonly {
    readonly title: string
    readonly file: string
    readonly tests: readonly { readonly status: string; readonly results: readonly { readonly errors: readonly PlaywrightError[] }[] }[]
  }[]
}

interface PlaywrightError {
  readonly message?: string
}

const LINES = 12

/** Undefined where none was written, or not to its end. */
export async function readReport<T>(path: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as T
  } catch {
    return undefined
  }
}

/** What one try of a test came to, or of a file outside of its tests. */
interface Verdict {
  readonly name: string
  readonly isFile: boolean
  readonly status: 'passed' | 'failed' | 'skipped'
  readonly why: string
}

/** The files in which something failed: what is tried once more. */
export function failedFiles({ testResults }: VitestReport): readonly string[] {
  return testResults.filter(({ status }) => status === 'failed').map(({ name }) => name)
}

/** `again` is the report of a second try of some of the files. What passed in one of two tries has passed. */
export function vitestOutcome(report: VitestReport, again: VitestReport = { testResults: [] }): Outcome {
  const [first, second] = [verdictsOf(report), verdictsOf(again)]
  const counts = { passed: 0, failed: 0, skipped: 0 }
  const failures: string[] = []
  const flaky: string[] = []
  for (const key of new Set([...first.keys(), ...second.keys()])) {
    const tries = [first.get(key), second.get(key)].filter((verdict) => verdict !== undefined)
    const failure = tries.find(({ status }) => status === 'failed')
    const passed = tries.some(({ status }) => status === 'passed')
    if (failure !== undefined) (passed ? flaky : failures).push(told(failure.name, failure.why))
    // A file is counted only for what failed outside of its tests.
    if (tries.every(({ isFile }) => !isFile) || (failure !== undefined && !passed)) counts[passed ? 'passed' : failure === undefined ? 'skipped' : 'failed']++
  }
  return { ...counts, failures, flaky }
}

/** By a key that is the same in another try. */
function verdictsOf({ testResults }: VitestReport): Map<string, Verdict> {
  const verdicts = new Map<string, Verdict>()
  for (const { name: file, status, message, assertionResults } of testResults) {
    for (const { fullName, status, failureMessages = [] } of assertionResults) {
      const name = `${file}: ${fullName}`
      let key = name
      // Several tests of a file may have one name.
      while (verdicts.has(key)) key += '+'
      verdicts.set(key, { name, isFile: false, status: status === 'passed' || status === 'failed' ? status : 'skipped', why: failureMessages.join('\n') })
    }
    const outside = status === 'failed' && !assertionResults.some((result) => result.status === 'failed')
    verdicts.set(file, { name: file, isFile: true, status: outside ? 'failed' : 'passed', why: message })
  }
  return verdicts
}

/** Playwright tries again by itself: `retries` in its configuration. */
export function playwrightOutcome({ stats, suites }: PlaywrightReport): Outcome {
  const ofStatus = (status: string): string[] => suites.flatMap((suite) => inSuite(suite, status))
  return { passed: stats.expected + stats.flaky, failed: stats.unexpected, skipped: stats.skipped, failures: ofStatus('unexpected'), flaky: ofStatus('flaky') }
}

function inSuite({ suites = [], specs }: PlaywrightSuite, wanted: string): string[] {
  const own = specs.flatMap(({ file, title, tests }) =>
    tests
      .filter(({ status }) => status === wanted)
      .map(({ results }) => told(`${file}: ${title}`, results.flatMap(({ errors }) => errors).map(({ message }) => message ?? '').join('\n'))),
  )
  return [...own, ...suites.flatMap((suite) => inSuite(suite, wanted))]
}

/** A name, and the first lines of why. */
function told(name: string, why: string): string {
  return `${name}\n${stripVTControlCharacters(why).split('\n').slice(0, LINES).join('\n')}`
}
