/** A network key in the form in which members hand it to each other. */
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'

/** Makes a new one. Rejects where the file exists. */
export async function writeNetworkKey(path: string): Promise<void> {
  await writeFile(path, `/key/swarm/psk/1.0.0/\n/base16/\n${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flag: 'wx' })
}
