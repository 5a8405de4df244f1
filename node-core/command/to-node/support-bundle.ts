/** What `support-bundle` does: an archive of plain texts for whoever helps, made by the node without secrets, in a file that its owner alone can read. */
import { open, rename, rm } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { Admin } from '../../services/proto/nodestead/v1/admin_pb.ts'
import { CommandError } from '../definition/errors.ts'
import { bytesText } from '../terminal/quantities.ts'
import { withNode, type Caller } from './line.ts'

/** Of the name that the node gives: no path. */
const NAME = /^[A-Za-z0-9._-]{1,128}$/
/** Logs of a node have a few megabytes. */
const MAX_BYTES = 256 * 1024 * 1024

export async function saveSupportBundle(caller: Caller, word: string | undefined): Promise<undefined> {
  const { terminal } = caller
  return withNode(caller, async (line) => {
    const parts: Uint8Array[] = []
    let [name, size] = ['', 0]
    for await (const { fileName, part } of line.client(Admin).supportBundle({}, line.options)) {
      if (name === '') name = NAME.test(fileName) ? basename(fileName) : 'nodestead-support.tar.gz'
      parts.push(part)
      size += part.length
      if (size > MAX_BYTES) throw new CommandError('DATA_INVALID', `The bundle is larger than ${bytesText(MAX_BYTES)}.`)
    }
    const path = resolve(word ?? name)
    await write(path, Buffer.concat(parts))
    terminal.result({ path, bytes: size }, terminal.sheet.isScreen ? `${path}, ${bytesText(size)}. Look through it before you hand it on.` : `${path}\t${size}`)
    return undefined
  })
}

/** Beside its place first, so that nobody takes a part for the whole. */
async function write(path: string, bytes: Uint8Array): Promise<void> {
  const part = `${path}.part`
  try {
    await rm(part, { force: true })
    const file = await open(part, 'wx', 0o600)
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(part, path)
  } catch (error) {
    await rm(part, { force: true }).catch(() => undefined)
    const { code = String(error) } = error as NodeJS.ErrnoException
    throw new CommandError('FILE_UNWRITABLE', `${path} cannot be written (${code}).`, { hint: 'Name another place.', cause: error })
  }
}
