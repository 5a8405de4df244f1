/** What is told of private links. */
import type { LinkError } from './errors.ts'
import type { Forward, LinkRules, Opening, SocksRule } from './rules.ts'
import type { TrafficFigures } from './traffic.ts'

/** A local port, and why it does not work where it does not. */
export interface PortState {
  /** NET_LINK_PORT_{TAKEN,FAILED}; undefined where it listens. */
  readonly failure: LinkError | undefined
  readonly figures: TrafficFigures
}

export type OpeningState = Opening & { readonly figures: TrafficFigures }
export type ForwardState = Forward & PortState
export type SocksState = Omit<SocksRule, 'passwordHash'> & PortState & { readonly wantsPassword: boolean }

export interface LinkEvents {
  /** Openings, forwards, the door or the IP link are others. */
  changed: LinkRules
  /** A program's connection to a forward was not opened. */
  refused: { readonly forward: Forward; readonly error: LinkError }
}
