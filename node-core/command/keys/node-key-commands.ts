/** What `key generate-node-key` and `key inspect-node-key` do, in the forms of Substrate: 64 hexadecimal digits, or 32 raw bytes. */
import { randomBytes } from 'node:crypto'
import { open, readFile } from 'node:fs/promises'
import { toHex } from '../../base/bytes.ts'
import { errorMessage } from '../../base/errors.ts'
import { NodeIdentity } from '../../network/host/identity.ts'
import { CommandError } from '../definition/errors.ts'
import { nodeKeyIn } from '../node-key.ts'
import type { Terminal } from '../terminal/terminal.ts'

interface Values {
  readonly file?: string
  readonly bin?: true
}

const MAX_INPUT = 1024

export async function generateNodeKey({ file, bin }: Values, terminal: Terminal): Promise<undefined> {
  const seed = new Uint8Array(randomBytes(32))
  const digits = toHex(seed).slice(2)
  const { peerId } = new NodeIdentity(seed)
  if (file === undefined) {
    if (bin === true) throw new CommandError('OPTIONS_INVALID', '--bin goes with --file alone: bytes on a screen are of no use.', { hint: 'See --help for what there is.' })
    terminal.result({ peerId, nodeKey: digits }, digits)
  } else {
    await writeNew(file, bin === true ? seed : digits)
    terminal.result({ peerId, file }, '')
  }
  terminal.note(peerId)
  return undefined
}

export async function inspectNodeKey({ file }: Values, terminal: Terminal): Promise<undefined> {
  const content = file === undefined ? Buffer.from(await terminal.readInput(MAX_INPUT)) : await read(file)
  const seed = new Uint8Array(Buffer.from(nodeKeyIn(content, file ?? 'standard input'), 'hex'))
  const { peerId } = new NodeIdentity(seed)
  terminal.result({ peerId }, peerId)
  return undefined
}

/** For its owner alone; an old key is not written over: with it the node's name would be gone. */
async function writeNew(path: string, content: string | Uint8Array): Promise<void> {
  try {
    const file = await open(path, 'wx', 0o600)
    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
  } catch (error) {
    const isThere = (error as NodeJS.ErrnoException).code === 'EEXIST'
    throw new CommandError('DATA_INVALID', isThere ? `The file ${path} is there already.` : `The file ${path} cannot be written: ${errorMessage(error)}.`, { hint: isThere ? 'Name another one, or remove it.' : 'Choose a folder that you can write to.' })
  }
}

async function read(path: string): Promise<Uint8Array> {
  return readFile(path).catch((error: unknown) => {
    throw new CommandError('DATA_INVALID', `The file ${path} cannot be read: ${errorMessage(error)}.`, { hint: 'Correct --file.' })
  })
}
