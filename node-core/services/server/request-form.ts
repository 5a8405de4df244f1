/**
 * The form of a call before its method is asked: how it comes (POST; GET for what changes nothing, in the way that Connect writes it into the address) and what its body is.
 * Connect refuses the same with a bare status; here it has a reason. What names no method is none of this file's.
 */
import { MethodOptions_IdempotencyLevel as Idempotency } from '@bufbuild/protobuf/wkt'
import type { DescService } from '@bufbuild/protobuf'
import type { Request } from '../../web/exchange.ts'
import { ServiceError } from '../errors.ts'

/** Media types of the three protocols, with what may be appended: a charset. */
const BODY = /^application\/(json|proto|connect\+(json|proto)|grpc(-web)?(\+(proto|json))?)\s*(;.*)?$/i

/** A refusal in HTTP's words. */
export interface FormFault {
  readonly status: 405 | 415
  readonly headers: Readonly<Record<string, string>>
  readonly error: ServiceError
}

export class RequestForms {
  /** By path: whether GET will do. */
  readonly #methods: ReadonlyMap<string, boolean>

  constructor(services: readonly DescService[]) {
    this.#methods = new Map(services.flatMap(({ typeName, methods }) => methods.map((method) => [`/${typeName}/${method.name}`, method.methodKind === 'unary' && method.idempotency === Idempotency.NO_SIDE_EFFECTS])))
  }

  /** What is wrong with the form of a call of the method at this path; undefined where nothing is, or where there is no method. */
  fault({ method, headers, url = '' }: Pick<Request, 'method' | 'headers' | 'url'>, path: string): FormFault | undefined {
    const mayGet = this.#methods.get(path)
    if (mayGet === undefined) return undefined
    if (method === 'GET' && mayGet && new URLSearchParams(url.slice(path.length)).has('encoding')) return undefined
    if (method !== 'POST') {
      const error = new ServiceError('SERVICE_BAD_REQUEST', 'Methods are called by POST.', { hint: mayGet ? 'Send a POST with a body of JSON, or a GET as Connect writes it, with encoding and message in the address.' : 'Send a POST with a body of JSON.' })
      return { status: 405, headers: { allow: 'POST' }, error }
    }
    const type = headers['content-type'] ?? ''
    if (BODY.test(type)) return undefined
    const said = type === '' ? 'The request does not say what its body is.' : `A body of the type ${JSON.stringify(type.slice(0, 64))} is not understood.`
    return { status: 415, headers: { 'accept-post': 'application/json, application/proto, application/connect+json, application/connect+proto, application/grpc, application/grpc-web' }, error: new ServiceError('SERVICE_BAD_REQUEST', said, { hint: 'Send JSON with the header "Content-Type: application/json".' }) }
  }
}
