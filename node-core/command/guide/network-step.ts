/** Which network: one that ships, with what it costs, or one of a file. */
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { describeError } from '../../base/errors.ts'
import { genesisCode } from '../../chain/spec/genesis.ts'
import { INVITATION_PREFIX } from '../../chain/spec/invitation.ts'
import { loadChainSpec } from '../../chain/spec/load.ts'
import { KNOWN_NETWORKS } from '../../chain/spec/networks.ts'
import { isLiveRelay } from '../../chain/spec/relay.ts'
import type { ChainSpec } from '../../chain/spec/schema.ts'
import { hasState } from '../../chain/spec/with-state.ts'
import { readCodeVersion } from '../../chain/runtime/code/code-version.ts'
import { apiId } from '../../chain/runtime/api/by-version.ts'
import { apiVersion } from '../../chain/runtime/api/version.ts'
import { USUAL_SESSION_KEYS, type KeyKind } from '../../keystore/network-keys.ts'
import { requirements } from '../../manager/kinds/chain/requirements.ts'
import type { Installation } from '../definition/command.ts'
import { sizeText, type ChosenNetwork } from './answers.ts'
import { BACK, type Back, type Checked, type Choice, type Questions } from './questions.ts'

const USUAL = 'polkadot'
const OWN: Readonly<Record<string, string>> = {
  dev: 'one node that needs no others, to try things out',
  local: 'two nodes for tests, of Alice and of Bob',
}
const GRANDPA: KeyKind = { keyType: 'gran', scheme: 'ed25519' }
const BABE: KeyKind = { keyType: 'babe', scheme: 'sr25519' }
const AURA: KeyKind = { keyType: 'aura', scheme: 'sr25519' }

export async function networkStep(questions: Questions, installation: Installation): Promise<ChosenNetwork | Back> {
  const choices: Choice<string>[] = requirements().map(({ chain, name, diskBytes, download }) => ({
    label: name,
    detail: OWN[chain] ?? (download === undefined ? '' : `${sizeText(download.bytes)} to download, ${download.minutes.join(' to ')} minutes; ${sizeText(diskBytes)} of disk`),
    value: chain,
  }))
  const file = { label: 'Another', detail: 'a chain specification in a file, or an invitation', value: '' }
  for (;;) {
    const usual = choices.findIndex(({ value }) => value === USUAL)
    const chosen = await questions.choose('Network', [...choices, file], Math.max(0, usual))
    if (chosen === BACK) return BACK
    if (chosen !== '') return knownNetwork(chosen)
    const other = await questions.line('File or invitation', '', (text) => ofFile(text, installation))
    if (other !== BACK) return other
  }
}

/** What ships is known without reading it: relay chains, and two networks of our own runtime. */
function knownNetwork(chain: string): ChosenNetwork {
  const known = KNOWN_NETWORKS.find(({ id }) => id === chain)
  const needs = requirements().find((one) => one.chain === chain)
  const isRelay = known?.isRelay === true
  return { chain, id: known?.specId ?? chain, name: needs?.name ?? chain, isDev: chain === 'dev', isRelay, takesAccounts: !isRelay, diskBytes: needs?.diskBytes, keys: isRelay ? USUAL_SESSION_KEYS : [GRANDPA, BABE] }
}

async function ofFile(text: string, installation: Installation): Promise<Checked<ChosenNetwork>> {
  if (text === '') return { problem: 'Type the path of a file, an invitation, or b to go back.' }
  const chain = text.startsWith(INVITATION_PREFIX) ? text : pathOf(text)
  try {
    return { value: { ...(await described(chain, installation)), chain, isDev: false, diskBytes: undefined } }
  } catch (error) {
    return { problem: describeError(error) }
  }
}

/** `~` is the home folder, as shells have it. */
export function pathOf(text: string): string {
  return text === '~' || /^~[/\\]/.test(text) ? join(homedir(), text.slice(1)) : resolve(text)
}

async function described(chain: string, { folder, workerUrls }: Installation): Promise<Omit<ChosenNetwork, 'chain' | 'isDev' | 'diskBytes'>> {
  const spec = await loadChainSpec(chain, { chainsPath: join(folder, 'chains'), genesisWorkerUrl: workerUrls?.genesis })
  return { id: spec.id, name: spec.name.replaceAll(/\p{Cc}/gu, '?'), isRelay: isLiveRelay(spec), takesAccounts: spec.chainType === 'Development' || spec.chainType === 'Local', keys: keysOf(spec) }
}

/** By the engine that its genesis runtime speaks of; those of relay chains where nobody can tell. */
function keysOf(spec: ChainSpec): readonly KeyKind[] {
  if (!hasState(spec)) return USUAL_SESSION_KEYS
  const { apis } = readCodeVersion(genesisCode(spec))
  const has = (api: string): boolean => apiVersion(apis, apiId(api)) !== undefined
  const authoring = has('AuraApi') ? AURA : has('BabeApi') ? BABE : undefined
  if (authoring === undefined || has('ParachainHost')) return USUAL_SESSION_KEYS
  return [...(has('GrandpaApi') ? [GRANDPA] : []), authoring]
}
