/**
 * Who may talk to the port, by the headers of a request, before anything else of it is looked at.
 *
 * A web page from anywhere can make its visitor's browser send requests to a port of this computer. Two headers that a page cannot forge betray it: `Host`
 * (`:authority`) names what the browser believes it talks to, so that a name which was re-pointed at the loopback interface shows; `Origin` names the page's site, and
 * no site but this port's own is welcome. Programs send no origin, and may come through a tunnel with any port of the loopback's names. Where other computers reach it, there is TLS, and a
 * browser that was sent to a foreign name finds no certificate for it: there any host is right, and no site.
 */
import type { IncomingHttpHeaders } from 'node:http'
import { isAllowedHost } from '../../base/host-check.ts'
import { ServiceError } from '../errors.ts'

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]']

/** True for the addresses at which only this machine can be reached. */
export function isLoopback(address: string): boolean {
  return address === 'localhost' || address === '::1' || /^127(\.\d{1,3}){3}$/.test(address)
}

/** Where a request came in. */
export interface Place {
  readonly port: number
  /** Other computers reach it. */
  readonly isExternal: boolean
  readonly isSecure: boolean
}

/** Why a request is turned away; undefined where it is welcome. */
export function unwelcome(headers: IncomingHttpHeaders & { readonly ':authority'?: string | undefined }, { port, isExternal, isSecure }: Place): ServiceError | undefined {
  const host = headers[':authority'] ?? headers.host
  if (!isExternal && !isAllowedHost(host, LOOPBACK)) {
    return new ServiceError('SERVICE_FOREIGN_HOST', 'The request is for a host that this port does not have.', { hint: 'Use 127.0.0.1 or localhost.' })
  }
  const { origin } = headers
  if (origin !== undefined && (isExternal || !LOOPBACK.some((name) => origin === `${isSecure ? 'https' : 'http'}://${name}:${port}`))) {
    return new ServiceError('SERVICE_FOREIGN_ORIGIN', 'Pages of other sites may not use this port.', { hint: 'Call it from a program: programs send no Origin.' })
  }
  return undefined
}
