/**
 * The OpenAPI document of the service API, from its .proto files: each method with one answer is a POST of JSON, by the mapping of protobuf to JSON; the rules of
 * fields are those of the schemas, comments are the descriptions. Methods that answer with a stream are listed apart (`x-streams`): OpenAPI has no word for them.
 */
import { createFileRegistry, fromBinary, getOption, hasOption, ScalarType, type DescEnum, type DescField, type DescFile, type DescMessage, type DescMethod, type DescService } from '@bufbuild/protobuf'
import { FeatureSet_FieldPresence, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt'
import { field as fieldRules, type FieldRules } from '@bufbuild/protovalidate/gen/buf/validate/validate_pb.js'
import { scope, Scope } from '../node-core/services/proto/nodestead/v1/rights_pb.ts'

type Schema = Record<string, unknown>

const PACKAGE = 'nodestead.v1'
const SCOPES: Readonly<Record<number, string>> = { [Scope.READ]: 'read', [Scope.SUBMIT]: 'submit', [Scope.CONTROL]: 'control', [Scope.ADMIN]: 'admin' }
const NO_NULL: Schema = { not: { type: 'null' } }
const LONG = /^(U?INT64|S?FIXED64|SINT64)$/
const WORDS: Readonly<Record<string, Schema>> = { 'google.protobuf.Timestamp': { type: 'string', format: 'date-time' } }

/** Of a serialized google.protobuf.FileDescriptorSet with its comments. `version` is the API's. */
export function openApiOf(descriptors: Uint8Array, version = '1'): string {
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, descriptors))
  const services = [...registry.files].flatMap(({ services: found }) => found).filter(({ file }) => file.proto.package === PACKAGE).toSorted((a, b) => a.typeName.localeCompare(b.typeName))
  const schemas: Record<string, Schema> = {}
  const methods = services.flatMap((service) => service.methods)
  const answered = messagesFrom(methods.map(({ output }) => output))
  const asked = new Set([...messagesFrom(methods.map(({ input }) => input))].filter((message) => !answered.has(message)))
  const paths: Record<string, unknown> = {}
  const streams: unknown[] = []
  for (const service of services) {
    for (const method of service.methods) {
      addMessage(method.input, schemas, asked)
      addMessage(method.output, schemas, asked)
      const path = `/${service.typeName}/${method.name}`
      if (method.methodKind === 'unary') paths[path] = { post: operationOf(service, method) }
      else streams.push({ path, description: commentOf(method), request: reference(method.input), item: reference(method.output), scope: scopeOf(method) })
    }
  }
  const document = {
    openapi: '3.1.0',
    info: { title: 'Nodestead service API', version, description: 'The service API as Connect serves it in JSON. The same methods are there by gRPC and gRPC-web.', license: { name: 'GPL-3.0-or-later', identifier: 'GPL-3.0-or-later' } },
    servers: [{ url: '/' }],
    security: [{ token: [] }],
    tags: services.map((service) => ({ name: service.name, description: commentOf(service) || commentOf(service.file) })),
    paths,
    'x-streams': streams,
    components: { securitySchemes: { token: { type: 'http', scheme: 'bearer', description: 'The token of a client. Each method names the scope that it takes.' } }, responses: Object.fromEntries(Object.entries(REFUSALS).map(([status, description]) => [`Refused${status}`, { description, content: { 'application/json': { schema: { $ref: '#/components/schemas/Refusal' } } } }])), schemas: { ...sorted(schemas), Refusal: REFUSAL } },
  }
  return JSON.stringify(document, undefined, 1)
}

const ERROR_INFO: Schema = {
  type: 'object',
  required: ['code', 'message'],
  properties: {
    code: { type: 'string', pattern: '^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$', description: 'One of a fixed list, for programs: API_NODE_NOT_RUNNING.' },
    message: { type: 'string', minLength: 1, description: 'What happened, and why.' },
    hint: { type: 'string', description: 'What to do about it.' },
    data: { type: 'object', additionalProperties: { type: 'string' }, description: 'What it is about: names, ports, numbers.' },
    cursor: { type: 'string', description: 'Where to take a stream up again.' },
  },
}

