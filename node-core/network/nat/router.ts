/**
 * One router: what its description says, and the three things that are asked of it (UPnP Internet Gateway Device,
 * versions 1 and 2): which address it has outside, to pass a port on, and to stop doing so.
 *
 * The published port-mapping package knows version 2 only, reads without limits, keeps mappings for an hour at least, and
 * removes them by the wrong port where inside and outside differ; this needs little more than its calls.
 */
import { isIPv4 } from 'node:net'
import type { PortMapping } from '../types.ts'
import { searchRouters } from './discovery.ts'
import { NatError, toNatError } from './errors.ts'
import { exchange } from './exchange.ts'
import { elementsOf, parseXml, textOf, type XmlElement } from './xml.ts'

/** In the order of preference. */
const SERVICES = [
  'urn:schemas-upnp-org:service:WANIPConnection:2',
  'urn:schemas-upnp-org:service:WANIPConnection:1',
  'urn:schemas-upnp-org:service:WANPPPConnection:1',
]
const PROTOCOLS = { tcp: 'TCP', udp: 'UDP' } as const
const NO_SUCH_ENTRY = 714
const CONFLICT = 718
const PERMANENT_ONLY = 725

export interface Router {
  /** This computer's address as the router sees it. */
  readonly localAddress: string
  /** What it calls itself, for the log. */
  readonly name: string
  /** IPv4. The following reject with a {@link NatError}. */
  externalAddress(signal: AbortSignal): Promise<string>
  /** Passes what comes to `external` by this transport on to this computer's port `internal`; again before the time is over. */
  map(port: { readonly transport: PortMapping['transport']; readonly internal: number; readonly external: number; readonly leaseSeconds: number }, signal: AbortSignal): Promise<void>
  unmap(port: { readonly transport: PortMapping['transport']; readonly external: number }, signal: AbortSignal): Promise<void>
}

/** Looks for a router and asks for its description. Rejects with a {@link NatError}. */
export async function findRouter(signal: AbortSignal, search: (signal: AbortSignal) => Promise<readonly URL[]> = searchRouters): Promise<Router> {
  const locations = await search(signal)
  let failure: NatError | undefined
  for (const location of locations) {
    try {
      return await describe(location, signal)
    } catch (error) {
      failure ??= toNatError(error)
    }
  }
  throw failure ?? new NatError('NAT_ROUTER_ABSENT', 'No router answered on the local network.')
}

async function describe(location: URL, signal: AbortSignal): Promise<Router> {
  const { status, body, localAddress } = await exchange(location, { method: 'GET' }, signal)
  if (status !== 200) throw new NatError('NAT_ROUTER_REFUSED', `The router refused to send its device description (HTTP ${status}).`)
  const root = readXml(body)
  const services = elementsOf(root, 'service').map((service) => ({ type: textOf(service, 'serviceType'), control: textOf(service, 'controlURL') }))
  const base = textOf(root, 'URLBase') || location.href
  for (const type of SERVICES) {
    const control = services.find((service) => service.type === type)?.control
    if (control === undefined) continue
    const url = URL.canParse(control, base) ? new URL(control, base) : undefined
    if (url?.protocol !== 'http:' || url.hostname !== location.hostname) {
      throw new NatError('NAT_ROUTER_MALFORMED', 'The router names a control address on another host.')
    }
    return new UpnpRouter(url, type, localAddress, (textOf(root, 'friendlyName') ?? '').slice(0, 64))
  }
  throw new NatError('NAT_ROUTER_MALFORMED', 'The device description of the router has no internet connection.')
}

class UpnpRouter implements Router {
  readonly #control: URL
  readonly #service: string
  readonly localAddress: string
  readonly name: string

  constructor(control: URL, service: string, localAddress: string, name: string) {
    this.#control = control
    this.#service = service
    this.localAddress = localAddress
    this.name = name
  }

