/**
 * Keys that are made before their network: the first step of a team's ceremony.
 *
 * A draft is a folder of its own that looks like the data of a network: an encrypted keystore with session keys and the account that owns them, and
 * the identity of the node to be. Its owner gives away one line about it, public in every part (chain/spec/member-line.ts). When the network is
 * joined, keystore and identity *move* into its data, so that two networks, or two copies of one, never sign with the same keys; and whoever
 * has the line knows the node again by its peer id.
 */
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { cp, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { concatBytes, fromHex, isHex, toHex, type Hex } from '../../../base/bytes.ts'
import type { Clock } from '../../../base/clock.ts'
import { NodeError } from '../../../base/errors.ts'
import { Emitter } from '../../../base/events.ts'
import { ownFolder, writeWhole } from '../../../base/whole-file.ts'
import { encodeMember, ownershipStatement, readMembers, type ReadMember } from '../../../chain/spec/member-line.ts'
import { memberSchema, type Member } from '../../../chain/spec/members.ts'
import { addressOf } from '../../../keystore/addresses.ts'
import { PhraseDrafts, type PhraseDraft } from '../../../keystore/drafts.ts'
import { ACCOUNT_KEY_TYPE, USUAL_SESSION_KEYS, type Keyrings, type NetworkKeys } from '../../../keystore/network-keys.ts'
import type { VaultRefusal } from '../../../keystore/vault.ts'
import { loadIdentity } from '../../../network/host/identity.ts'

export type MemberDraftErrorCode = 'MEMBER_KEYS_GONE' | 'MEMBER_KEYS_LOCKED'

export interface MemberDraft {
  readonly id: string
  readonly member: Member
  /** To give away. */
  readonly line: string
  /** The keyring holds their passphrase: nobody has to type it. */
  readonly remembered: boolean
  /** Milliseconds since the Unix epoch. */
  readonly madeAt: number
}

export interface NewMemberKeys {
  /** Of the words, and those that were asked for. */
  readonly words: { readonly id: string; readonly answers: readonly string[] }
  readonly name: string
  readonly passphrase: string
  readonly remember: boolean
}

export interface MemberDraftsDependencies {
  readonly keyrings: Keyrings
  readonly clock: Clock
}

/** What the networks of this app sign with. */
const SESSION_KEYS = USUAL_SESSION_KEYS.filter(({ keyType }) => keyType === 'gran' || keyType === 'babe')
const MEMBER_FILE = 'member.json'
const MOVED = ['keystore', 'network'] as const
const SS58_PREFIX = 42

const draftSchema = z.object({ version: z.literal(1), madeAt: z.number(), member: memberSchema, proof: z.string().refine((text): text is Hex => isHex(text)) })

/** The lines in a text that others gave. */
export function readLines(text: string): readonly ReadMember[] {
  return readMembers(text)
}

export class MemberDrafts {
  readonly events = new Emitter<{ changed: undefined }>()
  readonly #keyrings: Keyrings
  readonly #clock: Clock
  readonly #folder: string
  readonly #phrases: PhraseDrafts

  /** `folder` holds one folder for each draft. */
  constructor({ keyrings, clock }: MemberDraftsDependencies, folder: string) {
    this.#keyrings = keyrings
    this.#clock = clock
    this.#folder = folder
    this.#phrases = new PhraseDrafts(clock)
  }

  /** Why the keyring cannot remember a passphrase. */
  get vaultRefusal(): VaultRefusal | undefined {
    return this.#keyrings.at(this.#folder).vaultRefusal
  }

  /** Oldest first. What cannot be read is left where it is, and out. */
  async list(): Promise<readonly MemberDraft[]> {
    const ids = await readdir(this.#folder).catch(() => [])
    const found = await Promise.all(ids.map((id) => this.#read(id)))
    return found.filter((draft) => draft !== undefined).sort((a, b) => a.madeAt - b.madeAt)
  }

  /** New words, told this once. */
  begin(): PhraseDraft {
    return this.#phrases.create()
  }

  forget(id: string): void {
    this.#phrases.discard(id)
  }

  /** Throws KEYSTORE_WRONG_WORDS, KEYSTORE_WEAK_PASSPHRASE and the like; nothing is left behind then. */
  async make({ words, name, passphrase, remember }: NewMemberKeys): Promise<MemberDraft> {
    const phrase = this.#phrases.check(words.id, words.answers)
    const id = randomUUID()
    const path = join(this.#folder, id)
    await ownFolder(this.#folder)
    await ownFolder(path)
    const keys = this.#keyrings.at(path)
    try {
      await keys.setUp(passphrase, remember)
      const account = await keys.import({ keyType: ACCOUNT_KEY_TYPE, scheme: 'sr25519' }, phrase, name)
      const session = await keys.importSession(SESSION_KEYS, phrase)
      const { peerId } = await loadIdentity(path, undefined)
      const member: Member = {
        name,
        stash: addressOf(account.publicKey, SS58_PREFIX),
        sessionKeys: session.map(({ keyType, publicKey }) => ({ keyType, publicKey })),
        peerId,
      }
      await writeWhole(path, MEMBER_FILE, JSON.stringify({ version: 1, madeAt: this.#clock.now(), member, proof: proofOf(member, keys) }, undefined, 2))
    } catch (error) {
      await this.#drop(path)
      throw error
    }
    this.#phrases.discard(words.id)
    this.events.emit('changed', undefined)
    return this.#require(id)
  }

  /** For good: who has the words can make them again. */
  async remove(id: string): Promise<void> {
    await this.#drop(join(this.#folder, (await this.#require(id)).id))
    this.events.emit('changed', undefined)
  }

  /** Throws where these keys are gone, or cannot be opened so. */
  async require(id: string, passphrase: string | undefined): Promise<void> {
    const keys = this.#keysOf((await this.#require(id)).id)
    await keys.open()
    if (passphrase !== undefined) return keys.keystore.unlock(passphrase)
    // Where it lies later it is opened anew: only the keyring can do that without being told.
    if (keys.remembered && keys.keystore.lockState === 'unlocked') return
    throw new NodeError<MemberDraftErrorCode>('MEMBER_KEYS_LOCKED', 'These keys are locked.', { hint: 'Enter the passphrase that they were created with.' })
  }

  /** Keystore and identity are the network's from now on; the draft is gone. */
  async moveInto(id: string, dataPath: string): Promise<void> {
    const path = join(this.#folder, (await this.#require(id)).id)
    await mkdir(dataPath, { recursive: true, mode: 0o700 })
    for (const part of MOVED) {
      const to = join(dataPath, part)
      if (existsSync(to)) throw new NodeError('MEMBER_KEYS_GONE', `${dataPath} already holds keys.`, { hint: 'Choose another folder.' })
      await this.#move(join(path, part), to)
    }
    await this.#drop(path)
    // Whoever asked for keys there before it had any.
    await this.#keyrings.drop(dataPath)
    this.events.emit('changed', undefined)
  }

  async #move(from: string, to: string): Promise<void> {
    try {
      await rename(from, to)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error
      // On another disk. A copy that is not whole is no copy.
      await cp(from, to, { recursive: true, preserveTimestamps: true }).catch(async (cause: unknown) => {
        await rm(to, { recursive: true, force: true })
        throw cause
      })
    }
  }

  async #drop(path: string): Promise<void> {
    await this.#keyrings.drop(path)
    await rm(path, { recursive: true, force: true })
  }

  async #require(id: string): Promise<MemberDraft> {
    const draft = await this.#read(id)
    if (draft !== undefined) return draft
    throw new NodeError<MemberDraftErrorCode>('MEMBER_KEYS_GONE', 'These keys are no longer on this computer.', { hint: 'Create new keys, or join with keys imported from their phrase.' })
  }

  async #read(id: string): Promise<MemberDraft | undefined> {
    if (!z.uuid().safeParse(id).success) return undefined
    const text = await readFile(join(this.#folder, id, MEMBER_FILE), 'utf8').catch(() => undefined)
    const { data } = draftSchema.safeParse(text === undefined ? undefined : parsed(text))
    if (data === undefined) return undefined
    const keys = this.#keysOf(id)
    await keys.open().catch(() => undefined)
    return { id, member: data.member, line: encodeMember(data), remembered: keys.remembered, madeAt: data.madeAt }
  }

  #keysOf(id: string): NetworkKeys {
    return this.#keyrings.at(join(this.#folder, id))
  }
}

/** Each session key signs that it is this account's. */
function proofOf({ stash, sessionKeys }: Member, { keystore }: NetworkKeys): Hex {
  const statement = ownershipStatement(stash)
  return toHex(concatBytes(...sessionKeys.map(({ keyType, publicKey }) => keystore.sign(keyType, fromHex(publicKey), statement))))
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
