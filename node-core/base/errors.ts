/**
 * Errors with a code.
 *
 * Each folder declares its own codes and throws `NodeError`s that carry one, plus the data a caller needs to act.
 * Codes are bounded, so they double as metric labels. `message` says what happened and why; `hint`, where there is
 * one, says what the person at the screen can do about it.
 */
export class NodeError<Code extends string = string> extends Error {
  readonly code: Code
  readonly data: Readonly<Record<string, unknown>>
  readonly hint: string | undefined

  constructor(
    code: Code,
    message: string,
    options: { data?: Record<string, unknown>; hint?: string; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'NodeError'
    this.code = code
    this.data = options.data ?? {}
    this.hint = options.hint
  }
}

/** Bytes that are no encoding of what they should be. Where they came from a peer it is the peer's fault, whichever codec says so. */
export class MalformedError<Code extends string = string> extends NodeError<Code> {}

/** `instanceof` that keeps the code a string. */
export function isNodeError(error: unknown): error is NodeError {
  return error instanceof NodeError
}

/** Texts and figures that an error is about: what another language needs to say it. */
export type PlainData = Readonly<Record<string, string | number | boolean>>

/** The data of an error as far as they are texts and figures; undefined where none are. */
export function plainData({ data }: NodeError): PlainData | undefined {
  const plain = Object.entries(data).filter((entry): entry is [string, string | number | boolean] => ['string', 'number', 'boolean'].includes(typeof entry[1]))
  return plain.length === 0 ? undefined : Object.fromEntries(plain)
}

/** The message of whatever was thrown, fit for a person. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? (issuesOf(error) ?? error.message) : String(error)
}

/** Issues of which a sentence tells. */
const SHOWN_ISSUES = 3

/** What a validator found: its own message is JSON, which nobody should have to read. */
function issuesOf(error: Error): string | undefined {
  if (!('issues' in error) || !Array.isArray(error.issues) || error.issues.length === 0) return undefined
  const said = (error.issues as unknown[]).slice(0, SHOWN_ISSUES).map((issue) => {
    const { path, message } = issue as { readonly path?: readonly unknown[]; readonly message?: unknown }
    const where = path === undefined || path.length === 0 ? '' : `${path.map(String).join('.')}: `
    return `${where}${String(message)}`
  })
  return said.join('; ')
}

/** What happened, why, and what to do: the form in which a person reads an error. */
export function describeError(error: unknown): string {
  const message = errorMessage(error)
  return isNodeError(error) && error.hint !== undefined ? `${message} ${error.hint}` : message
}

/** For the branch of a switch that the types rule out. */
export function assertNever(value: never): never {
  throw new Error(`unexpected value: ${JSON.stringify(value)}`)
}