  async externalAddress(signal: AbortSignal): Promise<string> {
    const response = await this.#call('GetExternalIPAddress', {}, signal)
    const address = textOf(response, 'NewExternalIPAddress') ?? ''
    if (address === '' || address === '0.0.0.0') throw new NatError('NAT_ROUTER_OFFLINE', 'The router has no external address: it is not connected to the internet.')
    if (!isIPv4(address)) throw new NatError('NAT_ROUTER_MALFORMED', 'The router returned an invalid external address.')
    return address
  }

  async map({ transport, internal, external, leaseSeconds }: Parameters<Router['map']>[0], signal: AbortSignal): Promise<void> {
    const add = (lease: number): Promise<XmlElement> =>
      this.#call(
        'AddPortMapping',
        {
          NewRemoteHost: '',
          NewExternalPort: external,
          NewProtocol: PROTOCOLS[transport],
          NewInternalPort: internal,
          NewInternalClient: this.localAddress,
          NewEnabled: 1,
          NewPortMappingDescription: 'Nodestead',
          NewLeaseDuration: lease,
        },
        signal,
      )
    try {
      await add(leaseSeconds)
    } catch (error) {
      // Old routers keep mappings until somebody removes them, which the stop does.
      if (!(error instanceof Refusal) || error.upnpCode !== PERMANENT_ONLY) throw error
      await add(0)
    }
  }

  async unmap({ transport, external }: Parameters<Router['unmap']>[0], signal: AbortSignal): Promise<void> {
    try {
      await this.#call('DeletePortMapping', { NewRemoteHost: '', NewExternalPort: external, NewProtocol: PROTOCOLS[transport] }, signal)
    } catch (error) {
      if (!(error instanceof Refusal) || error.upnpCode !== NO_SUCH_ENTRY) throw error
    }
  }

  /** Arguments are numbers and addresses: nothing that would have to be escaped. */
  async #call(action: string, values: Readonly<Record<string, string | number>>, signal: AbortSignal): Promise<XmlElement> {
    const fields = Object.entries(values).map(([name, value]) => `<${name}>${value}</${name}>`)
    const body =
      '<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" ' +
      's:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><s:Body>' +
      `<u:${action} xmlns:u="${this.#service}">${fields.join('')}</u:${action}></s:Body></s:Envelope>`
    const headers = { 'Content-Type': 'text/xml; charset="utf-8"', 'Content-Length': String(body.length), SOAPAction: `"${this.#service}#${action}"` }
    const answer = await exchange(this.#control, { method: 'POST', headers, body }, signal)
    if (answer.status !== 200 && answer.status !== 500) throw new NatError('NAT_ROUTER_REFUSED', `The router refused the request (HTTP ${answer.status}).`)
    const root = readXml(answer.body)
    const response = elementsOf(root, `${action}Response`)[0]
    if (answer.status === 200 && response !== undefined) return response
    const code = textOf(root, 'errorCode')
    if (code === undefined || !/^\d{1,5}$/.test(code)) throw new NatError('NAT_ROUTER_MALFORMED', 'The router did not answer the question it was asked.')
    throw new Refusal(Number(code), printable(textOf(root, 'errorDescription') ?? ''))
  }
}

/** An error of UPnP's own numbering. */
class Refusal extends NatError {
  readonly upnpCode: number

  constructor(upnpCode: number, description: string) {
    super(
      upnpCode === CONFLICT ? 'NAT_PORT_TAKEN' : 'NAT_ROUTER_REFUSED',
      upnpCode === CONFLICT ? 'The router passes that port on to another computer.' : `The router refuses: ${description || 'it does not say why'} (${upnpCode}).`,
    )
    this.upnpCode = upnpCode
  }
}

function readXml(text: string): XmlElement {
  try {
    return parseXml(text)
  } catch (error) {
    throw new NatError('NAT_ROUTER_MALFORMED', 'The router answered with malformed XML.', error)
  }
}

function printable(text: string): string {
  return text.replace(/[^ -~]/g, '').slice(0, 120)
}
