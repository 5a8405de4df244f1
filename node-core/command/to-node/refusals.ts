/** What goes wrong between a command and a node, as the command says it: the node's own refusals with their codes, and a line that broke. */
import { Code, ConnectError } from '@connectrpc/connect'
import { isNodeError, NodeError } from '../../base/errors.ts'
import { ErrorInfoSchema, type ErrorInfo } from '../../services/proto/nodestead/v1/errors_pb.ts'
import { CommandError } from '../definition/errors.ts'

/** Statuses of a line, not of an answer: the node says what it refuses with an ErrorInfo. */
const BROKEN: readonly Code[] = [Code.Unavailable, Code.Aborted, Code.Internal, Code.Unknown, Code.Canceled, Code.DeadlineExceeded]

export function infoOf(error: unknown): ErrorInfo | undefined {
  return error instanceof ConnectError ? error.findDetails(ErrorInfoSchema)[0] : undefined
}

/** The node stopped or was stopped, or nobody is there. */
export function isLineBroken(error: unknown): boolean {
  if (!(error instanceof ConnectError)) return false
  const info = infoOf(error)
  return info === undefined ? BROKEN.includes(error.code) : info.code === 'SERVICE_STOPPING'
}

/** What is no error of the line or the node stays what it is. */
export function toNodeError(error: unknown): unknown {
  if (isNodeError(error) || !(error instanceof ConnectError)) return error
  const info = infoOf(error)
  if (info !== undefined && info.code !== 'SERVICE_STOPPING') return new NodeError(info.code, info.message, { ...(info.hint === '' ? {} : { hint: hintFor(info) }), data: { ...info.data }, cause: error })
  const { code, rawMessage } = error
  if (!isLineBroken(error)) return new NodeError(`NODE_${Code[code].replace(/(?<!^)(?=[A-Z])/g, '_').toUpperCase()}`, rawMessage, { cause: error })
  return new CommandError('NODE_SILENT', `The node does not answer: ${info?.message ?? `${rawMessage}.`}`, { hint: 'See whether it runs, by status, and try again.', cause: error })
}

/** Hints that speak of requests become ones that speak of this command. */
function hintFor({ code, hint }: ErrorInfo): string {
  switch (code) {
    case 'API_NODE_NOT_RUNNING':
      return 'Start it by the command start.'
    case 'SERVICE_TOKEN_UNKNOWN':
      return 'It was revoked, or is the token of another node.'
    case 'API_NODE_JOINING':
      return 'The command status says how far it is.'
    default:
      return hint
  }
}
