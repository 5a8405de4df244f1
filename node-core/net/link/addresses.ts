/** Which IP addresses name one computer, and not all of them or none. */
import { isIP } from 'node:net'
import { isLoopback } from '../../network/peers/address.ts'

/** A computer, this one among them: 127.0.0.1 does, and 0.0.0.0, ::, multicast and broadcast do not. */
export function isReachable(host: string): boolean {
  if (isIP(host) === 0) return false
  return isLoopback(host) || !isEverywhere(host)
}

/** A computer other than the one that asks: nothing of loopback either. */
export function isComputerAddress(host: string): boolean {
  return isReachable(host) && !isLoopback(host)
}

function isEverywhere(host: string): boolean {
  if (host.includes(':')) return /^[0:]+(%.*)?$/.test(host) || /^ff/i.test(host)
  const first = Number(host.split('.')[0])
  return first === 0 || first >= 224
}
