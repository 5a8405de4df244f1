/**
 * `--print-config`: each flag of the command, its value and where that came from, as a configuration file. What nobody said stands there as
 * a comment, so that reading the file again says no more than was said. Secrets are not shown.
 */
import { stringify } from 'smol-toml'
import { flagsOf, type Command } from '../definition/command.ts'
import { FLAG_GROUPS, type Flag } from '../definition/flag.ts'
import type { Origin, Source, Value } from '../reading/layers.ts'
import { groupsOf } from './layout.ts'

export interface ConfigEntry {
  readonly flag: string
  readonly value: Value | null
  readonly source: Source | 'default'
  /** The variable or the file. */
  readonly where: string | null
}

export function configEntries(command: Command, origins: ReadonlyMap<string, Origin>): readonly ConfigEntry[] {
  return shownFlags(command).map(([flag, { secret, fallback }]): ConfigEntry => {
    const origin = origins.get(flag)
    if (origin === undefined) return { flag, value: fallback ?? null, source: 'default', where: null }
    return { flag, value: secret === true ? null : origin.value, source: origin.source, where: origin.where }
  })
}

export function configText(command: Command, origins: ReadonlyMap<string, Origin>): string {
  const lines = [`# nodestead ${command.name}`]
  for (const [group, flags] of groupsOf(Object.fromEntries(shownFlags(command)))) {
    lines.push('', `# ${FLAG_GROUPS[group]}`, ...flags.map(([name, flag]) => lineOf(name, flag, origins.get(name))))
  }
  return `${lines.join('\n')}\n`
}

function lineOf(name: string, flag: Flag, origin: Origin | undefined): string {
  if (origin === undefined) return `# ${name} = ${flag.fallback ?? (flag.type === 'boolean' ? 'false' : '')}`.trimEnd() + '  # default'
  const where = origin.source === 'flag' ? 'command line' : origin.source === 'file' ? `file ${onOneLine(origin.where)}` : origin.where
  if (flag.secret === true) return `# ${name} is set and not shown  # ${where}`
  return `${stringify({ [name]: origin.value }).trim()}  # ${where}`
}

/** The name of a file may have line breaks, and a comment may not. */
function onOneLine(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, '?')
}

function shownFlags(command: Command): readonly (readonly [string, Flag])[] {
  return Object.entries(flagsOf(command)).filter(([name, { lineOnly }]) => lineOnly !== true && name !== 'config')
}
