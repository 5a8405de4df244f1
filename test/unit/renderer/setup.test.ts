/** The guide of the first run: where it goes, what keeps it from going on, and what it says. */
import { afterEach, describe, expect, it } from 'vitest'
import { requirements } from '../../../node-core/manager/kinds/chain/requirements.ts'
import type { KeysState } from '../../../node-core/api/network/keys.ts'
import type { FolderCheck } from '../../../node-core/manager/folders/data-folder.ts'
import type { NetworkDetails } from '../../../node-core/manager/networks/admin-types.ts'
import type { SpecSummary } from '../../../node-core/manager/kinds/chain/networks.ts'
import { m, useLanguage, type LanguageChoice } from '../../../renderer/i18n/language.ts'
import { blocker, isDevelopment, newGuide, ownKeyCount, readPort, reduce, specOf, STEPS, stepNumber, type Answers, type Facts, type Guide, type Settled, type StepId } from '../../../renderer/state/setup-guide.ts'
import { networkName, setupSentence } from '../../../renderer/text/setup-sentence.ts'

const folder = (change: Partial<FolderCheck> = {}): FolderCheck => ({
  path: '/data', exists: false, problem: undefined, freeBytes: 64e9, totalBytes: 256e9, ...change,
})
const spec: SpecSummary = { id: 'ours', name: 'Ours', chainType: 'Live', genesisHash: '0x00', bootNodes: 1, known: undefined, canValidate: true, members: [], addresses: [], forkId: undefined, signedBy: undefined }
const known: Facts = {
  requirements: requirements(), spec: undefined, place: folder(), folder: undefined,
  port: { port: 30333, state: 'free', network: undefined, suggestion: undefined }, drafts: [], lines: [], online: [], passphrase: false, ownKeys: 0, canLaunchAtLogin: true,
}

function at(step: StepId, change: Partial<Answers> = {}): Guide {
  return reduce({ ...newGuide(), step }, { type: 'answer', change })
}

function say(step: StepId, change: Partial<Answers> = {}, facts: Partial<Facts> = {}) {
  return setupSentence(at(step, change), { ...known, ...facts })
}

afterEach(() => void useLanguage('en'))

describe('the way through', () => {
  it('goes step by step, and not beyond its ends', () => {
    let guide = newGuide()
    const seen = STEPS.map(() => {
      const { step } = guide
      guide = reduce(guide, { type: 'next' })
      return step
    })
    expect(seen).toEqual(STEPS)
    expect(guide.step).toBe('done')
    for (const step of [...STEPS].reverse().slice(1)) {
      guide = reduce(guide, { type: 'back' })
      expect(guide.step).toBe(step)
    }
    expect(reduce(guide, { type: 'back' }).step).toBe('welcome')
    expect(STEPS.map(stepNumber)).toEqual([1, 2, 3, 4, 5, 6, 7])
  })

  it('proposes what fits the network', () => {
    expect(at('network').answers).toMatchObject({ role: 'validator', keys: 'alice', upnp: false })
    expect(at('network', { way: 'private', authorities: ['bob', 'eve'] }).answers).toMatchObject({ role: 'validator', keys: 'bob', upnp: true })
    expect(at('network', { way: 'public', chain: 'kusama' }).answers).toMatchObject({ role: 'full', keys: 'own', upnp: true })
    expect(at('network', { way: 'spec' }).answers).toMatchObject({ role: 'full', upnp: true })
  })

  it('keeps what the person decided when the network changes', () => {
    const decided = at('ports', { upnp: true, role: 'full', keys: 'eve' })
    expect(reduce(decided, { type: 'answer', change: { way: 'private' } }).answers).toMatchObject({ role: 'full', keys: 'eve', upnp: true })
  })

  it('takes no keys that everybody knows to a public network, whatever was chosen before', () => {
    expect(reduce(at('role', { keys: 'eve' }), { type: 'answer', change: { way: 'public' } }).answers.keys).toBe('own')
  })

  it('lets a suggestion give way to what was typed', () => {
    const suggested = reduce(newGuide(), { type: 'suggest', change: { port: '30335' } })
    expect(suggested.answers.port).toBe('30335')
    expect(reduce(at('ports', { port: '40000' }), { type: 'suggest', change: { port: '30335' } }).answers.port).toBe('40000')
  })

  it('leaves network and folder alone once keys were made for them', () => {
    const added = reduce(at('role', { way: 'private', name: 'Ours', folder: '/a' }), { type: 'added', network: 'ours' })
    const tried = reduce(added, { type: 'answer', change: { way: 'dev', name: 'X', folder: '/b', upnp: false } })
    expect(tried.answers).toMatchObject({ way: 'private', name: 'Ours', folder: '/a', upnp: false })
    for (const step of ['network', 'folder'] as const) expect(blocker({ ...tried, step }, { ...known, place: undefined })).toBeUndefined()
  })
})