const REFUSAL: Schema = {
  type: 'object',
  required: ['code', 'message', 'details'],
  properties: {
    code: { type: 'string', description: 'The status: invalid_argument, not_found.' },
    message: { type: 'string', minLength: 1, description: 'What happened, why, and what to do.' },
    details: {
      type: 'array',
      minItems: 1,
      contains: { type: 'object', required: ['type', 'debug'], properties: { type: { const: `${PACKAGE}.ErrorInfo` }, debug: ERROR_INFO } },
      items: { type: 'object', required: ['type', 'value'], properties: { type: { type: 'string' }, value: { type: 'string', contentEncoding: 'base64' }, debug: {} } },
      description: 'A nodestead.v1.ErrorInfo, encoded, and in JSON for people; of a request against the rules the rules as well.',
    },
  },
}

/** Of HTTP: what each says. There is no other. */
const REFUSALS: Readonly<Record<number, string>> = {
  400: 'The request is no message of this method, or against the rules of its fields; or what it asks for does not go now: the code says which.',
  401: 'No token, or one of nobody.',
  403: 'The token is not good for this method; or the request comes from a page of another site.',
  404: 'What is asked about is not there.',
  405: 'Methods are called by POST.',
  408: 'The request did not come whole in time.',
  409: 'It is there already, or is being changed by another call.',
  413: 'The request is not HTTP as it may be.',
  415: 'The body is of no type that is understood.',
  429: 'Too much at once: of calls, or in one message.',
  431: 'The headers are longer than any may be.',
  499: 'The call was ended by whoever called.',
  500: 'The node made a mistake, or data of it is lost.',
  501: 'The runtime or this program does not have it; or the body is packed in a way that is not understood.',
  503: 'The node stops, or what would answer is not there now.',
  504: 'It took longer than the caller wanted to wait.',
}

function operationOf(service: DescService, method: DescMethod): Schema {
  return {
    operationId: `${service.name}.${method.name}`,
    tags: [service.name],
    description: commentOf(method),
    'x-scope': scopeOf(method),
    requestBody: { required: true, content: { 'application/json': { schema: reference(method.input) } } },
    responses: {
      200: { description: 'The answer.', content: { 'application/json': { schema: reference(method.output) } } },
      ...Object.fromEntries(Object.keys(REFUSALS).map((status) => [status, { $ref: `#/components/responses/Refused${status}` }])),
    },
  }
}

function scopeOf(method: DescMethod): string {
  return (hasOption(method, scope) ? SCOPES[getOption(method, scope)] : undefined) ?? 'read'
}

/** These and all that they have. */
function messagesFrom(roots: readonly DescMessage[]): Set<DescMessage> {
  const found = new Set<DescMessage>()
  const take = (message: DescMessage): void => {
    if (found.has(message)) return
    found.add(message)
    for (const field of message.fields) if (field.message !== undefined) take(field.message)
  }
  roots.forEach(take)
  return found
}

/** `asked`: messages that are in requests alone. There a null is a field that is left out, and what is not known is refused. */
function addMessage(message: DescMessage, schemas: Record<string, Schema>, asked: ReadonlySet<DescMessage>): void {
  const name = nameOf(message)
  if (WORDS[message.typeName] !== undefined || schemas[name] !== undefined) return
  const properties: Record<string, Schema> = {}
  const required = message.fields.filter(needsValue).map(({ jsonName }) => jsonName)
  // Of a oneof one member at the most may be there.
  const choices = message.oneofs.filter(({ fields }) => fields.length > 1).flatMap(({ fields }) => pairsOf(fields).map(([a, b]) => ({ not: { required: [a.jsonName, b.jsonName], properties: { [a.jsonName]: NO_NULL, [b.jsonName]: NO_NULL } } })))
  schemas[name] = { type: 'object', ...described(message), properties, ...(asked.has(message) ? { additionalProperties: false } : {}), ...(required.length === 0 ? {} : { required }), ...(choices.length === 0 ? {} : { allOf: choices }) }
  for (const field of message.fields) {
    if (field.message !== undefined) addMessage(field.message, schemas, asked)
    const schema = fieldSchema(field, asked.has(message))
    const isNullable = asked.has(message) && !required.includes(field.jsonName)
    properties[field.jsonName] = { ...described(field), ...(isNullable ? { anyOf: [schema, { type: 'null' }] } : schema) }
  }
}

