/** What is expected of calls over the local socket that last. */
import { expect } from 'vitest'
import { eventually } from './network.ts'

export interface Lasting {
  readonly items: readonly { readonly message: unknown }[]
  readonly end: unknown
}

/** The call's first answer is there, and it has not ended. */
export async function stands<T extends Lasting>(call: T): Promise<T> {
  await eventually(() => call.items.length > 0 || call.end !== undefined, 'the first answer')
  expect(call.end).toBeUndefined()
  return call
}

export async function ended({ end, ...call }: Lasting, of: { readonly end: unknown }): Promise<unknown> {
  await eventually(() => of.end !== undefined, `the end (it was ${JSON.stringify(end)} after ${call.items.length} items)`)
  return of.end
}

export async function refused(call: { readonly items: readonly { readonly message: unknown }[]; readonly end: unknown }, scope: string): Promise<void> {
  expect(await ended(call, call)).toMatchObject({ code: 'NET_SCOPE_MISSING', data: { scope } })
}
