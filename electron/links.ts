/**
 * `nodestead://` links: what they may ask for. Anybody can put one on a web page, so each is parsed strictly, what is
 * unknown is refused, and nothing is done before the person has agreed to exactly what is said.
 *
 *   nodestead://open/peers
 *   nodestead://peer/add?network=dev&address=/ip4/192.0.2.1/tcp/30333/p2p/12D3...
 *   nodestead://network/add?spec=/home/me/our-network.json
 *   nodestead://join?network=7VZNb9s4...
 *
 * A network file that the system opens with this program asks like the third of these. What the window is offered, it shows: name, genesis and
 * authorities; nothing is added before the person says so there.
 */
import { statSync } from 'node:fs'
import { isAbsolute, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { Words } from './i18n/words.ts'
import { describeError, isNodeError } from '../node-core/base/errors.ts'
import type { NodeManagerView } from '../node-core/manager/types.ts'
import { parsePeerAddress } from '../node-core/network/peers/address.ts'

export const LINK_SCHEME = 'nodestead'
const MAX_LINK = 2048
/** What an invitation takes (chain/spec/invitation.ts). */
const MAX_INVITATION = 8_000
const SPECIFICATION = /\.(json|chainspec)$/
const SCREENS = ['overview', 'peers', 'sync', 'topics', 'blocks', 'metrics', 'keys', 'logs', 'settings', 'about'] as const

export type LinkRequest =
  | { readonly kind: 'open'; readonly screen: (typeof SCREENS)[number] }
  | { readonly kind: 'add-peer'; readonly network: string; readonly address: string }
  | { readonly kind: 'add-network'; readonly specPath: string }
  | { readonly kind: 'join'; readonly invitation: string }

const openSchema = z.strictObject({ screen: z.enum(SCREENS) })
const peerSchema = z.strictObject({
  network: z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}$/),
  address: z.string().max(1024).refine(isPeerAddress),
})
/** What nobody sees, or what puts in order or in lines anew what one sees: control and format characters, separators of lines. */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}]/gu
/** The path is shown to the person as it is. */
const networkSchema = z.strictObject({ spec: z.string().max(1024).regex(SPECIFICATION).refine((path) => isAbsolute(path) && !isElsewhere(path) && path.search(UNSEEN) === -1) })

/** base64url: what is in it, the node reads. */
const INVITATION = /^nodestead:\/\/join\?network=[A-Za-z0-9_-]{1,8000}$/

/** Undefined for anything that is not one of ours to the letter. */
export function parseLink(link: string): LinkRequest | undefined {
  if (link.length > (INVITATION.test(link) ? MAX_INVITATION : MAX_LINK) || !link.startsWith(`${LINK_SCHEME}://`) || link.search(UNSEEN) !== -1 || !URL.canParse(link)) return undefined
  if (INVITATION.test(link)) return { kind: 'join', invitation: link }
  const url = new URL(link)
  if (url.username !== '' || url.password !== '' || url.port !== '' || url.hash !== '') return undefined
  const names = [...url.searchParams.keys()]
  if (new Set(names).size !== names.length) return undefined
  const given = Object.fromEntries(url.searchParams)
  const path = `${url.host}${url.pathname}`
  // What a parser puts right was written by nobody who meant us.
  if (!link.startsWith(`${LINK_SCHEME}://${path}`)) return undefined
  const screen = /^open\/([a-z]+)$/.exec(path)?.[1]
  if (screen !== undefined && names.length === 0) {
    const open = openSchema.safeParse({ screen })
    return open.success ? { kind: 'open', screen: open.data.screen } : undefined
  }
  if (path === 'peer/add') {
    const peer = peerSchema.safeParse(given)
    return peer.success ? { kind: 'add-peer', ...peer.data } : undefined
  }
  if (path === 'network/add') {
    const network = networkSchema.safeParse(given)
    return network.success ? { kind: 'add-network', specPath: network.data.spec } : undefined
  }
  return undefined
}

/** The link among a program's arguments, where there is one. */
export function linkIn(argv: readonly string[]): string | undefined {
  return argv.find((argument) => argument.startsWith(`${LINK_SCHEME}://`))
}

/**
 * What a start of the program asks for: a link, or a chain specification that was opened with it, as the link that adds its
 * network. `folder` is where a relative path begins.
 */
export function requestIn(argv: readonly string[], folder: string): string | undefined {
  const link = linkIn(argv)
  if (link !== undefined) return link
  // The first argument is the program itself.
  const file = argv.slice(1).flatMap((argument) => pathOf(argument, folder) ?? []).find(isFile)
  return file === undefined ? undefined : linkToFile(file)
}

/** Linux hands over what was opened as a path or as its address, as the file manager likes it. */
function pathOf(argument: string, folder: string): string | undefined {
  try {
    const path = argument.startsWith('file://') ? fileURLToPath(argument) : resolve(folder, argument)
    return !argument.startsWith('-') && SPECIFICATION.test(path) && !isElsewhere(path) ? path : undefined
  } catch {
    return undefined
  }
}

/** On another computer, or a device: Windows would sign in there with the person's name only to look. */
function isElsewhere(path: string): boolean {
  return /^[\\/]{2}/.test(path)
}

export function linkToFile(path: string): string {
  return `${LINK_SCHEME}://network/add?spec=${encodeURIComponent(path)}`
}

export interface LinkDeps {
  readonly manager: Pick<NodeManagerView, 'networks' | 'node'>
  /** Shows a network file or an invitation in the window, where the person says what becomes of it; undefined where none can be added. */
  readonly offer: ((source: string) => void) | undefined
  readonly words: () => Words
  /** A dialog in the window. Resolves true where the person agreed; `refused` only tells. */
  readonly ask: (message: string, detail: string, button: string) => Promise<boolean>
  readonly refuse: (message: string, detail: string) => Promise<void>
  readonly show: (screen: string) => void
}

/** Asks, and does what was agreed to. Never rejects. */
export async function followLink(link: string, deps: LinkDeps): Promise<void> {
  const words = deps.words()
  const request = parseLink(link)
  try {
    if (request === undefined) return await deps.refuse(words.linkRefused, words.linkUnknown)
    switch (request.kind) {
      case 'open':
        if (await deps.ask(words.linkAsks, words.linkScreen(request.screen), words.linkDo)) deps.show(request.screen)
        return
      case 'add-peer':
        return await addPeer(request, deps)
      case 'add-network':
      case 'join':
        if (deps.offer === undefined) return await deps.refuse(words.linkRefused, words.linkUnknown)
        return deps.offer(request.kind === 'join' ? request.invitation : request.specPath)
    }
  } catch (error) {
    await deps.refuse(words.linkRefused, isNodeError(error) ? describeError(error).replace(UNSEEN, ' ') : words.linkUnknown)
  }
}

async function addPeer({ network, address }: Extract<LinkRequest, { kind: 'add-peer' }>, { manager, words: current, ask, refuse, show }: LinkDeps): Promise<void> {
  const words = current()
  const found = manager.networks().find(({ id }) => id === network)
  if (found === undefined) return refuse(words.linkRefused, words.linkNoNetwork(network))
  if (manager.node(network) === undefined) return refuse(words.linkRefused, words.linkNotRunning(found.name))
  if (!(await ask(words.linkAsks, words.linkPeer(found.name, address), words.linkDo))) return
  manager.node(network)?.peerActions.addReserved(address)
  show('peers')
}

function isPeerAddress(text: string): boolean {
  try {
    parsePeerAddress('address', text)
    return true
  } catch {
    return false
  }
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile()
  } catch {
    return false
  }
}
