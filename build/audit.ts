/**
 * `npm audit` of what the product carries, where the registry in use answers that. Known weaknesses of grade "high" and above
 * fail the tests; below that they are told. An exception is written down with its reason.
 */
import { execFile } from 'node:child_process'
import { z } from 'zod'
import type { SuiteResult } from './attempts.ts'
import { ROOT, say } from './terminal.ts'

/** Advisories that do not concern this product, each with the reason: `GHSA-...: why`. */
export const EXCEPTIONS: Readonly<Record<string, string>> = {}

const advisorySchema = z.looseObject({ url: z.string(), title: z.string(), severity: z.string() })
const reportSchema = z.looseObject({
  vulnerabilities: z.record(z.string(), z.looseObject({ severity: z.string(), via: z.array(z.union([z.string(), advisorySchema])) })),
})

export interface Finding {
  readonly packageName: string
  readonly severity: string
  readonly advisories: readonly string[]
}

/** Undefined where the answer is no report. Findings of which every advisory is excepted are left out. */
export function readAudit(json: string, exceptions: Readonly<Record<string, string>> = EXCEPTIONS): readonly Finding[] | undefined {
  let report: z.infer<typeof reportSchema>
  try {
    report = reportSchema.parse(JSON.parse(json))
  } catch {
    return undefined
  }
  return Object.entries(report.vulnerabilities).flatMap(([packageName, { severity, via }]) => {
    const own = via.flatMap((cause) => (typeof cause === 'string' ? [] : [cause]))
    const left = own.filter(({ url }) => exceptions[url.split('/').at(-1) ?? ''] === undefined)
    // What is only reached through another package stands there.
    return left.length === 0 ? [] : [{ packageName, severity, advisories: left.map(({ title, url }) => `${title} (${url.split('/').at(-1) ?? ''})`) }]
  })
}

export async function runAudit(): Promise<SuiteResult> {
  say('\n── npm audit')
  const start = performance.now()
  const stdout = await audit()
  const findings = readAudit(stdout)
  const result = { name: 'npm audit', seconds: (performance.now() - start) / 1000 }
  if (findings === undefined) {
    say('The registry in use does not answer audits, so nothing is known of weaknesses. Run npm audit where one does.')
    return { ...result, passed: 0, failed: 0, skipped: 1, failures: [], flaky: [] }
  }
  const lines = findings.map(({ packageName, severity, advisories }) => `  ${severity.padEnd(10)} ${packageName}: ${advisories.join('; ')}`)
  for (const line of lines) say(line)
  const grave = findings.filter(({ severity }) => severity === 'high' || severity === 'critical').length
  say(findings.length === 0 ? 'No known weakness in what the product carries.' : `${findings.length} packages with known weaknesses, ${grave} of them grave.`)
  return { ...result, passed: grave === 0 ? 1 : 0, failed: grave === 0 ? 0 : 1, skipped: 0, failures: grave === 0 ? [] : [`npm audit\n${lines.join('\n')}`], flaky: [] }
}

/** What npm prints; it ends with an error where it found something. */
function audit(): Promise<string> {
  const options = { cwd: ROOT, timeout: 60_000, maxBuffer: 2 ** 26, shell: process.platform === 'win32' }
  return new Promise((resolve) => execFile('npm', ['audit', '--omit=dev', '--json'], options, (_error, stdout) => resolve(stdout)))
}
