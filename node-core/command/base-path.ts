/** Where data is kept where nobody says. Read at every start, so it is small. */
import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where data is kept unless --base-path says otherwise. */
export function defaultBasePath(platform = process.platform, env: NodeJS.ProcessEnv = process.env): string {
  if (platform === 'win32') return join(env['APPDATA'] ?? join(homedir(), 'AppData', 'Roaming'), 'nodestead')
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'nodestead')
  return join(env['XDG_DATA_HOME'] ?? join(homedir(), '.local', 'share'), 'nodestead')
}
