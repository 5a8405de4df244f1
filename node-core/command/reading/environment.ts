/** Flags in the environment: `NODESTEAD_BASE_PATH=/data`, `NODESTEAD_VALIDATOR=true`; several values are separated by spaces. */
import { invalid } from '../definition/errors.ts'
import { variableOf, type FlagTable } from '../definition/flag.ts'
import type { Layer, Value } from './layers.ts'
import { closest } from './suggest.ts'

/** Variables of that form that mean something else: flags of a systemd unit, and what builds and tests are told. */
const OTHERS = new Set(['NODESTEAD_FLAGS', 'NODESTEAD_USER_DATA', 'NODESTEAD_CPU_PROF', 'NODESTEAD_NODE', 'NODESTEAD_ISOLATED', 'NODESTEAD_PASSPHRASE_FILE'])

/** `known` are the flags of all commands: a variable that none of them has, and that is near to one, is refused. Throws OPTIONS_INVALID. */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>, flags: FlagTable, known: FlagTable): Layer {
  const values = new Map<string, { readonly value: Value; readonly where: string }>()
  const variables = new Map(Object.entries(known).filter(([, { lineOnly }]) => lineOnly !== true).map(([name]) => [variableOf(name), name]))
  for (const [variable, text] of Object.entries(env)) {
    if (text === undefined || !variable.startsWith('NODESTEAD_') || OTHERS.has(variable)) continue
    const name = variables.get(variable)
    if (name === undefined) refuseNear(variable, [...variables.keys()])
    else if (Object.hasOwn(flags, name)) values.set(name, { value: valueOf(variable, text, known, name), where: variable })
  }
  return { source: 'environment', values }
}

function refuseNear(variable: string, variables: readonly string[]): void {
  const near = closest(variable, variables)
  if (near !== undefined) throw invalid(`The environment variable ${variable} is unknown; did you mean ${near}?`)
}

function valueOf(variable: string, text: string, known: FlagTable, name: string): Value {
  const flag = known[name]
  if (flag?.type === 'boolean') {
    if (/^(true|1|yes|on)$/i.test(text)) return true
    if (/^(false|0|no|off|)$/i.test(text)) return false
    throw invalid(`The environment variable ${variable} takes true or false, not "${text}".`)
  }
  if (text.trim() === '') throw invalid(`The environment variable ${variable} must not be empty.`)
  return flag?.multiple === true ? text.trim().split(/\s+/) : text
}
