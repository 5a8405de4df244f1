/** What a version brings, from the changelog (Keep a Changelog 1.1.0): the part below its heading. Pure. */
import { BuildError } from '../terminal.ts'

/** A version's part and its date, or for `undefined` what is not released yet. Throws a BuildError where there is none. */
export function notesOf(changelog: string, version: string | undefined): { readonly text: string; readonly date: string | undefined } {
  const wanted = version ?? 'Unreleased'
  const parts = changelog.split(/^## /m).slice(1)
  const part = parts.find((candidate) => candidate.startsWith(`[${wanted}]`))
  if (part === undefined) throw new BuildError(`CHANGELOG.md has no part "## [${wanted}]". Write down what the version brings, then release it.`)
  const [heading = '', ...lines] = part.split('\n')
  const date = /^\[[^\]]+\] - (\d{4}-\d{2}-\d{2})\s*$/.exec(heading)?.[1]
  if (version !== undefined && date === undefined) throw new BuildError(`The part "## [${version}]" of CHANGELOG.md has no date: "## [${version}] - 2026-01-31".`)
  const text = lines.join('\n').trim()
  if (text === '') throw new BuildError(`The part "## [${wanted}]" of CHANGELOG.md is empty.`)
  return { text, date }
}
