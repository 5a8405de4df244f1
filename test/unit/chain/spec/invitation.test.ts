import { describe, expect, it } from 'vitest'
import { describeError } from '../../../../node-core/base/errors.ts'
import { buildGenesis } from '../../../../node-core/chain/spec/genesis.ts'
import { INVITATION_PREFIX, invitationOf, makePrivateNetwork, openInvitation } from '../../../../node-core/chain/spec/invitation.ts'
import { loadChainSpec, parseChainSpec, shippedRuntime } from '../../../../node-core/chain/spec/load.ts'
import { membersOf } from '../../../../node-core/chain/spec/members.ts'
import { printExact } from '../../../../node-core/chain/spec/runtime-genesis/exact-json.ts'
import { withAddition } from '../../../../node-core/chain/spec/signature.ts'
import { additionOf } from '../../../../node-core/chain/spec/addition.ts'
import { devAccount } from '../../../../node-core/crypto/keys/dev-accounts.ts'
import { encodeSs58 } from '../../../../node-core/crypto/keys/ss58.ts'
import { toHex } from '../../../../node-core/base/bytes.ts'
import { NodeIdentity } from '../../../../node-core/network/host/identity.ts'
import { CHAINS } from '../../../helpers/chain-files.ts'

const identity = new NodeIdentity(new Uint8Array(32).fill(7))
const address = `/ip4/192.0.2.1/tcp/30333/p2p/${identity.peerId}`
const authorities = ['Ada', 'Ben', 'Cleo'].map((name, index) => ({
  name,
  stash: encodeSs58(devAccount(`//${name}`).sr25519.publicKey),
  sessionKeys: `${toHex(devAccount(`//${name}//gran`).ed25519.publicKey)}${toHex(devAccount(`//${name}//babe`).sr25519.publicKey).slice(2)}`,
  peerId: new NodeIdentity(new Uint8Array(32).fill(index + 1)).peerId,
}))
const choices = { name: 'Our net', authorities, balances: [], slotSeconds: 2 }

const code = await shippedRuntime({ chainsPath: CHAINS })

async function shared() {
  const { json } = await makePrivateNetwork(choices, { code })
  const text = printExact(withAddition({ ...json, bootNodes: [address] }, { ...additionOf(json), addresses: [address] }, identity), 2)
  const spec = parseChainSpec(text, 'ours.json')
  return { text, spec, link: invitationOf(spec) as string }
}

describe('an invitation as a link', () => {
  it('makes the same file again, signature and all, at any door', async () => {
    const { spec, link } = await shared()
    expect(link.length).toBeLessThan(2_000)
    const again = parseChainSpec(await openInvitation(link, { code }), 'The invitation')
    expect(buildGenesis(again).hash).toBe(buildGenesis(spec).hash)
    expect(again).toEqual(spec)
    expect(membersOf(again).map(({ name }) => name)).toEqual(['Ada', 'Ben', 'Cleo'])
    expect(again.bootNodes).toEqual([address])
    expect(buildGenesis(await loadChainSpec(link, { chainsPath: CHAINS })).hash).toBe(buildGenesis(spec).hash)
  })

  it('holds nothing but what it says it holds: two networks of the same choices have different links', async () => {
    const [one, two] = [await shared(), await shared()]
    expect(one.link).not.toBe(two.link)
    expect(buildGenesis(one.spec).hash).not.toBe(buildGenesis(two.spec).hash)
  })

  it('is not made of a file that was changed by hand', async () => {
    const { spec } = await shared()
    expect(invitationOf({ ...spec, bootNodes: [] })).toBeUndefined()
    expect(invitationOf({ ...spec, nodestead: undefined })).toBeUndefined()
  })

  it('asks for the file where this app has another runtime', async () => {
    const { link } = await shared()
    const said = await openInvitation(link, { code: `${code}00` }).then(() => 'no error', describeError)
    expect(said).toContain('with another version of Nodestead')
    expect(said).toContain('Ask for the invitation as a file')
  })

  it('says so where it is cut off, or is something else', async () => {
    const { link } = await shared()
    for (const text of [link.slice(0, -20), `${INVITATION_PREFIX}AAAA`, INVITATION_PREFIX]) {
      expect(await openInvitation(text, { code }).then(() => 'no error', describeError)).toContain('The link is not an invitation, or is incomplete')
    }
  })
})
