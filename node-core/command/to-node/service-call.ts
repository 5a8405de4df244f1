/** What `call` does with a method of the service API: the request is JSON in the form of protobuf, and so is each answer. */
import { fromJson, toJson, type DescMethod, type JsonValue, type Message } from '@bufbuild/protobuf'
import type { StreamResponse, UnaryResponse } from '@connectrpc/connect'
import { errorMessage } from '../../base/errors.ts'
import { SERVICES } from '../../services/described/own-services.ts'
import { invalid } from '../definition/errors.ts'
import { closest } from '../reading/suggest.ts'
import type { Terminal } from '../terminal/terminal.ts'
import type { NodeLine } from './line.ts'

const PACKAGE = 'nodestead.v1.'

/** `Node.Status`, `nodestead.v1.Node/Status`, in whatever case. Throws OPTIONS_INVALID with the near one. */
export function methodNamed(text: string): DescMethod {
  const wanted = plain(text)
  const methods = SERVICES.flatMap((service) => service.methods)
  const found = methods.find((method) => plain(nameOf(method)) === wanted)
  if (found !== undefined) return found
  const near = closest(text, methods.map(nameOf))
  const service = SERVICES.find(({ typeName }) => plain(typeName) === wanted.split('.')[0])
  const there = service === undefined ? `There are methods of ${SERVICES.map(({ name }) => name).join(', ')}` : `${service.name} has ${service.methods.map(({ name }) => name).join(', ')}`
  throw invalid(`"${text}" is no method of the service API. ${near === undefined ? `${there}.` : `Did you mean ${near}?`}`)
}

function plain(name: string): string {
  return name.replace('/', '.').replace(/^\/?nodestead\.v1\./i, '').toLowerCase()
}

/** As it is written in help. */
export function nameOf({ parent, name }: DescMethod): string {
  return `${parent.typeName.slice(PACKAGE.length)}.${name}`
}

export async function callService(line: NodeLine, terminal: Terminal, { method, words, network, signal }: { readonly method: DescMethod; readonly words: readonly string[]; readonly network: string | undefined; readonly signal: AbortSignal }): Promise<undefined> {
  const given = jsonObject(words)
  requestOf(method, given)
  const message = requestOf(method, await withNetwork(line, method, given, network))
  const show = (answer: JsonValue): void => terminal.result(answer, JSON.stringify(answer, undefined, terminal.sheet.isScreen ? 2 : 0))
  if (method.methodKind === 'unary') {
    const response: UnaryResponse = await line.transport.unary(method as never, signal, line.options.timeoutMs, undefined, message)
    show(toJson(method.output, response.message, { alwaysEmitImplicit: true }))
    return undefined
  }
  const response: StreamResponse = await line.transport.stream(method as never, signal, undefined, undefined, (async function* () { yield message })())
  try {
    for await (const one of response.message) {
      show(toJson(method.output, one, { alwaysEmitImplicit: true }))
      await terminal.taken()
    }
  } catch (error) {
    // A stream ends when whoever asked for it has had enough.
    if (!signal.aborted) throw error
  }
  return undefined
}

function requestOf(method: DescMethod, request: JsonValue): Message {
  try {
    return fromJson(method.input, request)
  } catch (error) {
    throw invalid(`This is no request of ${nameOf(method)}: ${errorMessage(error)}.`)
  }
}

function jsonObject(words: readonly string[]): Record<string, JsonValue> {
  if (words.length > 1) throw invalid('A method of the service API takes one JSON object; one with spaces goes into quotes.')
  const [text = '{}'] = words
  try {
    const value = JSON.parse(text) as JsonValue
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  } catch {
    // Said below.
  }
  throw invalid(`A method of the service API takes a JSON object, such as '{"count": 3}', not ${text.slice(0, 64)}.`)
}

/** The network that other commands would take, where the request names none and has room for one. */
async function withNetwork(line: NodeLine, { input }: DescMethod, request: Record<string, JsonValue>, named: string | undefined): Promise<Record<string, JsonValue>> {
  if (!input.fields.some(({ name, scalar }) => name === 'network' && scalar !== undefined)) {
    if (named !== undefined) throw invalid('--network does not go with this method: it is about no network.', 'network')
    return request
  }
  if (request['network'] !== undefined && named === undefined) return request
  return { ...request, network: (await line.network(named)).network }
}
