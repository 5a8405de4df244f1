/** Who a person may be in a network, and what a team comes to in the form that builds one. */
import { describe, expect, it } from 'vitest'
import { membersOfChoices } from '../../../node-core/chain/spec/private.ts'
import { devAccount } from '../../../node-core/crypto/keys/dev-accounts.ts'
import { encodeSs58 } from '../../../node-core/crypto/keys/ss58.ts'
import { toHex } from '../../../node-core/base/bytes.ts'
import type { Member } from '../../../node-core/chain/spec/members.ts'
import { privateChoicesSchema } from '../../../node-core/chain/spec/private-choices.ts'
import type { MemberDraft } from '../../../node-core/manager/kinds/chain/member-drafts.ts'
import { ACCOUNTS, authoritiesOf, deadNames, fittingWho, roleOf, takenAccounts, unlisted, usualWho } from '../../../renderer/text/joining.ts'
import { parseBalances, privateChoices, USUAL_CHOICES } from '../../../renderer/text/private-network.ts'
import { teamOf, usualBalances, wrongLine } from '../../../renderer/text/team.ts'

function member(name: string): Member {
  const [gran, babe] = [devAccount(`//${name}//gran`).ed25519, devAccount(`//${name}//babe`).sr25519]
  return {
    name,
    stash: encodeSs58(devAccount(`//${name}//owner`).sr25519.publicKey),
    sessionKeys: [{ keyType: 'gran', publicKey: toHex(gran.publicKey) }, { keyType: 'babe', publicKey: toHex(babe.publicKey) }],
    peerId: '12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp',
  }
}
const draft = (name: string, id = name): MemberDraft => ({ id, member: member(name), line: '', remembered: false, madeAt: 0 })
const [ADA, BEN] = [member('Ada'), member('Ben')]

describe('who a person may be', () => {
  const development = membersOfChoices({ name: 'x', authorities: ACCOUNTS.map((account) => ({ account })), balances: [] })

  it('is an authority whose keys are here, and that one is proposed; the others are elsewhere', () => {
    const authorities = authoritiesOf([ADA, BEN], [draft('Ben', 'id-b'), draft('Cleo')])
    expect(authorities.map(({ who }) => who)).toEqual([undefined, 'draft:id-b'])
    expect(usualWho(authorities, false)).toBe('draft:id-b')
    expect(roleOf('draft:id-b', 'secret words')).toEqual({ role: 'validator', draft: { id: 'id-b', passphrase: 'secret words' } })
    expect(roleOf('draft:id-b', '')).toEqual({ role: 'validator', draft: { id: 'id-b' } })
  })

  it('is a follower who joins without keys of the list', () => {
    expect(usualWho(authoritiesOf([ADA, BEN], []), false)).toBe('full')
    expect(usualWho(authoritiesOf(development, []), false)).toBe('full')
  })

  it('is a development authority where the list has one: its keys are everywhere', () => {
    expect(authoritiesOf(development, []).map(({ who }) => who)).toEqual(ACCOUNTS.map((account) => `account:${account}`))
    expect(roleOf('account:bob', '')).toEqual({ role: 'validator', account: 'bob' })
  })

  it('is no development authority that another network of this computer is already', () => {
    const profile = (specId: string, account: string) => ({ profile: { chain: { kind: 'custom', specId, chainType: 'Local' }, settings: { name: `${specId} here`, role: 'validator', account } } }) as never
    const taken = takenAccounts([profile('ours', 'alice'), profile('theirs', 'bob')], 'ours')
    expect(authoritiesOf(development.slice(0, 2), [], taken)).toMatchObject([{ who: undefined, taken: 'ours here' }, { who: 'account:bob', taken: undefined }])
  })

  it('may be who is to be added later, with keys that no authority has; never unasked', () => {
    const authorities = authoritiesOf([ADA, BEN], [draft('Ben'), draft('Dora')])
    const later = unlisted(authorities, [draft('Ben'), draft('Dora')])
    expect(later.map(({ id }) => id)).toEqual(['Dora'])
    expect(fittingWho(undefined, authoritiesOf([ADA], [draft('Dora')]), false, later)).toBe('full')
    expect(fittingWho('draft:Dora', authorities, false, later)).toBe('draft:Dora')
    expect(fittingWho('draft:Dora', authorities, false)).toBe('draft:Ben')
  })

  it('is nobody whose node answered, though its keys are here: that is another node with them', () => {
    const other: Member = { ...BEN, peerId: '12D3KooWJBZ1vWXMwiSwCuUFMYPQEYAKqYWpBUbNRLzY4ohS5pRB' }
    const authorities = authoritiesOf([ADA, other], [draft('Ben')], new Map(), [other.peerId ?? ''])
    expect(authorities).toMatchObject([{ name: 'Ada', who: undefined }, { name: 'Ben', who: undefined, online: true }])
    expect(authorities[0]?.online).toBeUndefined()
    expect(fittingWho('draft:Ben', authorities, false)).toBe('full')
    expect(fittingWho('draft:Ben', authoritiesOf([ADA, other], [draft('Ben')]), false)).toBe('draft:Ben')
  })

  it('makes a network live that is built here, and a combination that never makes a block is named', () => {
    const alice = authoritiesOf(development.slice(0, 1), [])
    expect(usualWho(alice, true)).toBe('account:alice')
    expect(deadNames('full', alice)).toEqual(['Alice'])
    expect(deadNames('account:alice', alice)).toEqual([])
    expect(deadNames('full', authoritiesOf([ADA], []))).toEqual([])
  })

  it('is asked anew where the choice is not offered any more', () => {
    const authorities = authoritiesOf([ADA], [draft('Ada')])
    expect(fittingWho('account:alice', authorities, true)).toBe('draft:Ada')
    expect(fittingWho('full', authorities, true)).toBe('full')
  })
})

