/**
 * The file of what the user opened, in the node's data folder. Whoever may write it opens this computer's programs to others, so it is treated like a key: its
 * owner's alone, and refused where others can read or write it. What cannot be read opens nothing.
 */
import { join } from 'node:path'
import { z } from 'zod'
import { errorMessage } from '../../base/errors.ts'
import { readPrivate, type PrivateFileFault } from '../../base/private-file.ts'
import { ownFolder, writeWhole } from '../../base/whole-file.ts'
import { LinkError } from './errors.ts'
import { MAX_IP_ADDRESSES, MAX_IP_PEERS } from './ip/rule.ts'
import { checkedRules, MAX_FORWARDS, MAX_OPENINGS, MAX_PEERS, NO_RULES, type LinkRules } from './rules.ts'

const FILE = 'link.json'
/** More than all the openings that there may be, with all their peers. */
const MAX_BYTES = 4 * 1024 * 1024

const port = z.int().min(1).max(0xffff)
const schema = z.strictObject({
  version: z.literal(1),
  openings: z.array(z.strictObject({ port, name: z.string().optional(), peers: z.array(z.string()).max(MAX_PEERS), target: z.strictObject({ host: z.string(), port }), relayed: z.boolean() })).max(MAX_OPENINGS),
  forwards: z.array(z.strictObject({ localPort: port, peer: z.string(), wanted: z.union([z.strictObject({ port }), z.strictObject({ name: z.string() })]), relayed: z.boolean() })).max(MAX_FORWARDS),
  socks: z.strictObject({ localPort: port, relayed: z.boolean(), passwordHash: z.string().regex(/^[0-9a-f]{64}$/).optional() }).optional(),
  ip: z.strictObject({ device: z.string(), peers: z.array(z.strictObject({ peer: z.string(), addresses: z.array(z.string()).max(MAX_IP_ADDRESSES), relayed: z.boolean() })).max(MAX_IP_PEERS) }).optional(),
})

export class RulesFile {
  readonly path: string
  readonly #folder: string
  readonly #platform: NodeJS.Platform

  constructor(folder: string, platform: NodeJS.Platform = process.platform) {
    this.#folder = folder
    this.#platform = platform
    this.path = join(folder, FILE)
  }

  /** No rules where there is no file. Rejects NET_LINK_FILE_INVALID and NET_LINK_FILE_OPEN. */
  async read(): Promise<LinkRules> {
    try {
      const refuse = (fault: PrivateFileFault): Error => (fault === 'open' ? this.#open() : new Error('it is no file of this kind'))
      const text = await readPrivate(this.path, { maxBytes: MAX_BYTES, refuse, platform: this.#platform })
      return text === undefined ? NO_RULES : checkedRules(schema.parse(JSON.parse(text)))
    } catch (error) {
      if (error instanceof LinkError && error.code === 'NET_LINK_FILE_OPEN') throw error
      throw new LinkError('NET_LINK_FILE_INVALID', `The private links in ${this.path} cannot be read: ${errorMessage(error)}`, {
        hint: 'Delete the file and open the links again; until then none is open.',
        data: { path: this.path },
        cause: error,
      })
    }
  }

  async write(rules: LinkRules): Promise<void> {
    await ownFolder(this.#folder)
    await writeWhole(this.#folder, FILE, JSON.stringify({ version: 1, ...rules }, undefined, 1))
  }

  #open(): LinkError {
    return new LinkError('NET_LINK_FILE_OPEN', `Other users can read or change the private links in ${this.path}.`, {
      hint: 'Make the file private (chmod 600) if nobody else can have changed it; otherwise delete it and open the links again.',
      data: { path: this.path },
    })
  }
}