/** A rule that the value of a field that is left out breaks. */
function needsValue(field: DescField): boolean {
  if (!hasOption(field, fieldRules)) return false
  const { type, required } = getOption(field, fieldRules)
  if (required) return true
  if (field.presence === FeatureSet_FieldPresence.EXPLICIT) return false
  switch (type.case) {
    case 'string':
      return Number(type.value.minLen) > 0 || (type.value.pattern !== '' && !new RegExp(type.value.pattern).test(''))
    case 'bytes':
    case 'repeated':
      return Number(type.case === 'bytes' ? type.value.minLen : type.value.minItems) > 0
    case 'uint32':
    case 'double':
      return (type.value.greaterThan.case === 'gte' || type.value.greaterThan.case === 'gt') && (type.value.greaterThan.value > 0 || type.value.greaterThan.case === 'gt')
    default:
      return false
  }
}

function pairsOf<T>(items: readonly T[]): (readonly [T, T])[] {
  return items.flatMap((first, index) => items.slice(index + 1).map((second) => [first, second] as const))
}

/** `isAsked`: in a request alone, where a value of an enum may be written by its number as well. */
function fieldSchema(field: DescField, isAsked: boolean): Schema {
  const rules = hasOption(field, fieldRules) ? getOption(field, fieldRules) : undefined
  switch (field.fieldKind) {
    case 'scalar':
      return { ...scalarSchema(field.scalar), ...rulesOf(rules) }
    case 'enum':
      return enumSchema(field.enum, rules, isAsked)
    case 'message':
      return reference(field.message)
    case 'list': {
      const inner = rules?.type.case === 'repeated' ? rules.type.value.items : undefined
      const items = field.listKind === 'scalar' ? { ...scalarSchema(field.scalar), ...rulesOf(inner) } : field.listKind === 'enum' ? enumSchema(field.enum, inner, isAsked) : reference(field.message)
      return { type: 'array', items, ...rulesOf(rules) }
    }
    case 'map':
      return { type: 'object', additionalProperties: field.mapKind === 'scalar' ? scalarSchema(field.scalar) : {} }
  }
}

function scalarSchema(scalar: ScalarType): Schema {
  if (scalar === ScalarType.BOOL) return { type: 'boolean' }
  if (scalar === ScalarType.STRING) return { type: 'string' }
  if (scalar === ScalarType.BYTES) return { type: 'string', contentEncoding: 'base64', pattern: '^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}(==)?|[A-Za-z0-9+/]{3}=?)?$' }
  if (scalar === ScalarType.DOUBLE || scalar === ScalarType.FLOAT) return { type: 'number' }
  if (LONG.test(ScalarType[scalar])) return { type: 'string', pattern: '^-?[0-9]+$' }
  return scalar === ScalarType.UINT32 ? { type: 'integer', minimum: 0, maximum: 0xffff_ffff } : { type: 'integer', minimum: -0x8000_0000, maximum: 0x7fff_ffff }
}

