/** That the last lines of the test command name what failed, and why. */
import { expect, it } from 'vitest'
import { playwrightFailures, vitestFailures } from '../../../build/test-reports.ts'

it('names the tests of vitest that failed, and a file that did not load', () => {
  const report = {
    numPassedTests: 1,
    numFailedTests: 1,
    numPendingTests: 0,
    numFailedTestSuites: 2,
    testResults: [
      {
        name: '/a.test.ts',
        status: 'failed',
        message: '',
        assertionResults: [
          { fullName: 'adds', status: 'passed', failureMessages: [] },
          { fullName: 'subtracts', status: 'failed', failureMessages: ['\u001b[31mexpected 1 to be 2\u001b[39m'] },
        ],
      },
      { name: '/b.test.ts', status: 'failed', message: 'a bracket is missing', assertionResults: [] },
      { name: '/c.test.ts', status: 'passed', message: '', assertionResults: [] },
    ],
  }
  expect(vitestFailures(report)).toEqual(['/a.test.ts: subtracts\nexpected 1 to be 2', '/b.test.ts\na bracket is missing'])
  expect(vitestFailures(undefined)).toEqual([])
})

it('names the tests of Playwright that failed, however deep they stand', () => {
  const spec = (title: string, ok: boolean, ...messages: string[]) => ({ title, ok, file: 'a.spec.ts', tests: [{ results: [{ errors: messages.map((message) => ({ message })) }] }] })
  const report = {
    stats: { expected: 1, unexpected: 2, flaky: 0, skipped: 0 },
    suites: [{ title: 'a.spec.ts', specs: [spec('opens', true), spec('closes', false, 'time ran out')], suites: [{ title: 'at night', specs: [spec('sleeps', false, 'one', 'two')] }] }],
  }
  expect(playwrightFailures(report)).toEqual(['a.spec.ts: closes\ntime ran out', 'a.spec.ts: sleeps\none\ntwo'])
  expect(playwrightFailures(undefined)).toEqual([])
})
