/** What a run of a suite and a second one come to: nothing is lost by one end without a report, and nothing that fails twice passes. */
import { describe, expect, it } from 'vitest'
import { concluded, counting, NOTHING, retried, type Attempt } from '../../../build/attempts.ts'

const WELL: Attempt = { code: 0, seconds: 5, tail: 'done', report: {}, outcome: { ...NOTHING, passed: 7 } }
const FAILING: Attempt = { ...WELL, code: 1, outcome: { ...NOTHING, passed: 6, failed: 1, failures: ['a: b'] } }
const HUNG: Attempt = { ...WELL, code: 1, tail: 'it said nothing', report: undefined, outcome: NOTHING }
const OUTSIDE: Attempt = { ...WELL, code: 1, tail: 'an error of no test' }

/** One after the other, and how many were asked for. */
function runs(...attempts: readonly Attempt[]): { run: () => Promise<Attempt>; count: () => number } {
  let count = 0
  return { run: async () => attempts[count++] ?? HUNG, count: () => count }
}

describe('a suite', () => {
  it.each([['that passes', WELL], ['in which tests fail', FAILING]])('%s is run once', async (_, attempt) => {
    const { run, count } = runs(attempt)
    expect(await counting('suite', run)).toEqual({ attempt, lost: [] })
    expect(count()).toBe(1)
  })

  it.each([['leaves no report', HUNG, 'it said nothing'], ['fails outside of its tests', OUTSIDE, 'an error of no test']])('that %s is run again; the second run counts, the first is flaky', async (_, first, why) => {
    const { run, count } = runs(first, WELL)
    const { attempt, lost } = await counting('suite', run)
    expect(count()).toBe(2)
    expect(concluded('suite', attempt, lost)).toEqual({ name: 'suite', seconds: 10, passed: 7, failed: 0, skipped: 0, failures: [], flaky: [`suite, outside of any test\n${why}`] })
  })

  it('that is lost twice has failed, and is not flaky', async () => {
    const { attempt, lost } = await counting('suite', runs(HUNG, HUNG).run)
    expect(concluded('suite', attempt, lost)).toMatchObject({ passed: 0, failed: 1, failures: ['suite, outside of any test\nit said nothing'], flaky: [] })
    expect(concluded('suite', OUTSIDE)).toMatchObject({ passed: 7, failed: 1, failures: ['suite, outside of any test\nan error of no test'] })
  })

  it('without a report has failed even where it ended well', () => {
    expect(concluded('suite', { ...HUNG, code: 0 })).toMatchObject({ failed: 1 })
  })
})

describe('a second run of what failed', () => {
  const both = { ...NOTHING, passed: 7, flaky: ['a: b'] }

  it('that ends well makes the suite pass', () => {
    expect(concluded('suite', retried(FAILING, WELL, both))).toMatchObject({ passed: 7, failed: 0, seconds: 10, flaky: ['a: b'] })
  })

  it('in which only others fail makes it pass: each has passed once', () => {
    expect(concluded('suite', retried(FAILING, FAILING, both))).toMatchObject({ failed: 0 })
  })

  it.each([['hangs', HUNG], ['fails outside of its tests', OUTSIDE]])('that %s does not', (_, again) => {
    expect(concluded('suite', retried(FAILING, again, both))).toMatchObject({ failed: 1 })
  })
})
