/**
 * Test workers that do not meet: each in a network namespace with nothing in it but loopback, and on a virtual display of its
 * own. So the same ports are free to all of them, the clipboard belongs to one at a time, nodes of the same chain do not find each
 * other, and nothing that they do reaches anybody. Only root on Linux can make such namespaces.
 */
import { join } from 'node:path'
import { hasCommand, ROOT } from './terminal.ts'

export function canIsolate(): boolean {
  return process.platform === 'linux' && process.getuid?.() === 0 && ['unshare', 'ip', 'xvfb-run'].every(hasCommand)
}

/** From now on what this process forks begins isolated: that is how Playwright starts its workers. */
export function isolateForks(): void {
  process.env['NODESTEAD_NODE'] = process.execPath
  process.execPath = join(ROOT, 'build', 'isolated-node.sh')
}

/** True in such a fork. */
export function isIsolated(): boolean {
  return process.env['NODESTEAD_ISOLATED'] !== undefined
}
