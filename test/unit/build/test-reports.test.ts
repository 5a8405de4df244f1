/** What the test command reads from the reports of its suites: the counts, what failed and why, and what passed only at a second try. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { failedFiles, playwrightOutcome, readReport, vitestOutcome, type PlaywrightReport, type VitestReport } from '../../../build/test-reports.ts'

type Status = 'passed' | 'failed' | 'skipped'

/** A file of vitest's report; a test that fails says why in two colours. */
function file(name: string, tests: readonly (readonly [name: string, status: Status])[], message?: string): VitestReport['testResults'][number] {
  const assertionResults = tests.map(([fullName, status]) => ({ fullName, status, failureMessages: status === 'failed' ? [`\u001b[31m${fullName} is wrong\u001b[39m`] : [] }))
  const failed = message !== undefined || tests.some(([, status]) => status === 'failed')
  return { name, status: failed ? 'failed' : 'passed', message: message ?? '', assertionResults }
}

describe('a report of vitest', () => {
  it('names the tests that failed, and a file that did not load', () => {
    const report = { testResults: [file('/a.test.ts', [['adds', 'passed'], ['subtracts', 'failed']]), file('/b.test.ts', [], 'a bracket is missing'), file('/c.test.ts', [['waits', 'skipped']])] }
    expect(vitestOutcome(report)).toEqual({
      passed: 1, failed: 2, skipped: 1, flaky: [],
      failures: ['/a.test.ts: subtracts\nsubtracts is wrong', '/b.test.ts\na bracket is missing'],
    })
    expect(failedFiles(report)).toEqual(['/a.test.ts', '/b.test.ts'])
  })

  it('counts tests of the same name each', () => {
    expect(vitestOutcome({ testResults: [file('/a.test.ts', [['adds', 'passed'], ['adds', 'passed'], ['adds', 'failed']])] })).toMatchObject({ passed: 2, failed: 1 })
  })

  it('of a second try: what passed in it is flaky, what failed again has failed, whatever failed only now passed before', () => {
    const first = { testResults: [file('/a.test.ts', [['late', 'failed'], ['wrong', 'failed'], ['other', 'passed']]), file('/b.test.ts', [['right', 'passed']])] }
    const second = { testResults: [file('/a.test.ts', [['late', 'passed'], ['wrong', 'failed'], ['other', 'failed']])] }
    expect(vitestOutcome(first, second)).toEqual({
      passed: 3, failed: 1, skipped: 0,
      failures: ['/a.test.ts: wrong\nwrong is wrong'],
      flaky: ['/a.test.ts: late\nlate is wrong', '/a.test.ts: other\nother is wrong'],
    })
  })

  it('of a second try: a file whose set-up failed is flaky, and its tests count', () => {
    const first = { testResults: [file('/a.test.ts', [['one', 'skipped'], ['two', 'skipped']], 'the node did not start')] }
    const second = { testResults: [file('/a.test.ts', [['one', 'passed'], ['two', 'passed']])] }
    expect(vitestOutcome(first, second)).toEqual({ passed: 2, failed: 0, skipped: 0, failures: [], flaky: ['/a.test.ts\nthe node did not start'] })
    expect(vitestOutcome(first, first)).toMatchObject({ passed: 0, failed: 1, skipped: 2, flaky: [] })
  })

  it('of a second try that says nothing of a file leaves what is known of it', () => {
    const first = { testResults: [file('/a.test.ts', [['late', 'failed']])] }
    expect(vitestOutcome(first, undefined)).toMatchObject({ passed: 0, failed: 1, flaky: [] })
    expect(vitestOutcome(first, { testResults: [] })).toMatchObject({ passed: 0, failed: 1, flaky: [] })
  })
})

describe('a report of Playwright', () => {
  const spec = (title: string, status: string, ...tries: string[][]): PlaywrightReport['suites'][number]['specs'][number] => ({
    title, file: 'a.spec.ts', tests: [{ status, results: tries.map((messages) => ({ errors: messages.map((message) => ({ message })) })) }],
  })

  it('names the tests that failed twice, however deep they stand, and those that failed once', () => {
    const report = {
      stats: { expected: 1, unexpected: 2, flaky: 1, skipped: 3 },
      suites: [{
        specs: [spec('opens', 'expected', []), spec('closes', 'unexpected', ['time ran out'], ['it ran out again'])],
        suites: [{ specs: [spec('sleeps', 'unexpected', ['one', 'two'], []), spec('wakes', 'flaky', ['\u001b[31mtoo late\u001b[39m'], [])] }],
      }],
    }
    expect(playwrightOutcome(report)).toEqual({
      passed: 2, failed: 2, skipped: 3,
      failures: ['a.spec.ts: closes\ntime ran out\nit ran out again', 'a.spec.ts: sleeps\none\ntwo'],
      flaky: ['a.spec.ts: wakes\ntoo late'],
    })
  })
})

describe('a report file', () => {
  it('that is absent, or was cut off, is none', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'nodestead-report-'))
    try {
      await writeFile(join(folder, 'whole.json'), '{"testResults":[]}')
      await writeFile(join(folder, 'cut.json'), '{"testResults":[{"na')
      expect(await readReport(join(folder, 'whole.json'))).toEqual({ testResults: [] })
      expect(await readReport(join(folder, 'cut.json'))).toBeUndefined()
      expect(await readReport(join(folder, 'none.json'))).toBeUndefined()
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
