/**
 * The runs of one suite, and what they come to together. A run without a report hung, or was ended, or fell over outside of its
 * tests: nobody knows what it did not run, so it is run again as a whole. Where a report names what failed, only that is.
 */
import type { Execution } from './execute.ts'
import type { Outcome } from './test-reports.ts'

export interface SuiteResult extends Outcome {
  readonly name: string
  readonly seconds: number
}

export interface Attempt<Report = unknown> extends Execution {
  /** Undefined where it left none. */
  readonly report: Report | undefined
  readonly outcome: Outcome
}

export const NOTHING: Outcome = { passed: 0, failed: 0, skipped: 0, failures: [], flaky: [] }

function isLost({ code, report, outcome }: Attempt): boolean {
  return report === undefined || (code !== 0 && outcome.failed === 0)
}

/** The run that counts: a second one where the first is lost, of which `lost` tells. */
export async function counting<Report>(name: string, run: () => Promise<Attempt<Report>>): Promise<{ readonly attempt: Attempt<Report>; readonly lost: readonly string[] }> {
  const first = await run()
  if (!isLost(first)) return { attempt: first, lost: [] }
  const second = await run()
  return { attempt: { ...second, seconds: first.seconds + second.seconds }, lost: [outside(name, first)] }
}

/** A run, and another of what failed in it, as one. `outcome` is that of both: what failed in one of them alone may be left out of it. */
export function retried<Report>(first: Attempt<Report>, again: Attempt<Report>, outcome: Outcome): Attempt<Report> {
  return { ...again, code: isLost(again) ? 1 : 0, outcome, seconds: first.seconds + again.seconds }
}

export function concluded(name: string, attempt: Attempt, lost: readonly string[] = []): SuiteResult {
  const { outcome, seconds } = attempt
  if (!isLost(attempt)) return { ...outcome, name, seconds, flaky: [...lost, ...outcome.flaky] }
  return { ...outcome, name, seconds, failed: outcome.failed + 1, failures: [...outcome.failures, outside(name, attempt)] }
}

function outside(name: string, { tail }: Attempt): string {
  return `${name}, outside of any test\n${tail}`
}
