/**
 * The one door to the system's browser: the page of polkadot.js for a node of this computer. Our page asks for it by naming a network,
 * never by an address; the address is written by us (polkadot-apps.ts) but for the port of the node, the person sees it whole, and nothing is
 * opened before they agree.
 */
import { browserWords } from './i18n/browser.ts'
import type { BrowserDoor } from '../node-core/api/trpc.ts'
import { polkadotAppsUrl } from '../node-core/api/network/polkadot-apps.ts'
import { NodeError } from '../node-core/base/errors.ts'

export type BrowserErrorCode = 'BROWSER_NOT_OPENED'

export interface BrowserDoorPlace {
  /** The language in use: `de`. */
  readonly locale: () => string
  /** A dialog in the window. Resolves true where the person agreed. */
  readonly ask: (message: string, detail: string, button: string) => Promise<boolean>
  /** The system's way to open an address. */
  readonly openExternal: (url: string) => Promise<void>
}

export function browserDoor({ locale, ask, openExternal }: BrowserDoorPlace): BrowserDoor {
  let asking = false
  return {
    async openPolkadotApps(rpcAddress) {
      const address = polkadotAppsUrl(rpcAddress)
      // One question at a time, however often the page asks.
      if (address === undefined || asking) return false
      const words = browserWords(locale())
      asking = true
      try {
        if (!(await ask(words.question, words.detail(address), words.open))) return false
      } finally {
        asking = false
      }
      await openExternal(address).catch((cause: unknown) => {
        throw new NodeError<BrowserErrorCode>('BROWSER_NOT_OPENED', words.notOpened, { hint: words.notOpenedHint(address), cause })
      })
      return true
    },
  }
}
