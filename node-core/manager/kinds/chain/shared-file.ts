/**
 * The network file that a person gives away: the specification as it is, and beside it who is who and where this node is found. It says nothing
 * of what this node does: who opens it is asked who he is.
 */
import { readFile } from 'node:fs/promises'
import { MAX_ADDRESSES } from '../../../chain/spec/addition.ts'
import { genesisOf } from '../../../chain/spec/genesis.ts'
import { invitationOf } from '../../../chain/spec/invitation.ts'
import { readNamedSpec, readSpec } from '../../../chain/spec/load.ts'
import { openNetworkFile } from '../../../chain/spec/network-file.ts'
import { resolveSpec } from '../../../chain/spec/resolve.ts'
import { parseExact, printExact, type ExactObject } from '../../../chain/spec/runtime-genesis/exact-json.ts'
import { withAddition } from '../../../chain/spec/signature.ts'
import type { Installation } from '../installation.ts'
import type { SharedNetwork, Sharer } from '../profiles.ts'
import type { ChainProfile } from './profile.ts'
import { specTextOf } from './spec-file.ts'

const INDENT = 2
const MAX_BOOT_NODES = 64

export async function sharedFile(profile: ChainProfile, { identity, addresses: own }: Sharer, installation: Installation): Promise<SharedNetwork> {
  const { text: before, path } = await specTextIn(profile, installation)
  const file = openNetworkFile(before, path)
  if (file.kind === 'known') throw new RangeError(`${path} is the specification of a network`)
  const json = parseExact(file.text) as ExactObject
  const { members, addresses = [], choices, mark, runtime } = file.addition ?? {}
  const known = unique([...own, ...addresses])
  const bootNodes = unique([...known, ...textsIn(json['bootNodes']), ...profile.settings.network.bootnodes]).slice(0, MAX_BOOT_NODES)
  const addition = { members, addresses: known.slice(0, MAX_ADDRESSES), choices, mark, runtime }
  const shared = withAddition({ ...json, bootNodes }, addition, identity)
  const text = `${printExact(shared, INDENT)}\n`
  const written = readSpec(text, path)
  const spec = await resolveSpec(written, path, { workerUrl: installation.workerUrls?.genesis })
  return { text, link: choices === undefined ? undefined : invitationOf(spec), genesisHash: genesisOf(spec).hash }
}

/** Of a network that ships with the app, its file is the app's. */
async function specTextIn(profile: ChainProfile, { chainsPath }: Installation): Promise<{ readonly text: string; readonly path: string }> {
  const text = await specTextOf(profile)
  if (text !== undefined) return { text, path: profile.settings.name }
  const { path } = await readNamedSpec(profile.chain.kind === 'known' ? profile.chain.name : '', { chainsPath })
  return { text: await readFile(path, 'utf8'), path }
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)]
}

function textsIn(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : []
}