describe('a guide that was left', () => {
  const details = (chain: NetworkDetails['profile']['chain'], name: string) => ({ profile: { chain, settings: { name } } }) as NetworkDetails
  const resumed = (answers: Partial<Settled['answers']>, network: NetworkDetails): Guide =>
    reduce(newGuide(), {
      type: 'resumed',
      settled: { answers: { network: 'our-net', way: 'private', folder: '', authorities: ['bob'], role: 'validator', keys: 'own', ...answers }, details: network },
    })
  const custom = details({ kind: 'custom', specId: 'our_net', chainType: 'Local' }, 'Our net')

  it('goes on at its beginning with the network that it added, and what was answered for that', () => {
    const guide = resumed({ folder: '/a' }, custom)
    expect(guide).toMatchObject({ step: 'welcome', added: 'our-net', answers: { way: 'private', name: 'Our net', folder: '/a', authorities: ['bob'], role: 'validator', keys: 'own' } })
    expect(setupSentence(guide, known).text).toBe('Our net was added when its keys were created. The last step sets up the rest.')
    expect(reduce(guide, { type: 'answer', change: { way: 'dev', name: 'X', upnp: false } }).answers).toMatchObject({ way: 'private', name: 'Our net', keys: 'own', upnp: false })
    expect(setupSentence({ ...guide, step: 'role' }, { ...known, ownKeys: 6 }).text).toContain('6 session keys ready')
  })

  it('proposes for what is still open what fits that network', () => {
    expect(resumed({}, custom).answers.upnp).toBe(true)
    expect(resumed({ way: 'dev' }, details({ kind: 'known', name: 'dev' }, 'Development')).answers.upnp).toBe(false)
  })

  it('knows a public network by its chain, and one from a file by what its profile says', () => {
    const kusama = details({ kind: 'known', name: 'kusama' }, 'Kusama')
    expect(resumed({ way: 'public', role: 'full' }, kusama).answers).toMatchObject({ way: 'public', chain: 'kusama', role: 'full' })
    expect(specOf(kusama)).toBeUndefined()
    expect(specOf(custom)).toEqual({ name: 'Our net', chainType: 'Local', members: [] })
    expect(networkName(resumed({ way: 'spec' }, custom).answers, { ...known, spec: specOf(custom) })).toBe('Our net')
  })

  it('counts the keys that are kept, and not those that everybody knows', () => {
    const key = (source: 'file' | 'development') => ({ source }) as KeysState['session'][number]
    expect(ownKeyCount({ session: [key('file'), key('development'), key('file')] })).toBe(2)
  })

  it('signs with keys of the person where the account is none that it knows', () => {
    expect(resumed({ keys: 'mallory', authorities: ['mallory', 'eve'] }, custom).answers).toMatchObject({ keys: 'own', authorities: ['eve'] })
    expect(resumed({ keys: 'eve' }, custom).answers.keys).toBe('eve')
  })
})

describe('what keeps the next step shut', () => {
  const stop = (step: StepId, change: Partial<Answers> = {}, facts: Partial<Facts> = {}) => blocker(at(step, change), { ...known, ...facts })

  it('is a private network that is not complete, or a file that was not read', () => {
    expect(stop('network')).toBeUndefined()
    expect(stop('network', { way: 'private', name: ' ' })).toBe('name')
    expect(stop('network', { way: 'private', name: 'Ours' })).toBeUndefined()
    expect(stop('network', { way: 'private', name: 'Ours', balances: 'alice lots' })).toBe('lists')
    expect(stop('network', { way: 'private', name: 'Ours', pasted: 'x' })).toBe('lists')
    expect(stop('network', { way: 'private', name: 'Ours', authorities: [] })).toBe('authority')
    expect(stop('network', { way: 'private', name: 'Ours', authorities: [], pasted: '5G 0x00' })).toBeUndefined()
    expect(stop('network', { way: 'spec' })).toBe('spec')
    expect(stop('network', { way: 'spec' }, { spec })).toBeUndefined()
  })

  it('is a folder that cannot be used, and not one that is small', () => {
    expect(stop('folder')).toBeUndefined()
    expect(stop('folder', {}, { place: undefined })).toBe('checking')
    expect(stop('folder', { folder: '/x' })).toBe('checking')
    expect(stop('folder', { folder: '/x' }, { folder: folder({ problem: 'not-writable' }) })).toBe('folder')
    expect(stop('folder', { folder: '/x' }, { folder: folder({ freeBytes: 1 }) })).toBeUndefined()
  })

  it('is a port that is none, is not looked at yet, or is not free', () => {
    expect(stop('ports')).toBeUndefined()
    for (const port of ['', '0', '65535', '99999', '30 333', 'x']) expect(stop('ports', { port })).toBe('port')
    expect(stop('ports', { port: '40000' })).toBe('checking')
    expect(stop('ports', {}, { port: undefined })).toBe('checking')
    for (const state of ['taken', 'denied', 'network'] as const) {
      expect(stop('ports', {}, { port: { port: 30333, state, network: 'X', suggestion: 30335 } })).toBe('port')
    }
    expect([readPort(' 30333 '), readPort('65534'), readPort('65535'), readPort('-1')]).toEqual([30333, 65534, undefined, undefined])
  })
})

