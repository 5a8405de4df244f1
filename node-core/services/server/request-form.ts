/**
 * The form of a call before its method is asked: how it comes (POST; GET for what changes nothing, in the way that Connect writes it into the address) and what its body is.
 * Connect refuses the same with a bare status; here it has a reason. What names no method is none of this file's.
 */
import { MethodOptions_IdempotencyLevel as Idempotency } from '@bufbuild/protobuf/wkt'
import type { DescMethod, DescService } from '@bufbuild/protobuf'
import type { Request } from '../../web/exchange.ts'
import { ServiceError } from '../errors.ts'

/** Media types of the three protocols, with the one charset that JSON has. */
const UNARY = /^application\/(json(; ?charset=utf-?8)?|proto)$/i
const STREAM = /^application\/connect\+(json(; ?charset=utf-?8)?|proto)$/i
const GRPC = /^application\/grpc(-web)?(\+(json(; ?charset=utf-?8)?|proto))?$/i
const GRPC_TYPES = 'application/grpc, application/grpc-web'
const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/

/** A refusal in HTTP's words. */
export interface FormFault {
  readonly status: 400 | 405 | 415 | 505
  readonly headers: Readonly<Record<string, string>>
  readonly error: ServiceError
}

interface Form {
  readonly mayGet: boolean
  readonly kind: DescMethod['methodKind']
}

type Asked = Pick<Request, 'method' | 'headers' | 'url' | 'httpVersionMajor'>

export class RequestForms {
  readonly #methods: ReadonlyMap<string, Form>

  constructor(services: readonly DescService[]) {
    this.#methods = new Map(services.flatMap(({ typeName, methods }) => methods.map((method) => [`/${typeName}/${method.name}`, { kind: method.methodKind, mayGet: method.methodKind === 'unary' && method.idempotency === Idempotency.NO_SIDE_EFFECTS }])))
  }

  /** What is wrong with the form of a call of the method at this path; undefined where nothing is, or where there is no method. */
  fault(request: Asked, path: string): FormFault | undefined {
    const form = this.#methods.get(path)
    if (form === undefined) return undefined
    const { method, url = '' } = request
    const query = new URLSearchParams(url.slice(path.length))
    if (method === 'GET' && form.mayGet && query.has('encoding')) return queryFault(query)
    if (method !== 'POST') {
      const hint = form.mayGet ? 'Send a POST with a body of JSON, or a GET as Connect writes it, with encoding and message in the address.' : 'Send a POST with a body of JSON.'
      return { status: 405, headers: { allow: 'POST' }, error: bad('Methods are called by POST.', hint) }
    }
    if (form.kind === 'bidi_streaming' && request.httpVersionMajor < 2) return { status: 505, headers: { connection: 'close' }, error: bad('Both sides of this method are streams, which HTTP/1.1 does not have.', 'Call it by gRPC, over HTTP/2.') }
    return typeFault(request.headers['content-type'] ?? '', form.kind === 'unary')
  }
}

function typeFault(type: string, isUnary: boolean): FormFault | undefined {
  if ((isUnary ? UNARY : STREAM).test(type) || GRPC.test(type)) return undefined
  const said = type === '' ? 'The request does not say what its body is.' : `A body of the type ${JSON.stringify(type.slice(0, 64))} is not understood.`
  const hint = isUnary
    ? 'Send JSON with the header "Content-Type: application/json".'
    : 'The answer is a stream: call it by gRPC, gRPC-web or Connect, whose body has the type application/connect+json and an envelope about each message.'
  return { status: 415, headers: { 'accept-post': `${isUnary ? 'application/json, application/proto' : 'application/connect+json, application/connect+proto'}, ${GRPC_TYPES}` }, error: bad(said, hint) }
}

/** Of a call by GET. */
function queryFault(query: URLSearchParams): FormFault | undefined {
  const encoding = query.get('encoding') ?? ''
  if (encoding !== 'json' && encoding !== 'proto') return { status: 400, headers: {}, error: bad(`The encoding ${JSON.stringify(encoding.slice(0, 64))} is not understood.`, 'Write encoding=json or encoding=proto.') }
  const isBroken = query.get('base64') === '1' && !BASE64.test(query.get('message') ?? '')
  return isBroken ? { status: 400, headers: {}, error: bad('The message in the address is no base64.', 'Encode it by base64 for addresses (RFC 4648, section 5), or leave base64 out.') } : undefined
}

function bad(message: string, hint: string): ServiceError {
  return new ServiceError('SERVICE_BAD_REQUEST', message, { hint })
}
