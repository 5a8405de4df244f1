/**
 * The network's own key: 32 bytes that all members share. With it every connection is encrypted once more, from its first byte on, so that who does
 * not have the key learns nothing and says nothing (libp2p spec, private networks). The file is the one that other implementations use:
 * `/key/swarm/psk/1.0.0/`, `/base16/`, and 64 hexadecimal digits, a line each.
 */
import { chmod } from 'node:fs/promises'
import { utf8 } from '../../base/bytes.ts'
import { errorMessage, NodeError } from '../../base/errors.ts'
import { readBounded } from './bounded-file.ts'

export type NetworkKeyErrorCode = 'NETWORK_KEY_UNREADABLE' | 'NETWORK_KEY_INVALID'

const HEADER = '/key/swarm/psk/1.0.0/\n/base16/\n'
const FORM = /^\/key\/swarm\/psk\/1\.0\.0\/\r?\n\/base16\/\r?\n[0-9a-fA-F]{64}\s*$/

const MAX_BYTES = 4096

/** The key in the form in which libp2p takes it. The file is made readable for its owner only. Nothing of the key is in an error. */
export async function readNetworkKey(path: string): Promise<Uint8Array> {
  const text = await checkedText(path)
  await chmod(path, 0o600).catch((error: unknown) => {
    throw unreadable(path, error)
  })
  return utf8(HEADER + text.slice(-64))
}

/** Whether the file is a network key; it is left as it is. Rejects as {@link readNetworkKey} does. */
export async function checkNetworkKey(path: string): Promise<void> {
  await checkedText(path)
}

async function checkedText(path: string): Promise<string> {
  let text: string
  try {
    text = (await readBounded(path, MAX_BYTES)).toString('latin1')
  } catch (error) {
    throw unreadable(path, error)
  }
  if (!FORM.test(text)) {
    throw new NodeError<NetworkKeyErrorCode>('NETWORK_KEY_INVALID', `The file ${path} is no network key.`, { hint: 'It has three lines: /key/swarm/psk/1.0.0/, /base16/ and 64 hexadecimal digits. Copy it anew from a member of the network.', data: { path } })
  }
  return text.trim()
}

function unreadable(path: string, error: unknown): NodeError<NetworkKeyErrorCode> {
  return new NodeError('NETWORK_KEY_UNREADABLE', `The network key ${path} cannot be read: ${errorMessage(error)}.`, { hint: 'Check --network-key-file, and that the file belongs to this user.', data: { path }, cause: error })
}