describe('the sentence', () => {
  it('says what a network asks for', () => {
    expect(say('network').text).toBe('A development network is ready at once and needs little: 1.0 GB of disk, 500 MB of memory.')
    expect(say('network', { way: 'public', chain: 'polkadot' })).toEqual({ text: 'Polkadot takes about 5 to 37 minutes to sync and 5.5 GB of disk. These are estimates.', tone: 'off' })
    expect(say('network', { way: 'private', name: 'Ours' }).text).toBe('Ours starts with 1 authority and its own genesis.')
    expect(say('network', { way: 'private', name: 'Ours', pasted: '5G 0x00' }).text).toContain('2 authorities')
    expect(say('network', { way: 'private' }).text).toContain('Enter a name for the private network')
    expect(say('network', { way: 'spec' }, { spec }).text).toContain('Ours can be added')
  })

  it('says whether there is room', () => {
    expect(say('folder')).toEqual({ text: '64 GB free; Local development needs about 1.0 GB.', tone: 'well' })
    const full = { place: folder({ freeBytes: 2e9 }) }
    expect(say('folder', { way: 'public', chain: 'kusama' }, full)).toMatchObject({ tone: 'attention' })
    expect(say('folder', { way: 'public', chain: 'kusama' }, full).text).toContain('Only 2.0 GB free; Kusama needs about 5.5 GB')
    expect(say('folder', {}, { place: folder({ freeBytes: undefined }) }).tone).toBe('attention')
    expect(say('folder', { folder: '/x' }, { folder: folder({ problem: 'not-empty' }) }).tone).toBe('trouble')
    expect(say('folder', { way: 'spec' }, { spec }).text).toBe('64 GB free.')
  })

  it('says what a role comes to', () => {
    expect(say('role').text).toContain('with the well-known development keys of Alice')
    expect(say('role', { role: 'full' })).toMatchObject({ tone: 'attention' })
    expect(say('role', { way: 'public', chain: 'westend' })).toEqual({ text: 'A full node of Westend verifies every block and holds no keys.', tone: 'off' })
    expect(say('role', { way: 'public', role: 'validator' }).text).toBe('A full node of Westend verifies every block and holds no keys.')
    const relay = { spec: { ...spec, canValidate: false } }
    expect(say('role', { way: 'spec', role: 'validator' }, relay)).toEqual({ text: m.setup.role.relayTruth, tone: 'trouble' })
    expect(blocker(at('role', { way: 'spec', role: 'validator' }), { ...known, ...relay })).toBe('role')
    expect(blocker(at('role', { way: 'spec', role: 'full' }), { ...known, ...relay })).toBeUndefined()
    expect(say('role', { keys: 'own' }, { ownKeys: 6 }).text).toBe('6 session keys ready to sign once in the authority set.')
    expect(say('role', { way: 'private', name: 'Ours', authorities: ['eve'] }).text).toContain('with the well-known development keys of Eve')
    expect(say('role', { way: 'private', name: 'Ours', who: 'full' })).toMatchObject({ text: expect.stringContaining('only Alice can produce blocks'), tone: 'attention' })
    expect(say('role', { way: 'spec', role: 'validator', keys: 'alice' }, { spec }).text).toContain('signs nothing')
    expect(isDevelopment(at('role', { way: 'spec' }).answers, { spec: { ...spec, chainType: 'Local' } })).toBe(true)
  })

  it('calls a port free only where it is, and an open router nothing before it is seen', () => {
    expect(say('ports').text).toBe('Ports 30333 and 30334 are free. The router is not asked to forward them.')
    expect(say('ports', { upnp: true }).text).toContain('is asked to forward them when the node starts')
    expect(say('ports', { port: '1' }).tone).toBe('busy')
    expect(say('ports', { port: 'x' }).tone).toBe('trouble')
    expect(say('ports', {}, { port: { port: 30333, state: 'network', network: 'Ours', suggestion: 30335 } }).text).toContain('Ours uses port 30333')
  })

  it('promises a start at login only where the app can', () => {
    expect(say('start', { launchAtLogin: true, autoStart: true }).text).toBe('Nodestead opens when you log in and starts this node.')
    expect(say('start', { launchAtLogin: true }, { canLaunchAtLogin: false }).text).toContain('Nothing starts automatically')
  })

  it.each(['de', 'es'] as LanguageChoice[])('is there in %s for every step', (language) => {
    const english = STEPS.map((step) => say(step).text)
    useLanguage(language)
    const own = STEPS.map((step) => say(step).text)
    for (const [index, text] of own.entries()) expect(text).not.toBe(english[index])
    expect(networkName(newGuide().answers, known)).not.toBe('Local development')
  })
})
