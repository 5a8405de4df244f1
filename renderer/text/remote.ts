/** What a person pastes to manage another node, put into the fields where it belongs; and which field an error is about. */
import { m } from '../i18n/language.ts'
import type { ApiProblem } from '../../node-core/api/trpc.ts'

/** Longer ones are no addresses and no tokens. */
export const MAX_ADDRESS = 512
export const MAX_TOKEN = 256
export const MAX_NAME = 64

/** A whole address with its token: the token is taken out, so that it is on nobody's screen. Undefined where there is none in it. */
export function splitPasted(text: string): { readonly address: string; readonly token: string } | undefined {
  const found = /^\s*(\S+?)\/?#token=(\S*)\s*$/.exec(text)
  return found === null ? undefined : { address: found[1] as string, token: found[2] as string }
}

export type RemoteField = 'address' | 'token' | 'none'

export interface RemoteFault {
  readonly field: RemoteField
  readonly text: string
}

/** In the language of the window where it knows the error; in the app's own words where not. */
export function faultOf({ code, message, hint }: ApiProblem): RemoteFault {
  const texts: Readonly<Record<string, string>> = m.remote.errors
  const text = Object.hasOwn(texts, code) ? texts[code] : undefined
  return { field: fieldOf(code), text: text ?? (hint === undefined ? message : `${message} ${hint}`) }
}

function fieldOf(code: string): RemoteField {
  if (code.startsWith('REMOTE_ADDRESS') || code === 'REMOTE_NOT_LOOPBACK' || code === 'REMOTE_NO_ANSWER') return 'address'
  return code.includes('TOKEN') ? 'token' : 'none'
}
