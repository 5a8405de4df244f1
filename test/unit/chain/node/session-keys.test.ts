import { describe, expect, it } from 'vitest'
import { toHex, type Hash } from '../../../../node-core/base/bytes.ts'
import { silentLogger } from '../../../../node-core/base/logger.ts'
import type { AuthorityList } from '../../../../node-core/chain/core/engines/engine.ts'
import { SessionKeys, type SessionKeysDependencies } from '../../../../node-core/chain/node/session-keys.ts'
import { devAccount } from '../../../../node-core/crypto/keys/dev-accounts.ts'

const key = (name: string): Hash => toHex(devAccount(`//${name}`).sr25519.publicKey)

function list(keyType: string, ...keys: readonly Hash[]): AuthorityList {
  return { keyType, at: async () => keys }
}

describe('the development accounts that may make blocks', () => {
  it('are those whose key of block production is an authority now, whoever else there is', async () => {
    const unable = async (): Promise<never> => {
      throw new Error('this runtime is not asked')
    }
    const keys = new SessionKeys({
      keys: {} as SessionKeysDependencies['keys'],
      runtime: { call: unable, version: unable, makeSessionKeys: unable } as unknown as SessionKeysDependencies['runtime'],
      blocks: { best: () => ({ hash: '0x01', number: 1 }), header: () => ({ stateRoot: '0x02' }) } as unknown as SessionKeysDependencies['blocks'],
      logger: silentLogger,
      development: { entries: () => [] },
      lists: () => [list('babe', `0x${'07'.repeat(32)}`, key('Alice')), list('aura', key('Charlie')), list('imon', key('Dave'))],
    })
    expect(await keys.developmentAuthors()).toEqual(['alice', 'charlie'])
  })
})
