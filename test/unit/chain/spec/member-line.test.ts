import { bech32m } from '@scure/base'
import { describe, expect, it } from 'vitest'
import { encodeMember, ownershipStatement, readMembers } from '../../../../node-core/chain/spec/member-line.ts'
import type { Member } from '../../../../node-core/chain/spec/members.ts'
import { concatBytes, toHex, type Hex } from '../../../../node-core/base/bytes.ts'
import { signWith } from '../../../../node-core/crypto/keys/keypairs.ts'
import { devAccount } from '../../../../node-core/crypto/keys/dev-accounts.ts'
import { encodeSs58 } from '../../../../node-core/crypto/keys/ss58.ts'
import { NodeIdentity } from '../../../../node-core/network/host/identity.ts'

function member(name: string): Member {
  return {
    name,
    stash: encodeSs58(devAccount(`//${name}`).sr25519.publicKey),
    sessionKeys: [
      { keyType: 'gran', publicKey: toHex(devAccount(`//${name}`).ed25519.publicKey) },
      { keyType: 'babe', publicKey: toHex(devAccount(`//${name}//babe`).sr25519.publicKey) },
    ],
    peerId: new NodeIdentity(new Uint8Array(32).fill(name.length)).peerId,
  }
}

/** As the keys themselves sign it. */
function proofOf({ name, stash }: Member): Hex {
  const statement = ownershipStatement(stash)
  return toHex(concatBytes(signWith(devAccount(`//${name}`).ed25519, statement), signWith(devAccount(`//${name}//babe`).sr25519, statement)))
}

const lineOf = (of: Member): string => encodeMember({ member: of, proof: proofOf(of) })
const ADA = member('Ada')
const BEN = member('Bénédicte 😀')
const PROOF = proofOf(ADA)
const line = encodeMember({ member: ADA, proof: PROOF })
const read = (text: string) => readMembers(text).map((found) => (found.ok ? found.member : found.why))

describe('the line of a member', () => {
  it('is one line of letters and digits, and gives back who it is', () => {
    expect(line).toMatch(/^nodestead1[02-9ac-hj-np-z]+$/)
    expect(line.length).toBeLessThan(500)
    expect(read(line)).toEqual([ADA])
    expect(readMembers(line)).toMatchObject([{ proof: PROOF }])
    expect(read(lineOf(BEN))).toEqual([BEN])
  })

  it.each([
    ['white space around it', ` \n\t${line}\r\n `],
    ['a name in front', `Ada: ${line}`],
    ['words around it', `Hello! Mine is "${line}". See you at 10`],
    ['breaks in its middle, as mail programs make them', line.replace(/(.{40})/g, '$1\n  ')],
    ['capital letters, as a QR code has it', line.toUpperCase()],
    ['what an editor leaves behind', `\ufeff${line}\u200b`],
  ])('is read with %s', (_what, text) => expect(read(text)).toEqual([ADA]))

  it('is read with several others, whatever their names are', () => {
    expect(read(`${line} zed: ${lineOf(BEN)}\nella: ${lineOf(member('Ella'))}`)).toEqual([ADA, BEN, member('Ella')])
  })

  it('is refused with any one character wrong, and the others are read', () => {
    for (let at = 0; at < line.length; at++) {
      const wrong = `${line.slice(0, at)}${line[at] === 'q' ? 'p' : 'q'}${line.slice(at + 1)}`
      const [first, ...rest] = readMembers(wrong)
      expect(first?.ok, `at ${at}`).toBe(false)
      expect(rest).toEqual([])
    }
    const broken = `${line.slice(0, 60)}${line[60] === 'q' ? 'p' : 'q'}${line.slice(61)}`
    expect(read(`${broken}\n${lineOf(BEN)}`)).toEqual(['checksum', BEN])
  })

  it('is refused with a character missing, one too many within it, or its end cut off', () => {
    for (const at of [12, 40, 150, line.length - 1]) {
      expect(read(line.slice(0, at) + line.slice(at + 1))).toEqual(['checksum'])
      expect(read(`${line.slice(0, at)}${line[at] === 'q' ? 'p' : 'q'}${line.slice(at)}`)).toEqual(['checksum'])
      expect(read(line.slice(0, at))).toEqual(['checksum'])
    }
  })

  it('says what else it was given', () => {
    expect(readMembers('')).toEqual([])
    expect(readMembers('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY 0x11')).toMatchObject([{ ok: false, why: 'none' }])
    const newer = bech32m.encode('nodestead', bech32m.toWords(Uint8Array.of(2, 3, 4)), false)
    expect(read(`Ada: ${newer} and more`)).toEqual(['newer'])
    expect(read(line.replace('nodestead1q', 'nodestead1p'))).toEqual(['checksum'])
  })
})