describe('a team', () => {
  it('is who has keys here and who sent a line, each once', () => {
    const team = teamOf([draft('Ada')], [{ ok: true, member: BEN, proof: '0x', line: '' }, { ok: true, member: ADA, proof: '0x', line: '' }])
    expect(team).toEqual([ADA, BEN])
    expect(usualBalances(team, ['alice'])).toBe('alice 1000000\nAda 1000000\nBen 1000000')
    const choices = privateChoices({ name: 'Ours', authorities: [], team, pasted: 'nodestead1…', balances: 'Ada 5\nben 7', more: { ...USUAL_CHOICES, root: 'multisig', members: 'ada\nben', threshold: '2' } })
    expect(privateChoicesSchema.safeParse(choices).error).toBeUndefined()
    expect(membersOfChoices(choices as never)).toEqual(team)
    expect(choices).toMatchObject({ balances: [{ address: ADA.stash, amount: 5 }, { address: BEN.stash, amount: 7 }], root: { members: [ADA.stash, BEN.stash] } })
  })

  it('says which line is wrong, and how', () => {
    expect(wrongLine('', [], [])).toBeUndefined()
    expect(wrongLine('nodestead1q', [{ ok: false, why: 'checksum', begin: 'nodestead1q' }], [])).toEqual({ why: 'checksum', begin: 'nodestead1q' })
    expect(wrongLine('odestead1qqqq', [], [])).toEqual({ why: 'none', begin: 'odestead1qqqq' })
    expect(wrongLine(`${ADA.stash} 0x12 more`, [], [])).toEqual({ why: 'form', line: 1 })
    expect(wrongLine('nodestead1q', [], [ADA, { ...BEN, name: 'ADA' }])).toEqual({ why: 'twice', name: 'ADA' })
  })

  it('owns what names say: a member before a development account, and nobody unknown', () => {
    const alice = { ...ADA, name: 'Alice' }
    expect(parseBalances('alice 5', [alice])).toEqual({ ok: true, items: [{ address: ADA.stash, amount: 5 }] })
    expect(parseBalances('alice 5')).toEqual({ ok: true, items: [{ address: 'alice', amount: 5 }] })
    expect(parseBalances('bob 1\n\nmallory 5')).toEqual({ ok: false, line: 3, who: 'mallory' })
    expect(parseBalances('Anna Maria 3', [{ name: 'Anna Maria', stash: BEN.stash }])).toEqual({ ok: true, items: [{ address: BEN.stash, amount: 3 }] })
  })
})