/** A rule that both ways of writing have. */
function rulesOf(rules: FieldRules | undefined): Schema {
  const { type } = rules ?? { type: undefined }
  switch (type?.case) {
    case 'string': {
      const { minLen, maxLen, maxBytes, pattern, in: among } = type.value
      const longest = Number(maxLen) || Number(maxBytes)
      return { ...(Number(minLen) > 0 ? { minLength: Number(minLen) } : {}), ...(longest > 0 ? { maxLength: longest } : {}), ...(pattern === '' ? {} : { pattern }), ...(among.length === 0 ? {} : { enum: among }) }
    }
    case 'bytes': {
      const { minLen, maxLen } = type.value
      return { ...(Number(minLen) > 0 ? { minLength: 4 } : {}), ...(Number(maxLen) > 0 ? { maxLength: Math.ceil(Number(maxLen) / 3) * 4 } : {}) }
    }
    case 'uint32': {
      const { lessThan, greaterThan } = type.value
      return { ...(lessThan.case === 'lte' ? { maximum: lessThan.value } : {}), ...(greaterThan.case === 'gte' ? { minimum: greaterThan.value } : {}) }
    }
    case 'uint64': {
      const { lessThan } = type.value
      return lessThan.case === 'lte' ? { maxLength: String(lessThan.value).length } : {}
    }
    case 'double': {
      const { lessThan, greaterThan } = type.value
      return {
        ...(lessThan.case === 'lte' ? { maximum: lessThan.value } : {}),
        ...(greaterThan.case === 'gte' ? { minimum: greaterThan.value } : greaterThan.case === 'gt' ? { exclusiveMinimum: greaterThan.value } : {}),
      }
    }
    case 'repeated': {
      const { minItems, maxItems, unique } = type.value
      return { ...(Number(minItems) > 0 ? { minItems: Number(minItems) } : {}), ...(Number(maxItems) > 0 ? { maxItems: Number(maxItems) } : {}), ...(unique ? { uniqueItems: true } : {}) }
    }
    default:
      return {}
  }
}

function enumSchema({ values }: DescEnum, rules: FieldRules | undefined, isAsked: boolean): Schema {
  const notIn = rules?.type.case === 'enum' ? rules.type.value.notIn : []
  const known = values.filter(({ number }) => !notIn.includes(number))
  return isAsked ? { enum: known.flatMap(({ name, number }) => [name, number]) } : { type: 'string', enum: known.map(({ name }) => name) }
}

function reference(message: DescMessage): Schema {
  return WORDS[message.typeName] ?? { $ref: `#/components/schemas/${nameOf(message)}` }
}

function nameOf({ typeName }: DescMessage): string {
  return typeName.startsWith(`${PACKAGE}.`) ? typeName.slice(PACKAGE.length + 1) : typeName
}

function described(desc: DescMessage | DescField): Schema {
  const description = commentOf(desc)
  return description === '' ? {} : { description }
}

/** Numbers of fields in descriptors, of which paths to comments consist. */
const AT = { message: 4, field: 2, service: 6, method: 2, syntax: 12 } as const

function commentOf(desc: DescMessage | DescField | DescService | DescMethod | DescFile): string {
  const file = desc.kind === 'file' ? desc : desc.kind === 'field' ? desc.parent.file : desc.kind === 'rpc' ? desc.parent.file : desc.file
  const path = pathOf(desc).join()
  const found = file.proto.sourceCodeInfo?.location.find((location) => location.path.join() === path)
  const text = desc.kind === 'file' ? found?.leadingDetachedComments[0] : found?.leadingComments
  return (text ?? '').trim().replace(/\s*\n\s*/g, ' ')
}

function pathOf(desc: DescMessage | DescField | DescService | DescMethod | DescFile): readonly number[] {
  switch (desc.kind) {
    case 'file':
      return [AT.syntax]
    case 'message':
      return [AT.message, desc.file.messages.indexOf(desc)]
    case 'field':
      return [...pathOf(desc.parent), AT.field, desc.parent.fields.indexOf(desc)]
    case 'service':
      return [AT.service, desc.file.services.indexOf(desc)]
    case 'rpc':
      return [...pathOf(desc.parent), AT.method, desc.parent.methods.indexOf(desc)]
  }
}

function sorted(schemas: Readonly<Record<string, Schema>>): Record<string, Schema> {
  return Object.fromEntries(Object.entries(schemas).toSorted(([a], [b]) => a.localeCompare(b)))
}
