/**
 * Opening the app when the person logs in, hidden in the tray. macOS and Windows have a setting for it; on Linux a desktop
 * file in the autostart folder does it (freedesktop.org, "Desktop Application Autostart Specification").
 */
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'

export const HIDDEN_FLAG = '--hidden'

export interface LoginItems {
  readonly platform: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** What is started: an AppImage, the installed program, or Electron with the app's folder. */
  readonly command: readonly string[]
  /** The system's own setting. */
  readonly setLoginItem: (item: { readonly openAtLogin: boolean; readonly args: string[] }) => void
}

export async function launchAtLogin(on: boolean, { platform, env, command, setLoginItem }: LoginItems): Promise<void> {
  if (platform !== 'linux') return setLoginItem({ openAtLogin: on, args: [...command.slice(1), HIDDEN_FLAG] })
  const folder = join(absolute(env['XDG_CONFIG_HOME']) ?? join(homedir(), '.config'), 'autostart')
  const file = join(folder, 'nodestead.desktop')
  if (!on) return rm(file, { force: true })
  await mkdir(folder, { recursive: true })
  await writeFile(file, desktopEntry([...command, HIDDEN_FLAG]))
}

export function desktopEntry(command: readonly string[]): string {
  return `[Desktop Entry]
Type=Application
Name=Nodestead
Exec=${command.map(quoted).join(' ')}
Terminal=false
X-GNOME-Autostart-enabled=true
`
}

/** Quoted as the Desktop Entry Specification has it: within quotes `"`, `` ` ``, `$` and `\` are escaped, and that once more as a string; `%` doubles. */
function quoted(argument: string): string {
  const inner = argument.replace(/["`$\\]/g, '\\$&').replaceAll('\\', '\\\\').replaceAll('%', '%%')
  return `"${inner}"`
}

/** A relative path is to be ignored, says the Base Directory Specification. */
function absolute(path: string | undefined): string | undefined {
  return path?.startsWith('/') === true ? path : undefined
}
