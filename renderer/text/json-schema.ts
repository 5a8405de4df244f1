/** Checks a value against the part of JSON Schema that the settings use. Pure; the node checks again when it is given the value. */

export interface JsonSchema {
  readonly type?: string
  readonly enum?: readonly string[]
  readonly const?: unknown
  readonly default?: unknown
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly maxItems?: number
  readonly format?: string
  readonly items?: JsonSchema
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
}

export type SchemaFault =
  | { readonly code: 'type'; readonly expected: string }
  | { readonly code: 'range'; readonly minimum: number; readonly maximum: number }
  | { readonly code: 'choice'; readonly choices: readonly string[] }
  | { readonly code: 'missing' }
  | { readonly code: 'unknown' }
  | { readonly code: 'length'; readonly minimum: number; readonly maximum: number }
  | { readonly code: 'tooMany'; readonly maximum: number }
  | { readonly code: 'format'; readonly format: string }

export interface SchemaIssue {
  readonly path: readonly string[]
  readonly fault: SchemaFault
}

export function checkSchema(schema: JsonSchema, value: unknown, path: readonly string[] = []): readonly SchemaIssue[] {
  const wrong = (fault: SchemaFault): readonly SchemaIssue[] => [{ path, fault }]
  switch (schema.type) {
    case 'object':
      return isRecord(value) ? checkObject(schema, value, path) : wrong({ code: 'type', expected: 'object' })
    case 'array':
      if (!Array.isArray(value)) return wrong({ code: 'type', expected: 'array' })
      if (value.length > (schema.maxItems ?? Infinity)) return wrong({ code: 'tooMany', maximum: schema.maxItems ?? 0 })
      return value.flatMap((item: unknown, index) => checkSchema(schema.items ?? {}, item, [...path, String(index)]))
    case 'boolean':
      return typeof value === 'boolean' ? [] : wrong({ code: 'type', expected: 'boolean' })
    case 'integer': {
      if (!Number.isInteger(value)) return wrong({ code: 'type', expected: 'integer' })
      const { minimum = -Infinity, maximum = Infinity } = schema
      return (value as number) < minimum || (value as number) > maximum ? wrong({ code: 'range', minimum, maximum }) : []
    }
    case 'string':
      return typeof value === 'string' ? checkString(schema, value).flatMap(wrong) : wrong({ code: 'type', expected: 'string' })
    default:
      return []
  }
}

function checkObject(schema: JsonSchema, value: Record<string, unknown>, path: readonly string[]): readonly SchemaIssue[] {
  const properties = schema.properties ?? {}
  const missing = (schema.required ?? []).filter((key) => value[key] === undefined).map((key): SchemaIssue => ({ path: [...path, key], fault: { code: 'missing' } }))
  const others = Object.entries(value).flatMap(([key, item]) => {
    const known = properties[key]
    return known === undefined ? [{ path: [...path, key], fault: { code: 'unknown' } } as const] : checkSchema(known, item, [...path, key])
  })
  return [...missing, ...others]
}

function checkString(schema: JsonSchema, text: string): readonly SchemaFault[] {
  if (schema.enum !== undefined) return schema.enum.includes(text) ? [] : [{ code: 'choice', choices: schema.enum }]
  const { minLength = 0, maxLength = Infinity, format } = schema
  if (text.trim().length < minLength || text.length > maxLength) return [{ code: 'length', minimum: minLength, maximum: maxLength }]
  const test = format === undefined ? undefined : FORMATS[format]
  return format === undefined || test === undefined || test.test(text) ? [] : [{ code: 'format', format }]
}

const LEVEL = '(?:trace|debug|info|warn|error)'

/** Close enough to say at once what is certainly wrong. */
const FORMATS: Readonly<Record<string, RegExp>> = {
  multiaddr: /^\/(ip4|ip6|dns|dns4|dns6|dnsaddr)(\/[^/\s]+)+$/,
  'peer-multiaddr': /^\/(ip4|ip6|dns|dns4|dns6|dnsaddr)(\/[^/\s]+)*\/p2p\/[1-9A-HJ-NP-Za-km-z]{20,}$/,
  'file-path': /^(|\/.*|[A-Za-z]:[\\/].*|\\\\.+)$/,
  origin: /^(\*|[a-z][a-z0-9+.-]*:\/\/[^\s/]+)$/,
  pruning: /^(auto|archive|archive-canonical|\d{1,9})$/,
  'log-filter': new RegExp(`^\\s*(?:[\\w-]+=)?${LEVEL}\\s*(?:,\\s*(?:[\\w-]+=)?${LEVEL}\\s*)*$`),
}

/** The schema at a dotted path. */
export function schemaAt(schema: JsonSchema, path: string): JsonSchema | undefined {
  let at: JsonSchema | undefined = schema
  for (const key of path.split('.')) at = at?.properties?.[key]
  return at
}

export function valueAt(value: unknown, path: string): unknown {
  let at = value
  for (const key of path.split('.')) at = isRecord(at) ? at[key] : undefined
  return at
}

/** A copy with the value at a dotted path replaced. */
export function withValue<T>(root: T, path: string, value: unknown): T {
  const [key = '', ...rest] = path.split('.')
  const at: Record<string, unknown> = isRecord(root) ? root : {}
  return { ...at, [key]: rest.length === 0 ? value : withValue(at[key], rest.join('.'), value) } as T
}

export interface Difference {
  readonly path: string
  readonly from: unknown
  readonly to: unknown
}

/** The settings in which two values differ, by their dotted paths. Lists are compared as a whole. */
export function differences(from: unknown, to: unknown, path = ''): readonly Difference[] {
  if (isRecord(from) && isRecord(to)) {
    const keys = [...new Set([...Object.keys(from), ...Object.keys(to)])]
    return keys.flatMap((key) => differences(from[key], to[key], path === '' ? key : `${path}.${key}`))
  }
  return JSON.stringify(from) === JSON.stringify(to) ? [] : [{ path, from, to }]
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
